import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type {
  DepartmentTreeAnswer,
  Handover,
  LedgerEntryAnswer,
  MeasuredAnswer,
  NextNumberAnswer,
  NumberPatternsAnswer,
  RegisterAnswer,
  UnfiledAnswer,
} from './contract-registers.ts'
import { codeOf, startTestApi, TEST_DEPARTMENT, type TestApi } from './test-api.ts'
import { addComputer } from './test-data.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let test: TestApi
let keeper: string

beforeAll(async () => {
  test = await startTestApi()
  keeper = await test.signIn('sec-admin')
})
afterAll(async () => test[Symbol.asyncDispose]())

const reason = 'annual filing'
const details = (more: object = {}) => ({
  level: 'secret',
  department: TEST_DEPARTMENT,
  custodian: 'Li Wei',
  fields: { kind: 'desktop', networkMode: 'standalone' },
  reason,
  ...more,
})

async function made(kind: string, body: object, cookie = keeper): Promise<LedgerEntryAnswer> {
  const answer = await test.call('POST', `/api/registers/${kind}`, { body, cookie })
  expect(answer.status, answer.text).toBe(200)
  return answer.json as LedgerEntryAnswer
}

async function asked<T>(method: string, path: string, body?: object, cookie = keeper): Promise<T> {
  const answer = await test.call(method, path, body === undefined ? { cookie } : { body, cookie })
  expect(answer.status, answer.text).toBe(200)
  return answer.json as T
}

describe('numbers', () => {
  it('are counted off by the pattern, and two at once get two', async () => {
    const [a, b, c] = await Promise.all([1, 2, 3].map(() => made('computers', details())))
    const numbers = [a, b, c].map((one) => one?.entry.number ?? '').toSorted((x, y) => x.localeCompare(y))
    expect(numbers).toEqual(['JM-0001', 'JM-0002', 'JM-0003'])
    const next = await asked<NextNumberAnswer>('GET', '/api/registers/computers/next-number')
    expect(next.number).toBe('JM-0004')
  })

  it('that are taken, in whatever case and width, are refused, and one of two at once gets it', async () => {
    const both = await Promise.all(
      ['jm-77', 'ＪＭ－77'].map((number) =>
        test.call('POST', '/api/registers/computers', { body: details({ number }), cookie: keeper }),
      ),
    )
    expect(both.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([200, 409])
    expect(codeOf(both.find(({ status }) => status === 409) as never)).toBe('number-taken')
  })

  it('follow the unit’s own pattern once it is set, by level and department', async () => {
    await asked('POST', '/api/department-tree', {
      ...{ code: 'CW', name: TEST_DEPARTMENT, parent: null, isKey: true, head: '', reason },
    })
    const bad = await test.call('PUT', '/api/number-patterns/machines', {
      body: { baseVersion: 0, pattern: 'SB-{level}', reason },
      cookie: keeper,
    })
    expect(codeOf(bad)).toBe('invalid-request')
    const set = { baseVersion: 0, pattern: 'SB-{level}-{dept}-{seq:3}', reason }
    const { patterns } = await asked<NumberPatternsAnswer>('PUT', '/api/number-patterns/machines', set)
    expect(patterns.find(({ kind }) => kind === 'machines')).toMatchObject({ isDefault: false, version: 1 })
    const { entry } = await made('machines', details({ fields: { kind: 'printer' } }))
    expect(entry.number).toBe('SB-S-CW-001')
  })
})

describe('an entry', () => {
  it('that is half right is refused with every field that is not, and nothing is kept', async () => {
    const fields = { kind: 'desktop', macs: ['zz'], startedOn: '2026-02-30', nothing: 'x' }
    const body = details({ fields, custodian: '' })
    const answer = await test.call('POST', '/api/registers/computers', { body, cookie: keeper })
    expect(answer.status).toBe(422)
    const { error } = answer.json as { error: { faults: { field: string; code: string }[] } }
    expect(Object.fromEntries(error.faults.map(({ field, code }) => [field, code]))).toEqual({
      custodian: 'missing',
      networkMode: 'missing',
      macs: 'not-a-mac',
      startedOn: 'not-a-day',
      nothing: 'unknown-field',
    })
  })

  it('is in use only after it was filed, with label, room, recipient and disks', async () => {
    const { entry } = await made('computers', details())
    const path = `/api/registers/computers/${entry.number}/state`
    const step = (state: string, baseVersion: number, fields: object) =>
      test.call('POST', path, { body: { baseVersion, state, fields, reason }, cookie: keeper })
    expect(codeOf(await step('in-use', 1, {}))).toBe('invalid-request')
    expect(codeOf(await step('filed', 1, {}))).toBe('entry-refused')
    expect((await step('filed', 1, { filedOn: '2026-03-01' })).status).toBe(200)
    const early = await step('in-use', 2, {})
    const { error } = early.json as { error: { faults: { field: string }[] } }
    expect(error.faults.map(({ field }) => field)).toEqual(['labelledOn', 'recipient', 'room', 'diskSerials'])
    const filled = { labelledOn: '2026-03-02', recipient: 'Li Wei', room: '301', diskSerials: ['S1'] }
    const used = (await step('in-use', 2, filled)).json as LedgerEntryAnswer
    expect(used.entry).toMatchObject({ state: 'in-use', version: 3 })
    expect(used.history.map(({ kind }) => kind)).toEqual(['state-changed', 'state-changed', 'registered'])
  })

  it('that two people edit takes the first, and tells the second with what stands there now', async () => {
    const { entry } = await made('computers', details())
    const path = `/api/registers/computers/${entry.number}`
    const change = (room: string) => ({ ...details(), baseVersion: 1, fields: { ...entry.fields, room } })
    const both = await Promise.all(
      ['301', '302'].map((room) => test.call('PUT', path, { body: change(room), cookie: keeper })),
    )
    expect(both.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([200, 409])
    const now = await asked<LedgerEntryAnswer>('GET', path)
    expect(now.entry.version).toBe(2)
    expect(JSON.parse(now.history[0]?.changes ?? '')).toEqual({ room: [null, now.entry.fields['room']] })
  })

  it('is found by a part of any of its words, Chinese without spaces too, page by page', async () => {
    for (const name of ['关于设备采购的请示', '设备报废清单', 'Quarterly report'])
      await made('carriers', details({ fields: { name, kind: 'paper', copies: 1 } }))
    const search = (text: string) =>
      asked<RegisterAnswer>('GET', `/api/registers/carriers?search=${encodeURIComponent(text)}`)
    expect((await search('设备')).entries).toHaveLength(2)
    expect((await search('采购的')).entries).toHaveLength(1)
    expect((await search('quarterly REP')).entries).toHaveLength(1)
    expect((await search('废')).entries).toHaveLength(1)
    expect((await search('"*" OR')).entries).toHaveLength(0)
    const first = await asked<RegisterAnswer>('GET', '/api/registers/carriers?limit=2')
    expect([first.entries.length, first.total]).toEqual([2, 3])
    const after = encodeURIComponent(first.next ?? '')
    const rest = await asked<RegisterAnswer>('GET', `/api/registers/carriers?limit=2&after=${after}`)
    expect([rest.entries.length, rest.next]).toEqual([1, null])
  })
})

describe('people', () => {
  it('give nothing secret to who is not cleared for it, untrained, or temporary', async () => {
    const person = (fields: object) =>
      made('people', {
        ...details({ level: null, custodian: '' }),
        fields: { name: 'Zhang Min', tier: 'general', post: 'clerk', ...fields },
      })
    const { entry } = await person({})
    const start = await test.call('POST', `/api/registers/people/${entry.number}/state`, {
      body: { baseVersion: 1, state: 'on-post', fields: {}, reason },
      cookie: keeper,
    })
    expect((start.json as { error: { faults: unknown } }).error.faults).toEqual([
      { field: 'trainedOn', code: 'not-trained' },
      { field: 'undertakingOn', code: 'no-undertaking' },
    ])
    await asked('POST', `/api/registers/people/${entry.number}/state`, {
      baseVersion: 1,
      state: 'on-post',
      fields: { trainedOn: ['2026-01-05'], undertakingOn: '2026-01-06' },
      reason,
    })
    const given = details({
      fields: { kind: 'desktop', networkMode: 'standalone', custodianEntry: [entry.number] },
    })
    const refused = await test.call('POST', '/api/registers/computers', { body: given, cookie: keeper })
    expect((refused.json as { error: { faults: unknown } }).error.faults).toEqual([
      { field: 'custodianEntry', code: 'tier-too-low' },
    ])
    const { entry: computer } = await made('computers', { ...given, level: 'confidential' })
    expect(computer.custodian).toBe('Zhang Min')
    const leave = await test.call('POST', `/api/registers/people/${entry.number}/state`, {
      body: {
        baseVersion: 2,
        state: 'departed',
        fields: { departedOn: '2026-06-01', coolingOffUntil: '2027-06-01' },
        reason,
      },
      cookie: keeper,
    })
    expect((leave.json as { error: { faults: unknown } }).error.faults).toEqual([
      { field: 'state', code: 'still-held' },
    ])
    const temporary = { name: 'Wu', tier: 'general', isTemporary: true }
    const body = details({ level: null, custodian: '', fields: temporary })
    const barred = await test.call('POST', '/api/registers/people', { body, cookie: keeper })
    expect((barred.json as { error: { faults: unknown } }).error.faults).toEqual([
      { field: 'tier', code: 'temporary-staff' },
    ])
  })

  it('who hold something under their name alone, or skip the cooling-off period, do not depart', async () => {
    const { entry } = await made('people', {
      ...details({ level: null, custodian: '' }),
      fields: { name: 'Gu Yan', tier: 'general', post: 'clerk' },
    })
    const path = `/api/registers/people/${entry.number}/state`
    const step = (body: object) => test.call('POST', path, { body: { reason, ...body }, cookie: keeper })
    const fields = { trainedOn: ['2026-01-05'], undertakingOn: '2026-01-06' }
    expect((await step({ baseVersion: 1, state: 'on-post', fields })).status).toBe(200)
    await made('carriers', {
      ...details({ level: 'confidential', custodian: 'Gu Yan' }),
      fields: { name: 'Plan', kind: 'paper', copies: 1 },
    })
    const leave = await step({ baseVersion: 2, state: 'departed', fields: { departedOn: '2026-06-01' } })
    expect((leave.json as { error: { faults: unknown } }).error.faults).toEqual([
      { field: 'coolingOffUntil', code: 'missing' },
      { field: 'state', code: 'still-held' },
    ])
  })

  it('of a department are filled in by its custodian, and cleared by the security office alone', async () => {
    const cookie = await test.signIn('custodian')
    const { entry } = await made('people', {
      ...details({ level: null, custodian: '' }),
      fields: { name: 'He Jun', tier: 'none', post: 'driver' },
    })
    const path = `/api/registers/people/${entry.number}`
    await asked('POST', `${path}/state`, { baseVersion: 1, state: 'on-post', fields: {}, reason })
    const change = (fields: object, as: string) => {
      const body = { ...details({ level: null, custodian: '' }), baseVersion: 2 }
      return test.call('PUT', path, { body: { ...body, fields: { ...entry.fields, ...fields } }, cookie: as })
    }
    const cleared = { tier: 'core', trainedOn: ['2026-01-05'], undertakingOn: '2026-01-06' }
    expect(codeOf(await change(cleared, cookie))).toBe('not-permitted')
    expect((await change({ trainedOn: ['2026-01-05'] }, cookie)).status).toBe(200)
  })

  it('who are classification officers set levels up to their own highest one, and nobody else does', async () => {
    const { entry: computer } = await made('computers', details({ level: 'confidential' }))
    const officer = await made('people', {
      ...details({ level: 'confidential', custodian: '' }),
      fields: { name: 'Chen Hua', tier: 'none', post: 'head of office' },
    })
    const { number } = officer.entry
    await asked('POST', `/api/registers/people/${number}/state`, {
      ...{ baseVersion: 1, state: 'on-post', fields: {}, reason },
    })
    const path = `/api/registers/computers/${computer.number}`
    const change = { ...details(), baseVersion: 1 }
    const unnamed = await test.call('PUT', path, { body: change, cookie: keeper })
    expect(codeOf(unnamed)).toBe('not-permitted')
    const above = await test.call('PUT', path, { body: { ...change, officer: number }, cookie: keeper })
    expect([codeOf(above), above.text.includes('秘密')]).toEqual(['not-permitted', true])
    const raised = { ...details(), level: 'secret', custodian: '', fields: officer.entry.fields }
    await asked('PUT', `/api/registers/people/${number}`, { ...raised, baseVersion: 2 })
    const done = await asked<LedgerEntryAnswer>('PUT', path, { ...change, officer: number })
    expect(JSON.parse(done.history[0]?.changes ?? '')).toMatchObject({
      level: ['confidential', 'secret'],
      officer: [null, number],
    })
  })
})

describe('a hand-over', () => {
  it('is done when two different people have signed, each in a session or on paper', async () => {
    const { entry } = await made(
      'carriers',
      details({ custodian: 'sun', fields: { name: 'Plan', kind: 'paper', copies: 2 } }),
    )
    await test.store.changeAccount(
      'sun',
      { state: 'active', role: 'custodian', person: (await test.store.account('sun'))?.person ?? null },
      { person: 'sun' },
      { at: 1, by: '', kind: 'person', changes: '{}', reason },
    )
    const custodian = await test.signIn('custodian')
    const path = `/api/registers/carriers/${entry.number}/handovers`
    const { id } = await asked<Handover>('POST', path, {
      ...{ receiver: 'Qian', department: TEST_DEPARTMENT, reason },
    })
    const sign = (side: string, paper: string | null, cookie: string) =>
      test.call('POST', `/api/handovers/${id}/sign`, { body: { side, paper }, cookie })
    expect(codeOf(await sign('received', null, custodian))).toBe('not-permitted')
    expect(codeOf(await sign('given', null, keeper))).toBe('not-permitted')
    expect((await sign('given', null, custodian)).status).toBe(200)
    expect(codeOf(await sign('given', null, custodian))).toBe('edit-conflict')
    const done = (await sign('received', 'YJ-2026-12', keeper)).json as Handover
    expect(done).toMatchObject({ end: 'done', received: { person: 'Qian', paper: 'YJ-2026-12' } })
    const after = await asked<LedgerEntryAnswer>('GET', `/api/registers/carriers/${entry.number}`)
    expect(after.entry.custodian).toBe('Qian')
    expect(after.history[0]).toMatchObject({ kind: 'handed-over' })
  })

  it('is the only way to another custodian, and is not signed for what was sent, or to who left meanwhile', async () => {
    const fields = { name: 'Plan', kind: 'paper', copies: 2 }
    const { entry } = await made('carriers', details({ custodian: 'Sun', fields }))
    const path = `/api/registers/carriers/${entry.number}`
    const edit = { ...details({ custodian: 'Qian', fields }), baseVersion: 1 }
    const refused = await test.call('PUT', path, { body: edit, cookie: keeper })
    expect((refused.json as { error: { faults: unknown } }).error.faults).toEqual([
      { field: 'custodian', code: 'custodian-by-handover' },
    ])
    const { id } = await asked<Handover>('POST', `${path}/handovers`, {
      ...{ receiver: 'Qian', department: TEST_DEPARTMENT, reason },
    })
    const sign = (side: string, cookie: string) =>
      test.call('POST', `/api/handovers/${id}/sign`, { body: { side, paper: 'YJ-1' }, cookie })
    // A custodian would sign both sides with a number that they make up.
    expect(codeOf(await sign('given', await test.signIn('custodian')))).toBe('not-permitted')
    expect((await sign('given', keeper)).status).toBe(200)
    const sent = {
      baseVersion: 1,
      state: 'sent',
      fields: { sentOn: '2026-06-01', sentTo: 'Archive' },
      reason,
    }
    await asked('POST', `${path}/state`, sent)
    expect(codeOf(await sign('received', keeper))).toBe('edit-conflict')
    const after = await asked<LedgerEntryAnswer>('GET', path)
    expect(after.entry).toMatchObject({ custodian: 'Sun', state: 'sent' })
    expect(after.handovers[0]).toMatchObject({ end: null, received: null })
  })
})

describe('a custodian', () => {
  it('sees and fills in their own department’s entries, and neither files nor sets levels', async () => {
    const cookie = await test.signIn('custodian')
    await asked('POST', '/api/department-tree', {
      ...{ code: 'ZZ', name: 'Archive', parent: null, isKey: false, head: '', reason },
    })
    const { entry: foreign } = await made('computers', details({ department: 'Archive' }))
    const own = await made('computers', details(), cookie)
    const call = (method: string, path: string, body?: object) =>
      test.call(method, path, body === undefined ? { cookie } : { cookie, body })
    expect(codeOf(await call('GET', `/api/registers/computers/${foreign.number}`))).toBe('not-found')
    expect(codeOf(await call('POST', '/api/registers/computers', details({ department: 'Archive' })))).toBe(
      'not-permitted',
    )
    const path = `/api/registers/computers/${own.entry.number}`
    const level = { ...details({ level: 'internal' }), baseVersion: 1 }
    expect(codeOf(await call('PUT', path, level))).toBe('not-permitted')
    const away = { ...details({ department: 'Archive' }), baseVersion: 1 }
    expect(codeOf(await call('PUT', path, away))).toBe('not-permitted')
    const step = { baseVersion: 1, state: 'filed', fields: { filedOn: '2026-01-01' }, reason }
    expect(codeOf(await call('POST', `${path}/state`, step))).toBe('not-permitted')
    const { entries } = (await call('GET', '/api/registers/computers?limit=200')).json as RegisterAnswer
    expect(new Set(entries.map(({ department }) => department))).toEqual(new Set([TEST_DEPARTMENT]))
  })
})

describe('departments', () => {
  it('are a tree: a filter takes all below, a new name goes to what is given, none is below itself', async () => {
    await asked('POST', '/api/department-tree', {
      ...{ code: 'A1', name: 'Branch', parent: 'ZZ', isKey: false, head: '', reason },
    })
    const { entry } = await made('computers', details({ department: 'Branch' }))
    const below = await asked<RegisterAnswer>('GET', '/api/registers/computers?department=Archive')
    expect(below.entries.map(({ number }) => number)).toContain(entry.number)
    const loop = { baseVersion: 1, name: 'Archive', parent: 'A1', isKey: false, head: '', reason }
    const refused = await test.call('PUT', '/api/department-tree/ZZ', { body: loop, cookie: keeper })
    expect(codeOf(refused)).toBe('invalid-request')
    const renamed = { baseVersion: 1, name: 'Branch office', parent: 'ZZ', isKey: false, head: '', reason }
    const tree = await asked<DepartmentTreeAnswer>('PUT', '/api/department-tree/A1', renamed)
    expect(tree.departments.find(({ code }) => code === 'A1')).toMatchObject({ name: 'Branch office' })
    const moved = await asked<LedgerEntryAnswer>('GET', `/api/registers/computers/${entry.number}`)
    expect(moved.entry.department).toBe('Branch office')
    const byName = await asked<RegisterAnswer>('GET', '/api/registers/computers?search=Branch%20office')
    expect(byName.entries.map(({ number }) => number)).toEqual([entry.number])
    // What is given to a name outside the tree would become the department's own, and its custodian's to see.
    await addComputer(test, 'JM-8001', 'lost')
    await asked('PUT', '/api/computers/lost/department', { department: 'Depot', reason })
    const merged = { ...renamed, name: 'Depot', baseVersion: 2 }
    const swallowed = await test.call('PUT', '/api/department-tree/A1', { body: merged, cookie: keeper })
    expect(codeOf(swallowed)).toBe('invalid-request')
    const removal = { body: { baseVersion: 2, reason }, cookie: keeper }
    expect(codeOf(await test.call('DELETE', '/api/department-tree/A1', removal))).toBe('invalid-request')
  })
})

describe('an agent', () => {
  it('without a filing is a violation while it lasts, a finding where it was there before the register', async () => {
    const { registers } = test
    const at = (await test.store.firstLedgerEntryAt('computers')) ?? 0
    const { store } = test
    await addComputer({ store, clock: { ...test.clock, now: at - 1 } }, 'JM-9001', 'agent-old')
    await addComputer({ store, clock: { ...test.clock, now: at + 1 } }, 'JM-9002', 'agent-new')
    for (const agent of ['agent-old', 'agent-new']) await registers.filing.judge(agent)
    await registers.filing.judge('agent-new')
    const open = () => test.store.violations({ type: ['unregistered-computer'], limit: 10 })
    expect((await open()).map(({ agent, endedAt }) => [agent, endedAt])).toEqual([['agent-new', null]])
    const { computers } = await asked<UnfiledAnswer>('GET', '/api/registers/unfiled')
    const shown = computers.filter(({ agent }) => agent.startsWith('agent-'))
    expect(shown.map(({ number, isBefore }) => [number, isBefore])).toEqual([
      ['JM-9001', true],
      ['JM-9002', false],
    ])
    const { entry } = await made('computers', details({ number: 'JM-9100' }))
    await asked('POST', `/api/registers/computers/${entry.number}/state`, {
      ...{ baseVersion: 1, state: 'filed', fields: { filedOn: '2026-03-01' }, reason },
    })
    await asked('POST', '/api/computers/agent-new/register-link', { number: entry.number, reason })
    expect((await open())[0]?.endedAt).not.toBeNull()
    const measured = await asked<MeasuredAnswer>('GET', '/api/registers/computers/JM-9100/measured')
    expect(measured).toMatchObject({ agent: 'agent-new', linkedBy: 'person' })
    // Retired, it accuses nobody until its agent is heard again.
    const retired = { baseVersion: 2, state: 'retired', fields: { endedOn: '2026-06-01' }, reason }
    await asked('POST', '/api/registers/computers/JM-9100/state', retired)
    const lasting = async () =>
      (await open()).filter(({ agent, endedAt }) => agent === 'agent-new' && endedAt === null)
    expect(await lasting()).toEqual([])
    test.clock.now += 60_000
    const heard = { status: 'online' as const, isBehind: false, at: test.clock.now }
    await test.store.heard('agent-new', heard)
    await registers.findings.look()
    expect(await lasting()).toHaveLength(1)
    const sheet = await test.call('GET', '/api/export/findings?format=csv', { cookie: keeper })
    const line = sheet.text.split('\r\n').find((one) => one.includes('JM-9100')) ?? ''
    // In the reader’s words, as the list has it.
    expect([line.includes('报废'), line.includes('retired'), line.includes('agent-new')]).toEqual([
      ...[true, false, false],
    ])
  })
})
