import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ActItem, ActsAnswer, NewAccountAnswer } from './contract-access.ts'
import type { HandlingAnswer } from './contract-handling.ts'
import { type Answer, codeOf, cookieOf, startTestApi, TEST_PASSWORD, type TestApi } from './test-api.ts'
import { AGENT, addComputer, mediaViolation } from './test-data.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let test: TestApi
let system: string
let security: string
let second: string
let auditor: string
let violation: number
beforeAll(async () => {
  test = await startTestApi()
  await addComputer(test)
  system = await test.signIn('sys-admin')
  security = await test.signIn('sec-admin')
  second = await test.join('chen', 'sec-admin')
  auditor = await test.signIn('auditor')
  const made = { ...mediaViolation(1, 'stick', 1), epoch: null, seq: null }
  violation = (await test.store.addViolation(AGENT, made, test.clock.now))?.id ?? 0
})
afterAll(() => test[Symbol.asyncDispose]())

const post = (cookie: string, path: string, body: object) => test.call('POST', path, { cookie, body })
const open = async (cookie: string) =>
  (await test.call('GET', '/api/acts?state=open', { cookie })).json as ActsAnswer
const agree = (cookie: string, { id, hash }: Pick<ActItem, 'id' | 'hash'>): Promise<Answer> =>
  post(cookie, `/api/acts/${id}/agree`, { hash, reason: '' })
const newAccount = (name: string, role: string, person: string, department: string | null = null) =>
  post(system, '/api/accounts', { name, role, person, department, reason: 'joins' })

describe('an account', () => {
  it('is made by the system administrator, and its password is nowhere but in the answer', async () => {
    const answer = await newAccount('qian', 'viewer', 'Qian')
    const { password, account, proposal } = answer.json as NewAccountAnswer
    expect([account.state, typeof proposal]).toEqual(['waiting', 'number'])
    const trail = JSON.stringify(await test.store.actions({ limit: 50 }))
    expect(trail).toContain('qian')
    expect(trail + test.logged.join()).not.toContain(password)
    const listed = await test.call('GET', '/api/accounts', { cookie: auditor })
    expect(listed.text).not.toContain(password)
    expect(listed.text).not.toContain('argon2')
    // Who only reads is vouched for by a second person, too: until then nobody signs in.
    const body = { name: 'qian', password }
    expect((await test.call('POST', '/api/session', { body })).status).not.toBe(200)
    const act = (await open(security)).acts.find(({ id }) => id === proposal)
    if (act === undefined) throw new Error('nothing waits')
    expect((await agree(security, act)).status).toBe(200)
    expect((await test.call('POST', '/api/session', { body })).status).toBe(200)
  })

  it('that is disabled is out at once: its open session, and its next sign-in', async () => {
    const cookie = await test.join('gone', 'viewer')
    expect((await test.call('GET', '/api/computers', { cookie })).status).toBe(200)
    await post(system, '/api/accounts/gone/disable', { reason: 'has left' })
    expect((await test.call('GET', '/api/computers', { cookie })).status).toBe(401)
    const again = await test.call('POST', '/api/session', {
      body: { name: 'gone', password: TEST_PASSWORD },
    })
    expect(again.status).not.toBe(200)
    const [newest] = (await test.store.actions({ limit: 20 })).filter(
      ({ action }) => action === 'account-disable',
    )
    expect(newest).toMatchObject({ account: 'wang', object: 'gone' })
  })

  it('is told its role, what it may and the department that it sees', async () => {
    const cookie = await test.signIn('custodian')
    const { json } = await test.call('GET', '/api/session', { cookie })
    expect(json).toMatchObject({ role: 'custodian', department: 'Finance' })
    expect((json as { permissions: string[] }).permissions).toContain('violations.read')
    const other = await test.call('GET', '/api/session', { cookie: system })
    expect(other.json).toMatchObject({ role: 'sys-admin', department: null })
  })

  it('of somebody who may not hold both roles is refused, and the refusal is on record', async () => {
    expect(codeOf(await newAccount('double', 'auditor', ' LI '))).toBe('role-conflict')
    const [newest] = await test.store.actions({ limit: 1 })
    expect(newest).toMatchObject({
      action: 'account-make-refused',
      object: 'double',
      detail: 'role-conflict',
    })
  })
})

describe('what two people must want', () => {
  it('is not asked for, nor agreed to, by an account behind which nobody is named', async () => {
    const ghost = { name: 'ghost', role: 'sec-admin', mustChange: false, failures: 0 } as const
    const { passwordHash = '' } = (await test.store.account('li')) ?? {}
    await test.store.addAccount({ ...ghost, passwordHash, lockedUntil: null, createdAt: test.clock.now })
    const body = { name: 'ghost', password: TEST_PASSWORD }
    const cookie = cookieOf(await test.call('POST', '/api/session', { body }))
    await post(security, '/api/isolations', { agents: [AGENT], act: 'isolate', reason: 'seen' })
    const release = { agents: [AGENT], act: 'release', reason: 'clean' }
    const asked = await post(cookie, '/api/isolations', release)
    expect([asked.status, codeOf(asked)]).toEqual([403, 'second-person-needed'])
    await post(security, '/api/isolations', release)
    const [act] = (await open(cookie)).acts
    if (act === undefined) throw new Error('nothing waits')
    expect([act.whyNot, act.may.agree]).toEqual(['no-person', false])
    expect(codeOf(await agree(cookie, act))).toBe('second-person-needed')
    expect(codeOf(await agree(security, act))).toBe('second-person-needed')
    expect((await agree(second, act)).status).toBe(200)
  })

  it('waits for the second one, who sees it counted; nobody else decides', async () => {
    const { proposal } = (await newAccount('zheng', 'sec-admin', 'Zheng')).json as NewAccountAnswer
    const before = await open(security)
    const act = before.acts.find(({ id }) => id === proposal)
    if (act === undefined) throw new Error('nothing waits')
    expect(act).toMatchObject({ act: 'role-change', askedBy: 'wang', may: { agree: true, withdraw: false } })
    expect(before.waiting).toBe(1)
    expect((await open(system)).waiting).toBe(0)
    expect((await open(system)).acts[0]).toMatchObject({ may: { agree: false, withdraw: true } })
    // The auditor sees it and has no say; who has nothing to do with it does not see it.
    expect((await open(auditor)).acts.map(({ id }) => id)).toContain(proposal)
    expect(codeOf(await agree(auditor, act))).toBe('not-permitted')
    expect(codeOf(await agree(system, act))).toBe('not-permitted')
    const agreed = (await agree(security, act)).json as ActItem
    expect(agreed).toMatchObject({ decision: { kind: 'agreed', by: 'li' }, outcome: { result: 'done' } })
    expect(codeOf(await agree(second, act))).toBe('edit-conflict')
    expect((await test.store.account('zheng'))?.state).toBe('active')
  })

  it('shows the system administrator no violation, by list or by number', async () => {
    const handling = `/api/violations/${violation}/handling`
    await post(security, handling, { kind: 'confirm', reason: 'seen', after: null })
    const { steps } = (await test.call('GET', handling, { cookie: security })).json as HandlingAnswer
    const asked = await post(security, handling, {
      ...{ kind: 'close', reason: 'put right', after: steps.at(-1)?.id ?? null },
      disposition: 'education',
    })
    expect(asked.json).toMatchObject({ state: 'confirmed', open: [{ act: 'violation-close-serious' }] })
    const [act] = (await open(second)).acts
    if (act === undefined) throw new Error('nothing waits')
    expect((await open(system)).acts).toEqual([])
    expect((await test.call('GET', `/api/acts/${act.id}`, { cookie: system })).status).toBe(404)
    expect((await agree(system, act)).status).toBe(404)
    expect((await agree(second, act)).status).toBe(200)
    const after = await test.call('GET', handling, { cookie: auditor })
    expect(after.json).toMatchObject({
      state: 'closed',
      open: [],
      next: [{ kind: 'reopen' }, { kind: 'comment' }],
    })
  })

  it('ends the sessions of an account whose role it changes', async () => {
    const cookie = await test.join('mover', 'viewer')
    const asked = await post(system, '/api/accounts/mover/role', {
      ...{ role: 'custodian', department: 'Finance', reason: 'moves' },
    })
    expect(asked.status).toBe(200)
    const [act] = (await open(security)).acts
    if (act === undefined) throw new Error('nothing waits')
    expect((await test.call('GET', '/api/overview', { cookie })).status).toBe(200)
    await agree(security, act)
    expect((await test.call('GET', '/api/overview', { cookie })).status).toBe(401)
    expect(await test.store.account('mover')).toMatchObject({ role: 'custodian', department: 'Finance' })
  })

  it('is refused or withdrawn with a reason that stays', async () => {
    const { proposal } = (await newAccount('later', 'auditor', 'Later')).json as NewAccountAnswer
    expect(codeOf(await post(security, `/api/acts/${proposal}/refuse`, { reason: ' ' }))).toBe(
      'invalid-request',
    )
    const refused = await post(security, `/api/acts/${proposal}/refuse`, { reason: 'no paper' })
    expect(refused.json).toMatchObject({ decision: { kind: 'refused', by: 'li', reason: 'no paper' } })
    const again = await post(system, '/api/accounts/later/role', {
      ...{ role: 'auditor', department: null, reason: 'with paper' },
    })
    const { proposal: next } = again.json as { proposal: number }
    const withdrawn = await post(system, `/api/acts/${next}/withdraw`, { reason: 'my mistake' })
    expect(withdrawn.json).toMatchObject({ decision: { kind: 'withdrawn' } })
    expect((await test.store.account('later'))?.state).toBe('waiting')
  })
})
