/** Labels and forms on a real API: on record, counted, found again, and one department's own. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { FormContent } from '../ledger/form-parts.ts'
import type { FoundAnswer, PrintAnswer, PrintableAnswer, PrintsAnswer } from './contract-prints.ts'
import { codeOf, startTestApi, TEST_DEPARTMENT, type TestApi } from './test-api.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let test: TestApi
let admin: string
let custodian: string
const reason = 'first registration'

const register = async (number: string, department: string) => {
  const { status, text } = await test.call('POST', '/api/registers/computers', {
    cookie: admin,
    body: {
      ...{ number, level: 'secret', department, custodian: 'Li Wei', reason },
      fields: { kind: 'desktop', networkMode: 'standalone', brand: 'B', model: 'M' },
    },
  })
  expect(status, text).toBe(200)
}
const post = async <T>(path: string, body: unknown, cookie = admin) => {
  const answer = await test.call('POST', path, { cookie, body })
  return { ...answer, of: answer.json as T }
}
const get = async <T>(path: string, cookie = admin) => (await test.call('GET', path, { cookie })).json as T
const labels = (numbers: readonly string[], why = '', cookie = admin) =>
  post<PrintAnswer>(
    '/api/prints/labels',
    { kind: 'computers', numbers, size: 'sheet-3x8', start: 1, reason: why },
    cookie,
  )

beforeAll(async () => {
  test = await startTestApi()
  admin = await test.signIn('sec-admin')
  custodian = await test.signIn('custodian')
  await register('JM-0001', TEST_DEPARTMENT)
  await register('JM-0002', 'Elsewhere')
})
afterAll(() => test[Symbol.asyncDispose]())

it('counts the copies of a label, and asks why where there was one before', async () => {
  const first = await labels(['JM-0001'])
  expect(first.of.runs[0]?.items).toEqual([{ kind: 'computers', number: 'JM-0001', copy: 1 }])
  const refused = await labels(['jm-0001', 'JM-0002'])
  expect([refused.status, codeOf(refused)]).toEqual([400, 'invalid-request'])
  const second = await labels(['JM-0001', 'JM-0002'], 'torn')
  expect(second.of.runs[0]?.items.map(({ copy }) => copy)).toEqual([2, 1])
  const again = await post<PrintAnswer>(`/api/prints/${second.of.id}/runs`, { reason: 'paper jam' })
  expect(again.of.runs.map(({ items }) => items.map(({ copy }) => copy))).toEqual([
    [2, 1],
    [3, 2],
  ])
  const { entries } = await get<PrintableAnswer>('/api/printable/computers?search=JM-000')
  expect(entries.map(({ number, copies }) => [number, copies])).toEqual([
    ['JM-0001', 3],
    ['JM-0002', 2],
  ])
  const history = await get<PrintsAnswer>('/api/prints?kind=computers&number=jm-0001')
  expect(history.prints.map(({ what, runs }) => [what, runs])).toEqual([
    ['labels', 2],
    ['labels', 1],
  ])
})

it('writes each printing into the administrators’ log before it is done, with its reason', async () => {
  const cookie = await test.signIn('auditor')
  const { actions } = await get<{ actions: { action: string; object: string; reason: string | null }[] }>(
    '/api/actions?acts=labels-print',
    cookie,
  )
  expect(actions.some((one) => one.reason === 'torn' && one.object === 'computers: 2')).toBe(true)
})

it('numbers a form, keeps it as it was filled in, and finds it by its number or its code', async () => {
  const asked = { form: 'filing', kind: 'computers', numbers: ['JM-0001'] }
  const preview = await post<{ content: string }>('/api/prints/forms/preview', asked)
  const made = await post<PrintAnswer>('/api/prints/forms', asked)
  const year = new Date(test.clock.now).getFullYear()
  expect(made.of.number).toBe(`BD-${year}-0001`)
  expect(made.of.content).toBe(preview.of.content)
  expect((JSON.parse(made.of.content) as FormContent).unit).toBe('Test unit')
  const next = await post<PrintAnswer>('/api/prints/forms', { ...asked, form: 'repair' })
  expect(next.of.number).toBe(`BD-${year}-0002`)
  for (const text of [`bd-${year}-0001`, `SK1:F:BD-${year}-0001`]) {
    const found = await get<FoundAnswer>(`/api/prints/find?text=${encodeURIComponent(text)}`)
    expect(found.print).toBe(made.of.id)
  }
  const found = await get<FoundAnswer>('/api/prints/find?text=SK1:PC:S:JM-0002')
  expect(found).toEqual({ print: null, entries: [{ kind: 'computers', number: 'JM-0002' }] })
  const back = await post<PrintAnswer>(`/api/prints/${made.of.id}/returns`, { place: 'cabinet 2' })
  expect(back.of.returns.map(({ place }) => place)).toEqual(['cabinet 2'])
  expect(
    (await get<PrintsAnswer>('/api/prints')).prints.find(({ id }) => id === made.of.id)?.isReturned,
  ).toBe(true)
})

it('refuses a form of several entries that is of one, of another register, and of what is not there', async () => {
  for (const [body, code] of [
    [{ form: 'filing', kind: 'computers', numbers: ['JM-0001', 'JM-0002'] }, 'invalid-request'],
    [{ form: 'filing', kind: 'media', numbers: ['JM-0001'] }, 'invalid-request'],
    [{ form: 'loan', kind: 'computers', numbers: ['JM-9999'] }, 'not-found'],
  ] as const)
    expect(codeOf(await post('/api/prints/forms', body))).toBe(code)
})

it('shows and prints for a department’s custodian what is the department’s', async () => {
  expect((await labels(['JM-0001'], 'torn again', custodian)).status).toBe(200)
  expect(codeOf(await labels(['JM-0002'], 'torn', custodian))).toBe('not-found')
  const mixed = (await get<PrintsAnswer>('/api/prints')).prints.find(({ itemsTotal }) => itemsTotal === 2)
  expect(mixed).toBeDefined()
  expect((await test.call('GET', `/api/prints/${mixed?.id}`, { cookie: custodian })).status).toBe(404)
  const seen = (await get<PrintsAnswer>('/api/prints', custodian)).prints
  expect(seen.length).toBeGreaterThan(0)
  expect(seen.flatMap(({ items }) => items.map(({ number }) => number))).not.toContain('JM-0002')
  const found = await get<FoundAnswer>('/api/prints/find?text=JM-0002', custodian)
  expect(found).toEqual({ print: null, entries: [] })
})

it('numbers forms by the unit’s own pattern', async () => {
  const body = { baseVersion: 0, pattern: 'BM{year}/{seq:3}', reason: 'house rule' }
  expect((await test.call('PUT', '/api/form-numbers', { cookie: admin, body })).json).toEqual({
    ...{ pattern: 'BM{year}/{seq:3}', version: 1 },
  })
  const bad = { ...body, baseVersion: 1, pattern: 'BM-{level}-{seq}' }
  expect(codeOf(await test.call('PUT', '/api/form-numbers', { cookie: admin, body: bad }))).toBe(
    'invalid-request',
  )
  const made = await post<PrintAnswer>('/api/prints/forms', {
    ...{ form: 'loan', kind: 'computers', numbers: ['JM-0001', 'JM-0002'] },
  })
  expect(made.of.number).toBe(`BM${new Date(test.clock.now).getFullYear()}/001`)
})
