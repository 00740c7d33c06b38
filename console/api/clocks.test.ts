import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createClocks } from '../workflows/clocks/create-clocks.ts'
import { lookAtClocks } from '../workflows/clocks/watch-clocks.ts'
import type {
  ClockActs,
  ClockSettingsAnswer,
  ClocksAnswer,
  EscalationsAnswer,
  HandInsAnswer,
  LeakForm,
} from './contract-clocks.ts'
import { codeOf, startTestApi, TEST_DEPARTMENT, type TestApi } from './test-api.ts'
import { violationItem } from './view/violation-view.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const hour = 3_600_000
let test: TestApi
let security: string
let look: () => Promise<void>
const told: string[] = []

beforeAll(async () => {
  test = await startTestApi()
  security = await test.signIn('sec-admin')
  const { store } = test
  const now = () => test.clock.now
  const clocks = createClocks({ store, now, headlineOf: (violation) => violationItem(violation).headline })
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
  look = () =>
    lookAtClocks({
      ...{ store, clocks, now, log: log as never },
      raised: ({ type }) => void told.push(`+${type}`),
      ended: ({ type }) => void told.push(`-${type}`),
    })
  await register('YM-0001', 'top-secret', TEST_DEPARTMENT)
  await register('YM-0002', 'unclassified', 'Other')
})
afterAll(() => test[Symbol.asyncDispose]())

async function register(number: string, level: string, department: string): Promise<void> {
  const made = await test.call('POST', '/api/media', {
    cookie: security,
    body: {
      ...{ number, level, department, kind: 'usb-stick', custodian: '李四', computers: null, users: null },
      ...{ right: 'read-write', validFromMs: test.clock.now, validUntilMs: null, note: '', from: null },
      reason: '登记',
    },
  })
  expect(made.text).toContain(number)
}
async function setState(number: string, state: string): Promise<void> {
  const row = await test.store.medium(number)
  const body = { baseVersion: row?.version, state, reason: '盘点' }
  const done = await test.call('POST', `/api/media/${number}/state`, { cookie: security, body })
  expect(done.status, done.text).toBe(200)
}
const read = async <T>(path: string, cookie = security): Promise<T> =>
  (await test.call('GET', path, { cookie })).json as T

it('makes one violation of a state secret’s carrier that is missing, and two clocks of it', async () => {
  await setState('YM-0001', 'missing')
  await setState('YM-0002', 'missing')
  test.clock.now += 1_000
  await look()
  await look()
  expect(told).toEqual(['+media-missing'])
  const { clocks, running, overdue } = await read<ClocksAnswer>('/api/clocks')
  expect(clocks.map(({ kind, state, medium, computer }) => [kind, state, medium, computer])).toEqual([
    ['leak-report', 'running', 'YM-0001', null],
    ['missing-carrier', 'running', 'YM-0001', null],
  ])
  expect([running, overdue]).toEqual([2, 0])
  const pressing = await read<ClocksAnswer>('/api/clocks?perState=1')
  expect([pressing.clocks.map(({ kind }) => kind), pressing.running]).toEqual([['leak-report'], 2])
  // It stands on the wall as well, in the sums and where it belongs.
  expect(await read('/api/wall')).toMatchObject({
    counts: [{ severity: 'critical', count: 1 }],
    departments: [{ name: TEST_DEPARTMENT, computers: 0, worst: 'critical', open: 1 }],
  })
  expect(clocks[0]?.leftMs).toBeLessThan(24 * hour)
  expect(clocks[0]?.headline.zh).toBe('绝密介质 YM-0001 下落不明，须在 10 日内查明下落')
  expect(clocks[1]?.basis.zh).toContain('泄密案件查处办法')
  // Of the medium's own department: its custodian sees it, another one does not.
  expect((await read<ClocksAnswer>('/api/clocks', await test.signIn('custodian'))).running).toBe(2)
  const other = await test.join('qian', 'custodian', 'Elsewhere')
  expect((await read<ClocksAnswer>('/api/clocks', other)).running).toBe(0)
  expect(
    (await test.call('GET', `/api/clocks?violation=${clocks[0]?.violation}`, { cookie: other })).status,
  ).toBe(404)
})

it('tells each step once, hands it to forwarding, and notes who has seen it', async () => {
  await look()
  const first = await read<EscalationsAnswer>('/api/escalations')
  expect(first.escalations.map(({ clock, role }) => [clock, role])).toEqual([['leak-report', 'sec-admin']])
  test.clock.now += 21 * hour
  await look()
  await look()
  // A day has gone: who was signed in is no longer.
  security = await test.signIn('sec-admin')
  const later = (await read<EscalationsAnswer>('/api/escalations')).escalations
  expect(later.map(({ role }) => role)).toEqual(['committee', 'office-head', 'sec-admin'])
  const path = `/api/escalations/${later[0]?.id}/seen`
  expect((await test.call('POST', path, { cookie: security, body: {} })).json).toEqual({ done: true })
  expect((await test.call('POST', path, { cookie: security, body: {} })).json).toEqual({ done: false })
  const seen = (await read<EscalationsAnswer>('/api/escalations')).escalations[0]
  expect(seen?.seenBy).toBe('li')
})

it('keeps the form version by version, and what was printed of it', async () => {
  const id = (await read<ClocksAnswer>('/api/clocks')).clocks[0]?.violation
  const path = `/api/violations/${id}/leak-form`
  const form = await read<LeakForm>(path)
  const field = (key: string) => form.fields.find((one) => one.key === key)
  expect(field('person')?.prefilled.zh).toContain('李四')
  expect(field('discovery')?.prefilled.zh).toContain('时限由此起算')
  expect(form.fields.filter(({ mustFill }) => mustFill).map(({ key }) => key)).toContain('harm')
  const fields = Object.fromEntries(form.fields.map(({ key, prefilled }) => [key, prefilled.zh]))
  const put = (baseVersion: number) =>
    test.call('PUT', path, {
      cookie: security,
      body: { baseVersion, fields: { ...fields, harm: '尚在核查' } },
    })
  expect((await test.call('POST', `${path}/prints`, { cookie: security, body: { version: 1 } })).status).toBe(
    400,
  )
  expect((await put(0)).status).toBe(200)
  expect(codeOf(await put(0))).toBe('edit-conflict')
  expect((await test.call('POST', `${path}/prints`, { cookie: security, body: { version: 1 } })).status).toBe(
    200,
  )
  const kept = await read<LeakForm>(path)
  expect(kept.draft).toMatchObject({ version: 1, account: 'li', fields: { harm: '尚在核查' } })
  expect(kept.prints).toMatchObject([{ version: 1, account: 'li' }])
})

it('ends the report’s clock by the act that says to whom it was told, and the search by the finding', async () => {
  const id = (await read<ClocksAnswer>('/api/clocks')).clocks[0]?.violation
  const report = {
    ...{ what: 'report', recipient: 'committee', office: '保密委员会', person: '王五', number: '', note: '' },
    reportedAt: test.clock.now,
  }
  const post = (body: unknown) =>
    test.call('POST', `/api/violations/${id}/reports`, { cookie: security, body })
  expect((await post({ ...report, reportedAt: test.clock.now + hour })).status).toBe(400)
  expect((await post({ ...report, reportedAt: test.clock.now - 9_000 * hour })).status).toBe(400)
  // The unit's own committee is not whom the law names.
  expect((await post(report)).status).toBe(200)
  expect((await read<ClocksAnswer>('/api/clocks')).clocks[0]?.state).toBe('running')
  expect(
    (await post({ ...report, recipient: 'bureau', office: '市国家保密局', number: '〔2026〕1号' })).status,
  ).toBe(200)
  const owed = (await read<ClocksAnswer>('/api/clocks')).clocks[0]
  expect([owed?.state, owed?.owed]).toEqual(['running', ['superior']])
  expect((await post({ ...report, recipient: 'superior', office: '上级机关' })).status).toBe(200)
  const rectify = { day: '2999-02-30', reason: '整改通知' }
  const dated = (day: string) =>
    test.call('POST', `/api/violations/${id}/rectification`, { cookie: security, body: { ...rectify, day } })
  expect((await dated('2999-02-30')).status).toBe(400)
  const day = new Date(test.clock.now + 72 * hour).toISOString().slice(0, 10)
  expect((await dated(day)).status).toBe(200)
  await setState('YM-0001', 'suspended')
  await look()
  expect(told).toEqual(['+media-missing', '-media-missing'])
  const { clocks } = await read<ClocksAnswer>(`/api/clocks?violation=${id}`)
  expect(Object.fromEntries(clocks.map(({ kind, state }) => [kind, state]))).toEqual({
    'leak-report': 'met',
    'leak-result': 'running',
    'missing-carrier': 'met',
    rectification: 'running',
  })
  expect(clocks.find(({ kind }) => kind === 'leak-report')?.end).toMatchObject({ how: 'reported', by: 'li' })
  const acts = await read<ClockActs>(`/api/violations/${id}/clock-acts`)
  expect(acts.reports.map(({ office }) => office)).toEqual(['保密委员会', '市国家保密局', '上级机关'])
  expect(acts.dates).toHaveLength(1)
})

it('misses at the end of the year what was not handed in, once, until it is', async () => {
  // Today, by the unit's calendar: nobody is signed in at the end of the year.
  const { version, zone, hasSuperior, steps } = await read<ClockSettingsAnswer>('/api/clock-settings')
  const [month = 0, day = 0] = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, month: 'numeric', day: 'numeric' },
  } as const)
    .format(test.clock.now)
    .split('/')
    .map(Number)
  const body = { zone, hasSuperior, steps, handIn: { isOn: true, month, day }, reason: '交存提前' }
  const set = (baseVersion: number) =>
    test.call('PUT', '/api/clock-settings', { cookie: security, body: { ...body, baseVersion } })
  expect((await set(version)).status).toBe(200)
  expect(codeOf(await set(version))).toBe('edit-conflict')
  const { next, last } = await read<HandInsAnswer>('/api/hand-ins')
  expect(last).toBeNull()
  expect(next).toMatchObject({ total: 1, handedIn: 0 })
  test.clock.now = (next?.dueAt ?? 0) + 49 * hour
  told.length = 0
  await look()
  await look()
  expect(told).toEqual(['+media-year-end-overdue'])
  security = await test.signIn('sec-admin')
  const over = await read<HandInsAnswer>('/api/hand-ins')
  expect(over.last?.open).toMatchObject([{ number: 'YM-0001', daysLate: 3, custodian: '李四' }])
  const handIn = { year: over.last?.year, numbers: ['YM-0001', 'YM-0404'], note: '入柜' }
  expect((await test.call('POST', '/api/hand-ins', { cookie: security, body: handIn })).json).toEqual({
    done: ['YM-0001'],
  })
  await look()
  const [row] = await test.store.violations({ type: ['media-year-end-overdue'], limit: 2 })
  expect(row).toMatchObject({ number: '', endedAt: test.clock.now })
  expect((await read<HandInsAnswer>('/api/hand-ins')).last?.handedIn).toBe(1)
})
