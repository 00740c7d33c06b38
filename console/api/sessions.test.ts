import { Agent } from 'node:https'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { defaultRules } from '../workflows/accounts/sign-in-rules.ts'
import type { OwnAccount, SessionEnded, SignInRulesAnswer } from './contract-sign-in.ts'
import { OpenFeeds } from './open-feeds.ts'
import { sweepSessions } from './sweep-sessions.ts'
import { codeOf, cookieOf, startTestApi, TEST_PASSWORD, type TestApi } from './test-api.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let test: TestApi
beforeAll(async () => {
  test = await startTestApi({ pace: { signInsPerMinute: 1_000 } })
})
afterAll(() => test[Symbol.asyncDispose]())

const status = async (cookie: string) => (await test.call('GET', '/api/session', { cookie })).status
const ending = async (cookie: string) =>
  ((await test.call('GET', '/api/session/ended', { cookie })).json as SessionEnded).ending
const end = (cookie: string, body: object) => test.call('POST', '/api/account/sessions/end', { cookie, body })
const newest = async (action: string) =>
  (await test.store.actions({ limit: 20 })).find((one) => one.action === action)

describe('a session', () => {
  it('is listed for its owner alone, and its owner ends all others', async () => {
    const [here, elsewhere, other] = [
      await test.signIn('auditor'),
      await test.signIn('auditor'),
      await test.signIn('sec-admin'),
    ]
    const account = (await test.call('GET', '/api/account', { cookie: here })).json as OwnAccount
    expect(account.sessions.filter(({ isThis }) => isThis)).toHaveLength(1)
    expect(account.sessions).toHaveLength(2)
    expect(account.sessions[0]).toMatchObject({ address: 'loopback', factors: ['password'] })
    const ended = await end(here, { password: TEST_PASSWORD })
    expect(ended.json).toEqual({ ended: 1 })
    expect([await status(here), await status(elsewhere), await status(other)]).toEqual([200, 401, 200])
    expect(await ending(elsewhere)).toBe('ended-by-owner')
    const entries = (await test.store.actions({ limit: 20 })).filter(
      ({ action }) => action === 'sessions-end',
    )
    expect(entries.find(({ detail }) => detail === 'ended-by-owner')).toMatchObject({ account: 'zhao' })
  })

  it('of one’s own is ended by itself, the others go on', async () => {
    const [here, one, two] = [
      await test.signIn('auditor'),
      await test.signIn('auditor'),
      await test.signIn('auditor'),
    ]
    const { sessions } = (await test.call('GET', '/api/account', { cookie: one })).json as OwnAccount
    const { mark = '' } = sessions.find(({ isThis }) => isThis) ?? {}
    expect((await end(here, { password: TEST_PASSWORD, mark })).json).toEqual({ ended: 1 })
    expect([await status(here), await status(one), await status(two)]).toEqual([200, 401, 200])
    // Over already; and the own one is signed out of, not ended.
    expect((await end(here, { password: TEST_PASSWORD, mark })).status).toBe(404)
    const own = ((await test.call('GET', '/api/account', { cookie: here })).json as OwnAccount).sessions
    const { mark: ownMark = '' } = own.find(({ isThis }) => isThis) ?? {}
    expect((await end(here, { password: TEST_PASSWORD, mark: ownMark })).status).toBe(404)
    expect(await status(here)).toBe(200)
  })

  it('is ended by nobody who does not prove anew who asks: a page that was left open ends none', async () => {
    const [here, elsewhere] = [await test.signIn('auditor'), await test.signIn('auditor')]
    expect((await end(here, {})).status).toBe(400)
    const refused = await end(here, { password: 'Wrong-Horse-7' })
    expect([refused.status, codeOf(refused)]).toEqual([401, 'sign-in-refused'])
    expect([await status(here), await status(elsewhere)]).toEqual([200, 200])
    expect(await newest('sessions-end-refused')).toMatchObject({ account: 'zhao', detail: 'sign-in-refused' })
    // Nor does it end another person's, whose mark somebody knows.
    const foreign = await test.signIn('sec-admin')
    const { mark } = (
      (await test.call('GET', '/api/account', { cookie: foreign })).json as OwnAccount
    ).sessions.find(({ isThis }) => isThis) ?? { mark: '' }
    expect((await end(here, { password: TEST_PASSWORD, mark })).status).toBe(404)
    expect(await status(foreign)).toBe(200)
  })

  it('locks: it is over, noted, told why, and the next sign-in of the same person is an unlocking', async () => {
    const cookie = await test.signIn('auditor')
    expect((await test.call('POST', '/api/session/lock', { cookie })).status).toBe(200)
    expect([await status(cookie), await ending(cookie)]).toEqual([401, 'locked'])
    const body = { name: 'zhao', password: TEST_PASSWORD }
    const unlocked = await test.call('POST', '/api/session', { body, cookie })
    expect(await status(cookieOf(unlocked))).toBe(200)
    const trail = (await test.store.actions({ limit: 2 })).map(
      ({ action, account }) => `${action} ${account}`,
    )
    expect(trail).toEqual(['unlock zhao', 'lock zhao'])
    const other = { name: 'li', password: TEST_PASSWORD }
    await test.call('POST', '/api/session/lock', { cookie: cookieOf(unlocked) })
    await test.call('POST', '/api/session', { body: other, cookie: cookieOf(unlocked) })
    expect((await test.store.actions({ limit: 1 }))[0]?.action).toBe('sign-in')
  })

  it('counts from its own address alone', async () => {
    const cookie = await test.signIn('sec-admin')
    const row = (await test.store.sessionsOf('li'))[0]
    expect(row?.address).toBe('loopback')
    const moved = await test.api.inject({
      method: 'GET',
      url: '/api/session',
      headers: { cookie },
      remoteAddress: '10.7.7.7',
    })
    expect(moved.statusCode).toBe(401)
    // Whoever has a copy of a cookie has warned its owner by trying it.
    expect([await status(cookie), await ending(cookie)]).toEqual([401, 'other-place'])
  })

  it('is over when its role is another one, or the account is disabled, and says so', async () => {
    const changed = await test.signIn('viewer')
    await test.store.endSessionsOf('wu', { ending: 'role-changed', at: test.clock.now })
    expect([await status(changed), await ending(changed)]).toEqual([401, 'role-changed'])
    const account = await test.store.account('wu')
    if (account === null) throw new Error('There is no wu.')
    await test.store.addAccount({ ...account, name: 'gone', state: 'disabled' })
    const refused = await test.call('POST', '/api/session', {
      body: { name: 'gone', password: TEST_PASSWORD },
    })
    expect([refused.status, codeOf(refused)]).toEqual([401, 'sign-in-refused'])
    expect(await newest('sign-in-refused')).toMatchObject({ detail: 'sign-in-refused: not-active' })
  })

  it('leaves no row behind: what nobody used is ended and noted, what ended half a day ago is gone', async () => {
    await using fresh = await startTestApi()
    const sweep = () =>
      sweepSessions({
        store: fresh.store,
        feeds: new OpenFeeds(),
        log: { info: () => {}, warn: () => {}, error: () => {} },
        now: () => fresh.clock.now,
        sessionLimits: { idleMs: 600_000, absoluteMs: 43_200_000 },
      })
    const cookie = await fresh.signIn('sec-admin')
    fresh.clock.now += 600_000
    await sweep()
    const ended = await fresh.call('GET', '/api/session/ended', { cookie })
    expect(ended.json).toMatchObject({ ending: 'idle' })
    expect((await fresh.store.actions({ limit: 1 }))[0]).toMatchObject({
      action: 'session-over',
      account: 'li',
      detail: 'idle',
    })
    fresh.clock.now += 43_200_001
    await sweep()
    expect((await fresh.call('GET', '/api/session/ended', { cookie })).json).toMatchObject({ ending: null })
  })

  it('is one of twenty at most: the oldest makes room', async () => {
    const cookies: string[] = []
    for (let at = 0; at < 21; at += 1) {
      test.clock.now += 1
      cookies.push(await test.signIn('station-operator'))
    }
    expect(await ending(cookies[0] ?? '')).toBe('too-many')
    expect((await test.store.sessionsOf('zhou')).length).toBe(20)
  })
})

describe('the rules of signing in', () => {
  it('are read by the three, and written by the security administrator within what the level demands', async () => {
    await using fresh = await startTestApi()
    const cookie = await fresh.signIn('sec-admin')
    const first = (await fresh.call('GET', '/api/sign-in-rules', { cookie })).json as SignInRulesAnswer
    expect(first).toMatchObject({ version: 0, rules: defaultRules('secret') })
    expect(first.numbers.find(({ key }) => key === 'passwordDaysMax')).toEqual({
      key: 'passwordDaysMax',
      min: 5,
      max: 7,
      source: 'level-secret',
    })
    const put = (rules: object, baseVersion = 0) =>
      fresh.call('PUT', '/api/sign-in-rules', {
        cookie,
        body: { baseVersion, rules: { ...first.rules, ...rules }, reason: 'stricter' },
      })
    const weaker = await put({ passwordDaysMax: 8, idleMinutes: 11 })
    expect([weaker.status, codeOf(weaker)]).toEqual([400, 'invalid-request'])
    expect(weaker.text).toContain('passwordDaysMax, idleMinutes')
    expect((await put({ idleMinutes: 5, wrongTriesMax: 3 })).json).toMatchObject({
      version: 1,
      changedBy: 'li',
      rules: { idleMinutes: 5 },
    })
    expect(codeOf(await put({ idleMinutes: 4 }))).toBe('edit-conflict')
    const shorter = await fresh.call('GET', '/api/session', { cookie })
    expect(shorter.json).toMatchObject({ signIn: { idleMs: 300_000 } })
    const tries: string[] = []
    for (let at = 0; at < 3; at += 1) {
      const body = { name: 'zhao', password: 'x' }
      tries.push(codeOf(await fresh.call('POST', '/api/session', { body })))
    }
    expect(tries).toEqual(['sign-in-refused', 'sign-in-refused', 'account-locked'])
  })

  it('that demand a USB key of a role are refused while one of its accounts has none', async () => {
    const cookie = await test.signIn('sec-admin')
    const rules = { ...defaultRules('secret'), certificateRoles: ['auditor'] }
    const body = { baseVersion: 0, rules, reason: 'keys' }
    const refused = await test.call('PUT', '/api/sign-in-rules', { cookie, body })
    expect([refused.status, codeOf(refused)]).toEqual([400, 'invalid-request'])
    expect(refused.text).toContain('zhao')
  })

  it('of level 绝密 let one session of an account live, and tell the older one why', async () => {
    await using top = await startTestApi({ level: 'top-secret' })
    const older = await top.signIn('sec-admin')
    const newer = await top.signIn('sec-admin')
    expect((await top.call('GET', '/api/session', { cookie: older })).status).toBe(401)
    const told = await top.call('GET', '/api/session/ended', { cookie: older })
    expect((told.json as SessionEnded).ending).toBe('elsewhere')
    const limited = await top.call('GET', '/api/session', { cookie: newer })
    expect(limited.json).toMatchObject({ permissions: [], signIn: { secondFactor: 'to-set-up' } })
    const refused = await top.call('GET', '/api/computers', { cookie: newer })
    expect([refused.status, codeOf(refused)]).toEqual([403, 'second-factor-needed'])
  })
})

describe('a flood of sign-ins', () => {
  it('is told to wait, counts against no account, and leaves the rest of the console answering', async () => {
    await using fresh = await startTestApi({ pace: { signInsPerMinute: 10_000 } })
    const cookie = await fresh.signIn('sec-admin')
    const agents = Array.from({ length: 4 }, () => new Agent({ ca: fresh.keys.authority.certificate }))
    const asked = Array.from({ length: 120 }, (_, at) =>
      fresh.call('POST', '/api/session', { body: { name: `n${at}`, password: 'Wrong-Horse-7' } }),
    )
    const startedAt = performance.now()
    const meanwhile = await fresh.call('GET', '/api/computers', { cookie })
    const tookMs = performance.now() - startedAt
    const codes = (await Promise.all(asked)).map(codeOf)
    for (const agent of agents) agent.destroy()
    expect(meanwhile.status).toBe(200)
    const refused = codes.filter((code) => code === 'rate-limited').length
    expect(refused).toBeGreaterThan(0)
    expect(refused + codes.filter((code) => code === 'sign-in-refused').length).toBe(120)
    expect(tookMs).toBeLessThan(performance.now() - startedAt)
  })
})
