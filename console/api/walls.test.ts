import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { NewWallAnswer, WallAnswer, WallsAnswer } from './contract-wall.ts'
import { OpenFeeds } from './open-feeds.ts'
import { createComputerReader } from './read-computers.ts'
import { sweepSessions } from './sweep-sessions.ts'
import { codeOf, cookieOf, startTestApi, TEST_ACCOUNTS, type TestApi } from './test-api.ts'
import { addComputer, mediaViolation } from './test-data.ts'
import { lookAtWatch, startOfDay } from './watch-days.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const dayMs = 86_400_000
let test: TestApi
let cookie: string
beforeAll(async () => {
  test = await startTestApi()
  await addComputer(test)
})
beforeEach(async () => {
  cookie = await test.signIn('sec-admin')
})
afterAll(() => test[Symbol.asyncDispose]())

describe('a wall display', () => {
  it('is opened once, at its address, by the code that an administrator got, and shows what is there', async () => {
    await allow(7)
    await test.store.addViolation('agent-1', mediaViolation(1, 'stick', test.clock.now), test.clock.now)
    const code = await make()
    const opened = await open(code)
    expect(opened.status).toBe(200)
    expect(opened.json).toEqual({ until: test.clock.now + 3 * dayMs })
    const wall = await test.call('GET', '/api/wall', { cookie: cookieOf(opened) })
    expect(wall.json).toMatchObject({
      unit: 'Test unit',
      level: 'secret',
      coverage: { proven: 0, unproven: 1, broken: 0 },
      agents: { expected: 1 },
      counts: [{ severity: 'high', count: 1 }],
      departments: [{ name: null, computers: 1, worst: 'high', open: 1 }],
      newest: [{ number: 'JM-0231', severity: 'high' }],
      until: test.clock.now + 3 * dayMs,
    } satisfies Partial<Record<keyof WallAnswer, unknown>>)
    expect(codeOf(await open(code))).toBe('token-refused')
  })

  it('reaches nothing but its own page, whatever its account may read', async () => {
    await allow(7)
    const onTheWall = cookieOf(await open(await make()))
    for (const path of ['/api/overview', '/api/violations', '/api/computers', '/api/account', '/api/feed'])
      expect((await test.call('GET', path, { cookie: onTheWall })).status, path).toBe(403)
    for (const path of ['/api/session/lock', '/api/account/sessions/end'])
      expect((await test.call('POST', path, { cookie: onTheWall, body: {} })).status, path).not.toBe(200)
    // The clocks are part of its page, and who handles what they are about is not.
    const suspect = { ...mediaViolation(9, 'disk', test.clock.now), severity: 'critical' } as const
    const row = await test.store.addViolation('agent-1', suspect, test.clock.now)
    const confirm = { kind: 'confirm', reason: 'seen', after: null }
    await test.call('POST', `/api/violations/${row?.id}/handling`, { cookie, body: confirm })
    const clocks = await test.call('GET', '/api/clocks', { cookie: onTheWall })
    expect(clocks.json).toMatchObject({ running: 1, clocks: [{ violation: row?.id, state: 'running' }] })
    expect(clocks.text).not.toContain(`"${TEST_ACCOUNTS['sec-admin']}"`)
    expect((await test.call('GET', '/api/session', { cookie: onTheWall })).json).toMatchObject({
      name: TEST_ACCOUNTS.viewer,
      permissions: [],
    })
  })

  it('outlives idleness and the longest session, and is over when its time is', async () => {
    await allow(7)
    const onTheWall = cookieOf(await open(await make()))
    const { store, clock } = test
    const limits = { idleMs: 600_000, absoluteMs: 12 * 3_600_000, wallMs: 7 * dayMs }
    const sweep = () =>
      sweepSessions({
        store,
        feeds: new OpenFeeds(),
        log: { info: () => {}, warn: () => {}, error: () => {} },
        now: () => clock.now,
        sessionLimits: limits,
      })
    clock.now += 3 * dayMs - 1_000
    await sweep()
    expect((await test.call('GET', '/api/wall', { cookie: onTheWall })).status).toBe(200)
    clock.now += 1_000
    expect(codeOf(await test.call('GET', '/api/wall', { cookie: onTheWall }))).toBe('not-signed-in')
    await sweep()
    expect((await store.walls(1))[0]).toMatchObject({ endedAt: clock.now, endedBy: '' })
  })

  it('ends at once when an administrator ends it, and when the rules stop allowing any', async () => {
    await allow(7)
    const [first, second] = [cookieOf(await open(await make())), cookieOf(await open(await make()))]
    const { walls } = (await test.call('GET', '/api/walls', { cookie })).json as WallsAnswer
    expect(walls.slice(0, 2).map(({ state }) => state)).toEqual(['open', 'open'])
    const end = await test.call('POST', `/api/walls/${walls[1]?.id}/end`, {
      cookie,
      body: { reason: 'moved' },
    })
    expect(end.status).toBe(204)
    expect(codeOf(await test.call('GET', '/api/wall', { cookie: first }))).toBe('not-signed-in')
    expect((await test.call('GET', '/api/wall', { cookie: second })).status).toBe(200)
    const again = await test.call('POST', `/api/walls/${walls[1]?.id}/end`, {
      cookie,
      body: { reason: 'twice' },
    })
    expect(codeOf(again)).toBe('edit-conflict')
    await allow(0)
    expect(codeOf(await test.call('GET', '/api/wall', { cookie: second }))).toBe('not-signed-in')
  })

  it('is refused where the rules allow none, for another account than a viewer, and after its minutes', async () => {
    await allow(0)
    expect(codeOf(await ask({}))).toBe('not-permitted')
    await allow(2)
    expect(codeOf(await ask({ days: 3 }))).toBe('not-permitted')
    expect(codeOf(await ask({ days: 2, account: TEST_ACCOUNTS['sec-admin'] }))).toBe('invalid-request')
    expect(codeOf(await ask({ days: 2, address: 'wall.example' }))).toBe('invalid-request')
    const { code } = (await ask({ days: 2 })).json as NewWallAnswer
    test.clock.now += 15 * 60_000
    expect(codeOf(await open(code))).toBe('token-refused')
    cookie = await test.signIn('sec-admin')
    const elsewhere = (await ask({ days: 2, address: '10.0.0.9' })).json as NewWallAnswer
    expect(codeOf(await open(elsewhere.code))).toBe('token-refused')
    expect(
      codeOf(await test.call('POST', '/api/walls', { cookie: await test.signIn('auditor'), body })),
    ).toBe('not-permitted')
  })

  it('is on record: who made it and why, where it was opened, who ended it', async () => {
    await allow(7)
    await open(await make())
    await open('AAAA-BBBB-CCCC')
    const newest = (await test.store.walls(1))[0]?.id
    await test.call('POST', `/api/walls/${newest}/end`, { cookie, body: { reason: 'moved' } })
    const actions = await test.store.actions({ limit: 20 })
    const told = actions.filter(({ action }) => action.startsWith('wall-')).slice(0, 4)
    expect(told.map(({ action }) => action).toReversed()).toEqual([
      'wall-make',
      'wall-open',
      'wall-open-refused',
      'wall-end',
    ])
    expect(told.some(({ reason }) => reason === 'the entrance hall')).toBe(true)
  })
})

describe('the days that were watched', () => {
  it('are sums of what the console saw, each look once', async () => {
    const { store, clock } = test
    const options = { store, computers: createComputerReader(store), now: () => clock.now }
    await lookAtWatch(options)
    await lookAtWatch(options)
    const day = startOfDay(clock.now)
    clock.now += dayMs
    await lookAtWatch(options)
    const fresh = await test.signIn('auditor')
    expect((await test.call('GET', '/api/watch-days', { cookie: fresh })).json).toEqual({
      days: [
        { day, looks: 2, proven: 0, unproven: 2, broken: 0 },
        { day: startOfDay(clock.now), looks: 1, proven: 0, unproven: 1, broken: 0 },
      ],
    })
  })
})

const body = { account: TEST_ACCOUNTS.viewer, address: '127.0.0.1', days: 3, reason: 'the entrance hall' }

async function allow(days: number): Promise<void> {
  const { version, rules } = (await test.call('GET', '/api/sign-in-rules', { cookie })).json as {
    version: number
    rules: object
  }
  const change = { baseVersion: version, rules: { ...rules, wallDaysMax: days }, reason: 'for the hall' }
  const answer = await test.call('PUT', '/api/sign-in-rules', { cookie, body: change })
  expect(answer.status, answer.text).toBeLessThan(300)
}

function ask(change: object) {
  return test.call('POST', '/api/walls', { cookie, body: { ...body, ...change } })
}

async function make(): Promise<string> {
  const answer = await ask({})
  expect(answer.status, answer.text).toBe(200)
  return (answer.json as NewWallAnswer).code
}

function open(code: string) {
  return test.call('POST', '/api/wall/session', { body: { code } })
}
