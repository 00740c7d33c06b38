import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ViolationItem, ViolationsAnswer } from './contract.ts'
import type { BulkAnswer, HandlingAnswer, NewExceptionAnswer } from './contract-handling.ts'
import { codeOf, startTestApi, TEST_DEPARTMENT, type TestApi } from './test-api.ts'
import { AGENT, addComputer } from './test-data.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let test: TestApi
let security: string
let second: string
let custodian: string
let stranger: string
let last = 0

beforeAll(async () => {
  test = await startTestApi()
  security = await test.signIn('sec-admin')
  second = await test.join('chen', 'sec-admin')
  custodian = await test.signIn('custodian')
  stranger = await test.join('qian', 'custodian', 'Archive')
  await addComputer(test)
  const by = { at: test.clock.now, account: 'li', reason: 'given' }
  await test.store.setDepartment(AGENT, TEST_DEPARTMENT, by)
})
afterAll(() => test[Symbol.asyncDispose]())

async function happen(serial: string, severity: 'critical' | 'high' | 'low'): Promise<number> {
  last += 1
  const receiver = { busPath: null, vendorId: '046d', productId: 'c52b', serial, model: null }
  const row = await test.store.addViolation(
    AGENT,
    {
      ...{ key: `k${last}`, type: 'wireless-input-device', severity, level: 'secret', policyVersion: 1 },
      ...{ epoch: null, seq: null, occurredAt: test.clock.now },
      evidence: JSON.stringify({ receiver, outcome: 'blocked' }),
    },
    test.clock.now,
  )
  return row?.id ?? 0
}
const post = (cookie: string, path: string, body: unknown) => test.call('POST', path, { cookie, body })
const attach = (cookie: string, id: number, name: string, bytes: string) =>
  test.call('POST', `/api/violations/${id}/attachments?name=${encodeURIComponent(name)}`, {
    cookie,
    bytes,
    headers: { 'content-type': 'application/octet-stream' },
  })

describe('a step', () => {
  it('that does not follow is refused with what may, and a closing that does not say what came of it', async () => {
    const path = `/api/violations/${await happen('A', 'low')}/handling`
    const early = await post(security, path, { kind: 'close', reason: 'done', after: null })
    expect([early.status, codeOf(early)]).toEqual([409, 'edit-conflict'])
    expect(early.text).toContain('acknowledge, confirm, false-positive, comment')
    const { steps } = (await post(security, path, { kind: 'confirm', reason: 'seen', after: null }))
      .json as HandlingAnswer
    const after = steps.at(-1)?.id ?? null
    expect(codeOf(await post(security, path, { kind: 'close', reason: 'done', after }))).toBe(
      'invalid-request',
    )
    const closed = await post(security, path, {
      kind: 'close',
      reason: 'done',
      after,
      disposition: 'warning',
    })
    expect(closed.json).toMatchObject({ state: 'closed', disposition: 'warning' })
    const newest = (closed.json as HandlingAnswer).steps.at(-1)?.id ?? null
    const opened = await post(security, path, { kind: 'reopen', reason: 'new facts', after: newest })
    expect(opened.json).toMatchObject({ state: 'confirmed', disposition: 'warning' })
  })

  it('taken on many leaves those that somebody took up meanwhile, and is taken back', async () => {
    const [one, two] = [await happen('B-1', 'low'), await happen('B-2', 'low')]
    await post(second, `/api/violations/${two}/handling`, { kind: 'confirm', reason: 'mine', after: null })
    const body = {
      kind: 'acknowledge',
      reason: '',
      violations: [one, two].map((id) => ({ id, after: null })),
    }
    const { done, left } = (await post(security, '/api/violations/steps', body)).json as BulkAnswer
    expect([done.map(({ id }) => id), left]).toEqual([[one], [{ id: two, code: 'edit-conflict' }]])
    const undo = {
      kind: 'unacknowledge',
      reason: '',
      violations: done.map(({ id, step }) => ({ id, after: step })),
    }
    expect((await post(security, '/api/violations/steps', undo)).json).toMatchObject({ left: [] })
    expect((await test.store.violation(one))?.standing?.state).toBe('detected')
  })
})

describe('a violation', () => {
  it('is assigned to who handles violations, and stands in the list of that account', async () => {
    const id = await happen('C', 'low')
    const to = (account: string) =>
      post(security, `/api/violations/${id}/assignee`, { account, reason: '', after: null })
    expect(codeOf(await to('zhao'))).toBe('invalid-request')
    expect((await to('chen')).json).toMatchObject({ assignee: 'chen' })
    const mine = await test.call('GET', '/api/violations?assignee=me', { cookie: second })
    expect((mine.json as ViolationsAnswer).violations.map((one: ViolationItem) => one.id)).toEqual([id])
  })

  it('carries a file of any name, which leaves as bytes to be saved and nothing else', async () => {
    const id = await happen('D', 'low')
    const name = '"><script>\u202egpj.exe'
    const added = await attach(security, id, name, 'MZ program')
    const hash = createHash('sha256').update('MZ program').digest('hex')
    expect(added.json).toMatchObject({ name, type: 'program', hash, bytes: 10, account: 'li' })
    expect(codeOf(await attach(security, id, 'again', 'MZ program'))).toBe('edit-conflict')
    expect(codeOf(await attach(security, id, 'empty', ''))).toBe('invalid-request')
    expect(codeOf(await attach(custodian, id, 'x', 'x'))).toBe('not-permitted')
    const path = `/api/violations/${id}/attachments/${(added.json as { id: number }).id}`
    const got = await test.call('GET', path, { cookie: custodian })
    expect([got.text, got.headers['content-type']]).toEqual(['MZ program', 'application/octet-stream'])
    expect(got.headers['content-disposition']).toMatch(
      /^attachment; filename="violation-\d+-attachment-\d+\.bin"$/,
    )
    expect(got.headers['x-content-type-options']).toBe('nosniff')
    expect((await test.call('GET', path, { cookie: stranger })).status).toBe(404)
    const noted = await test.store.actions({ limit: 20 })
    expect(noted.some(({ action, detail }) => action === 'violation-attach' && detail.includes(hash))).toBe(
      true,
    )
  })

  it('is asked about by a form, entered once, by its own department alone', async () => {
    const id = await happen('E', 'low')
    const dueAt = test.clock.now + 86_400_000
    const asked = await post(security, `/api/violations/${id}/statement-requests`, {
      ...{ person: 'Zhou', question: 'Why?', dueAt },
    })
    const { code } = asked.json as { code: string }
    const statement = { code, writer: 'Zhou', writtenAt: test.clock.now, text: 'It was borrowed.' }
    expect((await post(stranger, '/api/statements', statement)).status).toBe(404)
    expect((await test.call('GET', `/api/statement-requests/${code}`, { cookie: stranger })).status).toBe(404)
    const open = await test.call('GET', '/api/statement-requests', { cookie: stranger })
    expect(open.json).toEqual({ requests: [] })
    expect((await post(custodian, '/api/statements', statement)).json).toMatchObject({ account: 'sun' })
    const again = { ...statement, text: 'It was not.' }
    expect(codeOf(await post(security, '/api/statements', again))).toBe('edit-conflict')
    const handling = await test.call('GET', `/api/violations/${id}/handling`, { cookie: custodian })
    expect((handling.json as HandlingAnswer).statements).toMatchObject([{ text: 'It was borrowed.' }])
  })
})

describe('an exception', () => {
  it('has an end and a reason, is shown on what it covers, and is taken back', async () => {
    const id = await happen('F', 'low')
    const path = `/api/violations/${id}/exception`
    const day = 86_400_000
    const until = test.clock.now + day
    expect(codeOf(await post(security, path, { until: test.clock.now + 91 * day, reason: 'x' }))).toBe(
      'invalid-request',
    )
    expect((await post(security, path, { until, reason: ' ' })).status).toBe(400)
    const made = (await post(security, path, { until, reason: 'approved' })).json as NewExceptionAnswer
    const covered = await happen('F', 'low')
    const list = async () =>
      (await test.call('GET', '/api/violations?excepted=yes&repeats=one', { cookie: security }))
        .json as ViolationsAnswer
    expect((await list()).violations).toMatchObject([
      { id: covered, standing: { exception: { id: made.exception?.id, until }, isLive: false } },
    ])
    const revoke = `/api/exceptions/${made.exception?.id}/revoke`
    expect((await post(security, revoke, { reason: 'returned' })).status).toBe(200)
    expect(codeOf(await post(security, revoke, { reason: 'returned' }))).toBe('edit-conflict')
    expect((await test.store.violation(await happen('F', 'low')))?.standing?.exception).toBeNull()
  })

  it('for what may be a leak is in force once a second person has agreed', async () => {
    const id = await happen('G', 'critical')
    const until = test.clock.now + 86_400_000
    const asked = await post(security, `/api/violations/${id}/exception`, { until, reason: 'approved' })
    const { proposal, exception } = asked.json as NewExceptionAnswer
    expect(exception).toBeNull()
    expect((await test.store.violation(await happen('G', 'critical')))?.standing?.exception).toBeNull()
    const act = await test.store.proposal(proposal ?? 0)
    const agreed = await post(second, `/api/acts/${proposal}/agree`, { hash: act?.hash, reason: '' })
    expect(agreed.json).toMatchObject({ outcome: { result: 'done' } })
    expect((await test.store.violation(await happen('G', 'critical')))?.standing?.exception).toMatchObject({
      until,
    })
  })
})

describe('a saved view', () => {
  it('is one’s own', async () => {
    const view = { name: 'mine', address: 'state=detected&assignee=me' }
    expect((await post(security, '/api/saved-views', view)).status).toBe(200)
    expect(codeOf(await post(security, '/api/saved-views', view))).toBe('edit-conflict')
    expect((await test.call('GET', '/api/saved-views', { cookie: second })).json).toEqual({ views: [] })
    const own = (await test.call('GET', '/api/saved-views', { cookie: security })).json as {
      views: { id: number }[]
    }
    const path = `/api/saved-views/${own.views[0]?.id}`
    expect((await test.call('DELETE', path, { cookie: second })).status).toBe(404)
    expect((await test.call('DELETE', path, { cookie: security })).status).toBe(204)
  })
})
