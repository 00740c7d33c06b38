import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type {
  ActionDetail,
  ActionsAnswer,
  CheckpointItem,
  TrailState,
  WarningsAnswer,
} from './contract-trail.ts'
import { startTestApi, type TestApi } from './test-api.ts'
import { AGENT, addComputer } from './test-data.ts'

// A real console's API starts here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let test: TestApi
let auditor: string
let admin: string
beforeAll(async () => {
  test = await startTestApi()
  auditor = await test.signIn('auditor')
  admin = await test.signIn('sec-admin')
  await addComputer(test)
})
afterAll(() => test[Symbol.asyncDispose]())

const get = async <T>(path: string, cookie = auditor): Promise<T> => {
  const answer = await test.call('GET', path, { cookie })
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.anything()])
  return answer.json as T
}

it('shows an act with what came of it, and its values before and after', async () => {
  const { policy } = await get<{ policy: { version: number; settings: object } }>(
    `/api/computers/${AGENT}/policy`,
    admin,
  )
  const body = {
    baseVersion: policy.version,
    reason: 'office order 12',
    settings: { ...policy.settings, level: 'secret' },
  }
  const path = `/api/computers/${AGENT}/policy`
  expect((await test.call('PUT', path, { cookie: admin, body })).status).toBe(200)
  expect((await test.call('PUT', path, { cookie: admin, body })).status).toBe(409)
  const { actions } = await get<ActionsAnswer>('/api/actions?acts=policy-change&account=li')
  expect(actions).toMatchObject([
    { action: 'policy-change', outcome: 'refused', code: 'edit-conflict', role: 'sec-admin' },
    { action: 'policy-change', outcome: 'done', code: null, reason: 'office order 12', hasValues: true },
  ])
  const detail = await get<ActionDetail>(`/api/actions/${actions[1]?.id}`)
  expect(detail).toMatchObject({
    before: { level: 'confidential' },
    after: { level: 'secret' },
    endedBy: { id: expect.any(Number) },
  })
  expect(JSON.parse(detail.raw)).toMatchObject({ act: 'policy-change', outcome: { kind: 'intended' } })
})

it('writes down what was seen: once for what one session looks at again within a minute', async () => {
  const reads = async () => (await test.store.trailRows({ acts: ['log-read'], limit: 100 })).length
  await get('/api/actions?object=once')
  const before = await reads()
  await get('/api/actions?object=once')
  expect(await reads()).toBe(before)
  test.clock.now += 61_000
  await get('/api/actions?object=once')
  expect(await reads()).toBe(before + 1)
})

it('is exported as it is filtered, and the export is an entry', async () => {
  const answer = await test.call('GET', '/api/actions.csv?acts=policy-change', { cookie: auditor })
  expect(answer.headers['content-type']).toContain('text/csv')
  expect(answer.text.split('\r\n')).toHaveLength(4)
  expect(answer.text).toContain('"office order 12","done"')
  expect((await get<ActionsAnswer>('/api/actions?acts=log-export')).actions).toHaveLength(1)
})

it('is verified beside the running console, and signed when the auditor asks', async () => {
  const made = await test.call('POST', '/api/trail/checkpoints', { cookie: auditor, body: {} })
  expect((made.json as CheckpointItem).text).toMatch(/^SKCP1 /)
  expect((await test.call('POST', '/api/trail/verification', { cookie: auditor, body: {} })).status).toBe(200)
  const state = () => get<TrailState>('/api/trail')
  await expect
    .poll(async () => (await state()).verified, { timeout: 25_000 })
    .toMatchObject({ isWhole: true, checkpoints: 1, policies: 2 })
  expect((await state()).progress).toBeNull()
})

it('warns of a database that was set back until the auditor says why', async () => {
  expect((await get<WarningsAnswer>('/api/warnings', admin)).setBack).toBeNull()
  await test.store.addAction({
    ...{ at: test.clock.now, account: '', object: `99 ${'a'.repeat(64)}`, address: '' },
    action: 'log-set-back',
    detail: 'shorter',
  })
  expect((await get<WarningsAnswer>('/api/warnings', admin)).setBack).toMatchObject({ at: test.clock.now })
  expect((await get<TrailState>('/api/trail')).setBack).toMatchObject({ seq: 99, how: 'shorter' })
  const body = { reason: 'restored from the backup of May' }
  expect((await test.call('POST', '/api/trail/set-back', { cookie: auditor, body })).status).toBe(200)
  expect((await get<WarningsAnswer>('/api/warnings', admin)).setBack).toBeNull()
})
