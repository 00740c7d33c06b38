import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { SessionAnswer } from './contract.ts'
import { codeOf, cookieOf, startTestApi, TEST_PASSWORD, type TestApi } from './test-api.ts'

// Real consoles start here, and each password is hashed slowly on purpose.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

const day = 86_400_000

let test: TestApi
beforeAll(async () => {
  test = await startTestApi({ pace: { signInsPerMinute: 10_000 } })
})
afterAll(() => test[Symbol.asyncDispose]())

const signIn = (name: string, password: string) =>
  test.call('POST', '/api/session', { body: { name, password } })
const change = (cookie: string, current: string, next: string) =>
  test.call('POST', '/api/session/password', { cookie, body: { current, next } })

describe('on a console of level 机密', () => {
  it('a password of a week ago signs in only as far as changing it', async () => {
    test.clock.now += 7 * day - 1
    const before = await signIn('li', TEST_PASSWORD)
    expect((before.json as SessionAnswer).signIn.password).toBe('own')
    test.clock.now += 1
    const after = await signIn('li', TEST_PASSWORD)
    expect(after.json).toMatchObject({
      mustChangePassword: true,
      permissions: [],
      signIn: { password: 'expired' },
    })
    const cookie = cookieOf(after)
    for (const path of ['/api/computers', '/api/account', '/api/feed']) {
      const refused = await test.call('GET', path, { cookie })
      expect([refused.status, codeOf(refused)]).toEqual([403, 'password-must-change'])
    }
    const changed = await change(cookie, TEST_PASSWORD, 'Second-Gate-1')
    expect(changed.json).toMatchObject({ mustChangePassword: false, signIn: { password: 'own' } })
    expect((await test.call('GET', '/api/computers', { cookie: cookieOf(changed) })).status).toBe(200)
  })

  it('is changed once a day at most, none of the last twelve comes again, and the thirteenth does', async () => {
    let cookie = cookieOf(await signIn('li', 'Second-Gate-1'))
    const soon = await change(cookie, 'Second-Gate-1', 'Third-Gate-1')
    expect([soon.status, codeOf(soon)]).toEqual([422, 'password-too-new'])
    let current = 'Second-Gate-1'
    for (let at = 2; at <= 13; at += 1) {
      test.clock.now += day
      cookie = cookieOf(await signIn('li', current))
      const again = await change(cookie, current, 'Second-Gate-1')
      const isKept = at <= 13 && current !== 'Second-Gate-1'
      expect(codeOf(again)).toBe(isKept ? 'password-used-before' : 'password-too-weak')
      const next = `Another-Gate-${at}`
      expect((await change(cookie, current, next)).status).toBe(200)
      current = next
    }
    test.clock.now += day
    cookie = cookieOf(await signIn('li', current))
    expect((await change(cookie, current, 'Second-Gate-1')).status).toBe(200)
    expect(await test.store.pastPasswords('li', 100)).toHaveLength(12)
  })

  it('is refused in the log with the reason, and the log holds no password', async () => {
    const actions = await test.store.actions({ limit: 200 })
    const refused = actions.filter(({ action }) => action === 'password-change-refused')
    expect(new Set(refused.map(({ detail }) => detail))).toEqual(
      new Set(['password-too-new', 'password-used-before', 'password-too-weak']),
    )
    expect(JSON.stringify(actions)).not.toContain('Gate')
  })
})
