import { createHash } from 'node:crypto'
import { genesisHead, headAfter } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Computer, Overview, RecordsAnswer, ViolationDetail, ViolationsAnswer } from './contract.ts'
import { startTestApi, type TestApi } from './test-api.ts'
import { AGENT, addComputer, appendFacts, EPOCH, insertion, mediaViolation } from './test-data.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

/** What a stick may call itself: markup, quotes, a bidirectional override, controls, a line separator. */
const hostile = '</script><img src=x onerror=alert(1)>"\'`\u202Eexe.\u0000\u001b[31m\u2028\\ 秘密'

let test: TestApi
let cookie: string
let at: number
beforeAll(async () => {
  test = await startTestApi()
  at = test.clock.now
  cookie = await test.signIn('sec-admin')
  await addComputer(test)
  const minute = 60_000
  await appendFacts(test.store, {
    facts: [insertion('long before')],
    wallMs: at - 30 * minute,
    receivedAt: at - 30 * minute,
  })
  await appendFacts(test.store, {
    facts: [insertion('before')],
    wallMs: at - 5 * minute,
    receivedAt: at - 5 * minute,
  })
  const violations = (seq: number) => [mediaViolation(seq, hostile, at)]
  await appendFacts(test.store, { facts: [insertion(hostile)], wallMs: at, receivedAt: at + 200, violations })
  await appendFacts(test.store, {
    facts: [insertion('late')],
    wallMs: at + 60 * minute,
    receivedAt: at + 60 * minute,
  })
  // A clock set ahead: near by receipt alone.
  await appendFacts(test.store, {
    facts: [insertion('clock ahead')],
    wallMs: at + 9e9,
    receivedAt: at + minute,
  })
})
afterAll(() => test[Symbol.asyncDispose]())

const get = async <T>(path: string): Promise<T> => {
  const answer = await test.call('GET', path, { cookie })
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.anything()])
  return answer.json as T
}

describe('the list of violations', () => {
  it('tells each in one sentence of two languages, and hides nothing that a name contains', async () => {
    const answer = await test.call('GET', '/api/violations', { cookie })
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    expect(answer.headers['cache-control']).toBe('no-store')
    const { violations, counts, nextBefore } = answer.json as ViolationsAnswer
    expect(counts).toEqual([{ severity: 'high', count: 1 }])
    expect(nextBefore).toBeNull()
    expect(violations[0]?.headline.zh).toContain('JM-0231')
    expect(violations[0]?.headline.en).toContain('JM-0231')
    expect(violations[0]?.headline.zh).not.toContain('\u202E')
  })

  it('filters by what it is asked, and refuses a filter that it does not know', async () => {
    const found = async (query: string) =>
      (await get<ViolationsAnswer>(`/api/violations?${query}`)).violations.length
    expect(
      await found('severity=high,low&type=unregistered-media-inserted&level=confidential&agent=agent-1'),
    ).toBe(1)
    expect(await found('severity=critical')).toBe(0)
    expect(await found(`from=${at + 1_000}`)).toBe(0)
    for (const query of [
      'severity=grave',
      'type=__proto__',
      'limit=0',
      'limit=201',
      'limit=1e2',
      'limit=%201',
      'before=-1',
      'severity=high&severity=low',
      'fro=1',
    ]) {
      expect([(await test.call('GET', `/api/violations?${query}`, { cookie })).status, query]).toEqual([
        400,
        query,
      ])
    }
    expect((await test.call('GET', '/api/violations?fro=1', { cookie })).text).toContain('fro')
  })
})

describe('one violation', () => {
  it('comes with evidence, legal basis, decision and a proof computed from the stored bytes', async () => {
    const { violation, catalogue, evidence, proof, decision, timeline, isTimelineWhole } =
      await get<ViolationDetail>('/api/violations/1')
    expect(violation).toMatchObject({
      id: 1,
      type: 'unregistered-media-inserted',
      severity: 'high',
      endedAt: null,
    })
    expect(catalogue.number).toBe(14)
    expect(catalogue.basis.length).toBeGreaterThan(0)
    expect(evidence).toMatchObject({ device: { product: hostile } })
    expect(decision).toEqual({ outcome: 'detected', would: 'block', rule: 'unregistered-media-inserted' })
    expect(proof?.isVerified).toBe(true)
    expect(proof?.seq).toBe(3)
    const head = headAfter(
      Buffer.from(proof?.headBefore ?? '', 'hex'),
      3,
      Buffer.from(proof?.raw ?? ''),
      'sha-256',
    )
    expect(head.toString('hex')).toBe(proof?.head)
    expect(timeline.map(({ seq }) => seq)).toEqual([2, 3, 5])
    expect(isTimelineWhole).toBe(true)
  })

  it('leaves a note of who read it', async () => {
    await get('/api/violations/1')
    const [newest] = await test.store.actions({ limit: 1 })
    expect(newest).toMatchObject({ account: 'li', action: 'violation-read', object: '1' })
  })

  it('is not found where there is none, and refused where the number is none', async () => {
    expect((await test.call('GET', '/api/violations/99', { cookie })).status).toBe(404)
    for (const id of ['0', '-1', '1.5', '1e3', '%00', 'x', '9'.repeat(30)]) {
      expect([(await test.call('GET', `/api/violations/${id}`, { cookie })).status, id]).toEqual([400, id])
    }
  })
})

describe('records', () => {
  it('come newest first in pages that miss none', async () => {
    const seen: number[] = []
    let before: string | null = null
    do {
      const page: RecordsAnswer = await get<RecordsAnswer>(
        `/api/computers/${AGENT}/records?limit=2${before === null ? '' : `&before=${before}`}`,
      )
      seen.push(...page.records.map(({ seq }) => seq))
      before = page.nextBefore
    } while (before !== null)
    expect(seen).toEqual([4, 5, 3, 2, 1])
  })

  it('give the very bytes, as a file that no browser opens', async () => {
    const answer = await test.call('GET', `/api/records/${AGENT}/${EPOCH}/3/raw`, { cookie })
    expect(answer.headers['content-type']).toBe('application/octet-stream')
    expect(answer.headers['content-disposition']).toBe('attachment; filename="record-3.json"')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    const stored = await test.store.record(AGENT, EPOCH, 3)
    expect(createHash('sha256').update(answer.bytes).digest('hex')).toBe(
      createHash('sha256')
        .update(stored?.raw ?? '')
        .digest('hex'),
    )
    expect((await test.store.actions({ limit: 1 }))[0]?.action).toBe('record-raw-read')
  })

  it('stop at the byte limit of one answer, and go on behind it', async () => {
    await using other = await startTestApi()
    await addComputer(other)
    const facts = Array.from({ length: 40 }, (_, index) => insertion(`${index}`.padEnd(60_000, '\u0001')))
    await appendFacts(other.store, { facts, wallMs: 1, receivedAt: 1 })
    const signedIn = await other.signIn('auditor')
    const first = await other.call('GET', `/api/computers/${AGENT}/records?limit=40`, { cookie: signedIn })
    const { records, nextBefore } = first.json as RecordsAnswer
    expect(records.length).toBeGreaterThan(10)
    expect(records.length).toBeLessThan(40)
    const rest = await other.call('GET', `/api/computers/${AGENT}/records?limit=40&before=${nextBefore}`, {
      cookie: signedIn,
    })
    expect((rest.json as RecordsAnswer).records[0]?.seq).toBe((records.at(-1)?.seq ?? 0) - 1)
  })
})

describe('a proof', () => {
  it('fails where a stored byte was altered', async () => {
    const { proofOf } = await import('./view/proof-view.ts')
    const record = await test.store.record(AGENT, EPOCH, 3)
    const previous = await test.store.record(AGENT, EPOCH, 2)
    if (record === null) throw new Error('There is no record 3.')
    expect(proofOf(record, previous).isVerified).toBe(true)
    const altered = {
      ...record,
      raw: Buffer.from(Buffer.from(record.raw).toString().replace('Kingston', 'Kingstom')),
    }
    expect(proofOf(altered, previous).isVerified).toBe(false)
    expect(proofOf({ ...record, seq: 4 }, previous).isVerified).toBe(false)
    expect(proofOf(record, null)).toMatchObject({ isVerified: false, headBefore: '' })
    const first = await test.store.record(AGENT, EPOCH, 1)
    if (first === null) throw new Error('There is no record 1.')
    expect(proofOf(first, null)).toMatchObject({
      isVerified: true,
      headBefore: genesisHead(AGENT, EPOCH).toString('hex'),
    })
  })
})

describe('computers and the overview', () => {
  it('tell why a computer is not proven, and count its violations for who may see them', async () => {
    const { watch, behind, counts, newest, lastViolationAt } = await get<Overview>('/api/overview')
    expect(watch).toMatchObject({ proven: 0, unproven: 1, broken: 0 })
    expect(watch.listed[0]?.watch.reasons.map(({ code }) => code)).toContain('policy-behind')
    expect(behind).toMatchObject({ count: 1, listed: [{ agent: AGENT }] })
    expect(counts).toEqual([{ severity: 'high', count: 1 }])
    expect([newest.length, lastViolationAt]).toEqual([1, at + 200])
    const sysAdmin = await test.call('GET', `/api/computers/${AGENT}`, {
      cookie: await test.signIn('sys-admin'),
    })
    expect((sysAdmin.json as Computer).violations).toEqual([])
    expect((await get<Computer>(`/api/computers/${AGENT}`)).violations).toEqual([
      { severity: 'high', count: 1 },
    ])
  })
})

describe('a gap', () => {
  it('that nobody declared breaks the proof of its computer in every view, and is listed', async () => {
    await using other = await startTestApi()
    await addComputer(other)
    const missing = { epoch: EPOCH, firstSeq: 2, lastSeq: 9, noticedAt: 5, declareBySeq: 20 }
    await appendFacts(other.store, { facts: [insertion('stick')], wallMs: 1, receivedAt: 1, gaps: [missing] })
    const auditor = await other.signIn('auditor')
    const read = async (path: string) => (await other.call('GET', path, { cookie: auditor })).json
    const reasons = ({ watch }: Computer) =>
      watch.reasons.filter(({ code }) => code.startsWith('gap')).map(({ code }) => code)
    expect(reasons((await read(`/api/computers/${AGENT}`)) as Computer)).toEqual(['gap-pending'])
    await appendFacts(other.store, {
      facts: [insertion('stick')],
      wallMs: 2,
      receivedAt: 2,
      settledGaps: [{ firstSeq: 2, state: 'undeclared' }],
    })
    const one = (await read(`/api/computers/${AGENT}`)) as Computer
    const { watch } = (await read('/api/overview')) as Overview
    expect([one.watch.state, watch.listed[0]?.watch.state]).toEqual(['broken', 'broken'])
    expect(reasons(one)).toEqual(['gap'])
    expect(await read(`/api/computers/${AGENT}/gaps`)).toEqual({
      gaps: [{ epoch: EPOCH, firstSeq: 2, lastSeq: 9, noticedAt: 5, state: 'undeclared' }],
    })
  })
})

describe('policies', () => {
  it('are read from the signed bytes, changed by version, and a stale change is an edit conflict', async () => {
    const path = `/api/computers/${AGENT}/policy`
    const { policy } = await get<{ policy: { version: number; settings: object } }>(path)
    const change = {
      baseVersion: policy.version,
      settings: { ...policy.settings, level: 'secret' },
      reason: 'raised',
    }
    const made = await test.call('PUT', path, { cookie, body: change })
    expect(made.json).toMatchObject({
      policy: { version: 2, settings: { level: 'secret' } },
      createdBy: 'li',
      reason: 'raised',
    })
    const stale = await test.call('PUT', path, { cookie, body: change })
    expect([stale.status, stale.json]).toEqual([
      409,
      { error: expect.objectContaining({ code: 'edit-conflict', retryable: true }) },
    ])
    const { policies } = await get<{ policies: { version: number }[] }>(`/api/computers/${AGENT}/policies`)
    expect(policies.map(({ version }) => version)).toEqual([2, 1])
    const trail = (await test.store.actions({ limit: 3 })).map(({ action, detail }) => `${action} ${detail}`)
    expect(trail).toEqual([
      'policy-change-refused edit-conflict',
      'policy-change 1 -> 2: raised',
      'policy-change 1 -> 2: raised',
    ])
  })

  it('refuse an unknown field with its name, deep inside too', async () => {
    const { policy } = await get<{ policy: { version: number; settings: object } }>(
      `/api/computers/${AGENT}/policy`,
    )
    const settings = {
      ...policy.settings,
      limits: { silentAfterMs: 60_000, stoppedAfterMs: 60_000, clockBackMsMax: 1_000, lmit: 1 },
    }
    const answer = await test.call('PUT', `/api/computers/${AGENT}/policy`, {
      cookie,
      body: { baseVersion: 2, settings, reason: 'x' },
    })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('lmit')
  })

  it('make enrolment tokens, whose making is noted and whose secret is not', async () => {
    const answer = await test.call('POST', '/api/enrollment-tokens', { cookie, body: { number: 'JM-9' } })
    const { token } = answer.json as { token: string }
    expect(token).toMatch(/^sk1\./)
    const trail = await test.store.actions({ limit: 1 })
    expect(trail[0]).toMatchObject({ action: 'token-create', object: 'JM-9', account: 'li' })
    expect(JSON.stringify(await test.store.actions({ limit: 500 }))).not.toContain(token.split('.')[1])
  })

  it('names the hash of its journal, and holds by that one alone', async () => {
    const { proofOf } = await import('./view/proof-view.ts')
    const stored = await test.store.record(AGENT, EPOCH, 1)
    if (stored === null) throw new Error('There is no record 1.')
    expect(proofOf(stored, null)).toMatchObject({ hash: 'sha-256', isVerified: true })
    const epoch = 'sm3.0001'
    const headBy = (hash: 'sha-256' | 'sm3') =>
      headAfter(genesisHead(AGENT, epoch), 1, Buffer.from(stored.raw), hash).toString('hex')
    const proof = proofOf({ ...stored, epoch, head: headBy('sm3') }, null)
    expect(proof).toMatchObject({ hash: 'sm3', isVerified: true })
    expect(proof.digest).toBe(
      createHash('sm3').update('shoukou.record.v1\0').update(stored.raw).digest('hex'),
    )
    expect(proofOf({ ...stored, epoch, head: headBy('sha-256') }, null)).toMatchObject({
      hash: 'sm3',
      isVerified: false,
    })
  })
})
