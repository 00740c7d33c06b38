import { createHash } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createFirstAccounts, resetAccount } from '../workflows/accounts/first-accounts.ts'
import { LEAKED_FILE } from '../workflows/accounts/leaked-passwords.ts'
import { codeOf, cookieOf, startTestApi, TEST_PASSWORD, type TestApi } from './test-api.ts'
import { AGENT, addComputer } from './test-data.ts'

// Real consoles start here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let test: TestApi
beforeAll(async () => {
  test = await startTestApi({ pace: { signInsPerMinute: 1_000 } })
})
afterAll(() => test[Symbol.asyncDispose]())

const signInAs = (name: string, password: string) =>
  test.call('POST', '/api/session', { body: { name, password } })
const session = (cookie: string) => test.call('GET', '/api/session', { cookie })

describe('signing in', () => {
  it('gives a cookie that only this host, only TLS and no script can use', async () => {
    const answer = await signInAs('li', TEST_PASSWORD)
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({
      name: 'li',
      role: 'sec-admin',
      mustChangePassword: false,
      console: { level: 'secret', unit: 'Test unit' },
    })
    const cookie = answer.headers['set-cookie']?.[0] ?? ''
    expect(cookie).toMatch(/^__Host-shoukou=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    expect((await session(cookieOf(answer))).json).toEqual(answer.json)
  })

  it('keeps no cookie in the store, and no password in the trail', async () => {
    const cookie = await test.signIn('auditor')
    const secret = cookie.split('=')[1] ?? ''
    expect(await test.store.session(secret)).toBeNull()
    await signInAs('Right-Horse-typed-into-the-name', 'x')
    const actions = JSON.stringify(await test.store.actions({ limit: 100 }))
    expect(actions).not.toContain('Right-Horse')
    expect(actions).toContain('sign-in-refused')
  })

  it('gives another session each time, and ends the one that the browser had', async () => {
    const before = cookieOf(await signInAs('li', TEST_PASSWORD))
    const elsewhere = cookieOf(await signInAs('li', TEST_PASSWORD))
    const body = { name: 'li', password: TEST_PASSWORD }
    const after = cookieOf(await test.call('POST', '/api/session', { body, cookie: before }))
    expect(new Set([before, elsewhere, after]).size).toBe(3)
    const statuses = await Promise.all([before, elsewhere, after].map(session))
    expect(statuses.map((one) => one.status)).toEqual([401, 200, 200])
    const planted = cookieOf(
      await test.call('POST', '/api/session', { body, cookie: `__Host-shoukou=${'A'.repeat(43)}` }),
    )
    expect(planted).not.toContain('AAAA')
  })

  it('refuses everything without a session, and signs out for good', async () => {
    expect(codeOf(await test.call('GET', '/api/violations'))).toBe('not-signed-in')
    const cookie = await test.signIn('sec-admin')
    expect((await test.call('DELETE', '/api/session', { cookie })).status).toBe(200)
    const after = await session(cookie)
    expect([after.status, codeOf(after)]).toEqual([401, 'not-signed-in'])
  })

  it('refuses a wrong name and a wrong password in the same words, and locks both after five', async () => {
    await test.store.addAccount({ ...(await accountLike('li')), name: 'chen' })
    for (const name of ['chen', 'nobody']) {
      const codes: string[] = []
      for (let tries = 0; tries < 5; tries += 1) codes.push(codeOf(await signInAs(name, 'Wrong-Horse-7')))
      expect(codes).toEqual([...Array.from({ length: 4 }, () => 'sign-in-refused'), 'account-locked'])
      const locked = await signInAs(name, TEST_PASSWORD)
      expect([locked.status, codeOf(locked)]).toEqual([423, 'account-locked'])
      expect(locked.text).toContain('30 more minutes')
    }
    test.clock.now += 30 * 60_000
    expect((await signInAs('chen', TEST_PASSWORD)).status).toBe(200)
    expect((await test.store.account('chen'))?.failures).toBe(0)
  })

  it('gives a burst of tries at one name no more than five', async () => {
    await test.store.addAccount({ ...(await accountLike('li')), name: 'sun' })
    const answers = await Promise.all(Array.from({ length: 12 }, () => signInAs('sun', 'Wrong-Horse-7')))
    expect(answers.map(codeOf).filter((code) => code === 'sign-in-refused')).toHaveLength(4)
    expect((await test.store.account('sun'))?.failures).toBe(5)
  })

  it('ends a session that is not used for ten minutes; what a page reads by itself is no use', async () => {
    const cookie = await test.signIn('sec-admin')
    test.clock.now += 6 * 60_000
    expect((await test.call('GET', '/api/computers', { cookie })).status).toBe(200)
    test.clock.now += 6 * 60_000
    const background = { cookie, headers: { 'x-shoukou-background': '1' } }
    expect((await test.call('GET', '/api/computers', background)).status).toBe(200)
    test.clock.now += 5 * 60_000
    expect((await test.call('GET', '/api/computers', background)).status).toBe(401)
  })

  it('ends a session after twelve hours, however busy', async () => {
    const cookie = await test.signIn('sec-admin')
    for (let minutes = 0; minutes < 12 * 60 - 9; minutes += 9) {
      test.clock.now += 9 * 60_000
      expect((await session(cookie)).status).toBe(200)
    }
    test.clock.now += 9 * 60_000
    expect((await session(cookie)).status).toBe(401)
  })
})

describe('the first run', () => {
  it('makes one-time passwords only where there is no account, and they open nothing but the change', async () => {
    await using fresh = await startTestApi()
    expect(await createFirstAccounts(fresh.store, fresh.clock.now)).toEqual([])
    const password = await resetAccount(fresh.store, 'li')
    const first = await fresh.call('POST', '/api/session', { body: { name: 'li', password } })
    expect(first.json).toMatchObject({ mustChangePassword: true, permissions: [] })
    const cookie = cookieOf(first)
    const refused = await fresh.call('GET', '/api/computers', { cookie })
    expect([refused.status, codeOf(refused)]).toEqual([403, 'password-must-change'])
    const next = 'Brand-New-Gate-42'
    const changed = await fresh.call('POST', '/api/session/password', {
      cookie,
      body: { current: password, next },
    })
    expect(changed.json).toMatchObject({ mustChangePassword: false })
    expect((await fresh.call('GET', '/api/computers', { cookie: cookieOf(changed) })).status).toBe(200)
    expect((await fresh.call('GET', '/api/session', { cookie })).status).toBe(401)
    const old = await fresh.call('POST', '/api/session', { body: { name: 'li', password } })
    expect(codeOf(old)).toBe('sign-in-refused')
  })
})

describe('changing the password', () => {
  it('ends the other sessions of the account, and none of others', async () => {
    const [here, elsewhere, other] = [
      await test.signIn('auditor'),
      await test.signIn('auditor'),
      await test.signIn('sec-admin'),
    ]
    const body = { current: TEST_PASSWORD, next: 'Another-Gate-99' }
    const changed = await test.call('POST', '/api/session/password', { cookie: here, body })
    expect(changed.status).toBe(200)
    expect((await session(elsewhere)).status).toBe(401)
    expect((await session(here)).status).toBe(401)
    expect((await session(cookieOf(changed))).status).toBe(200)
    expect((await session(other)).status).toBe(200)
    // Others of this file sign in with the first one.
    const isOneTime = false
    const { passwordHash: hash } = await accountLike('li')
    await test.store.setPassword('zhao', { hash, at: test.clock.now, isOneTime, historyMax: 12 })
  })

  it('refuses one that leaked, by the list that the unit brought', async () => {
    const next = 'Leaked-Once-4-Everybody'
    const hash = createHash('sha1').update(next).digest('hex').toUpperCase()
    const list = join(test.dataDir, LEAKED_FILE)
    await writeFile(list, `${'0'.repeat(40)}:3\n${hash}:17\n`)
    const cookie = await test.signIn('sec-admin')
    const body = { current: TEST_PASSWORD, next }
    const answer = await test.call('POST', '/api/session/password', { cookie, body })
    expect([answer.status, codeOf(answer)]).toEqual([422, 'password-leaked'])
    expect((await session(cookie)).status).toBe(200)
    await rm(list)
  })

  it('refuses one that holds the name of the unit or of one of its departments', async () => {
    await addComputer(test)
    await test.store.setDepartment(AGENT, 'Krypta', { at: test.clock.now, account: 'li', reason: 'x' })
    const cookie = await test.signIn('sec-admin')
    for (const next of ['Our-Test-Unit-47x', 'In-der-KRYPTA-47x']) {
      const body = { current: TEST_PASSWORD, next }
      const answer = await test.call('POST', '/api/session/password', { cookie, body })
      expect([next, answer.status, codeOf(answer)]).toEqual([next, 422, 'password-too-weak'])
    }
  })

  it.each([
    'Short-1a',
    'no-capital-letter-1',
    'NO-SMALL-LETTER-1',
    'No-Digit-In-This',
    'NoSpecialCharacter1',
    'My-name-is-LI-1',
    'Ours-is-5h0uk0u-7',
    'Passw0rd!2026',
    TEST_PASSWORD,
  ])('refuses %s and says why', async (next) => {
    const cookie = await test.signIn('sec-admin')
    const answer = await test.call('POST', '/api/session/password', {
      cookie,
      body: { current: TEST_PASSWORD, next },
    })
    expect([answer.status, codeOf(answer)]).toEqual([422, 'password-too-weak'])
    expect((await session(cookie)).status).toBe(200)
  })
})

describe('a request from another page', () => {
  const body = { name: 'li', password: TEST_PASSWORD }

  it.each([
    ['from the console itself', { 'sec-fetch-site': 'same-origin' }, 200],
    ['from another origin', { origin: 'https://evil.example' }, 403],
    ['from another port', { origin: 'https://127.0.0.1:1' }, 403],
    ['under a name that is not ours', { origin: 'https://rebound.example', host: 'rebound.example' }, 403],
    ['from a sandboxed page', { origin: 'null' }, 403],
    ['as the browser says, cross-site', { 'sec-fetch-site': 'cross-site' }, 403],
  ])('is judged: %s', async (_what, headers, status) => {
    expect((await test.call('POST', '/api/session', { body, headers })).status).toBe(status)
  })

  it('is refused where the header is not there at all', async () => {
    const response = await fetchWithoutHeader()
    expect(response).toBe(403)
  })

  async function fetchWithoutHeader(): Promise<number> {
    const answer = await test.api.inject({ method: 'POST', url: '/api/session', payload: body })
    return answer.statusCode
  }
})

describe('too many tries from one address', () => {
  it('are refused, whatever address a header names', async () => {
    await using slow = await startTestApi({ pace: { signInsPerMinute: 3 } })
    const codes: string[] = []
    for (let tries = 0; tries < 4; tries += 1) {
      const headers = { 'x-forwarded-for': `10.0.0.${tries}` }
      codes.push(
        codeOf(
          await slow.call('POST', '/api/session', { body: { name: `n${tries}`, password: 'x' }, headers }),
        ),
      )
    }
    expect(codes).toEqual(['sign-in-refused', 'sign-in-refused', 'sign-in-refused', 'rate-limited'])
    const actions = await slow.store.actions({ limit: 10 })
    expect(new Set(actions.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']))
  })
})

async function accountLike(name: string) {
  const account = await test.store.account(name)
  if (account === null) throw new Error(`There is no ${name}.`)
  return account
}
