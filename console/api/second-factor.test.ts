import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { resetAccount } from '../workflows/accounts/first-accounts.ts'
import { stepOf, totpCode } from '../workflows/accounts/totp.ts'
import type { SessionAnswer } from './contract.ts'
import type { NewSecretAnswer, OwnAccount, RecoveryCodes, SignInForm } from './contract-sign-in.ts'
import { type Answer, codeOf, cookieOf, startTestApi, TEST_PASSWORD, type TestApi } from './test-api.ts'

// Real consoles start here, and each password is hashed slowly on purpose.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 })

let test: TestApi
/** Another one for each test. */
let own: string
let accounts = 0
beforeAll(async () => {
  test = await startTestApi({ pace: { signInsPerMinute: 1_000 } })
})
beforeEach(async () => {
  const like = await test.store.account('li')
  if (like === null) throw new Error('There is no li.')
  accounts += 1
  own = `person-${accounts}`
  await test.store.addAccount({ ...like, name: own, createdAt: test.clock.now })
})
afterAll(() => test[Symbol.asyncDispose]())

const password = TEST_PASSWORD
const signIn = (shown: { code?: string; password?: string; name?: string } = {}) =>
  test.call('POST', '/api/session', { body: { name: own, password, ...shown } })
const post = (cookie: string, path: string, body: object) =>
  test.call('POST', `/api/account/second-factor${path}`, { cookie, body })

interface Phone {
  readonly secret: Buffer
  readonly recoveryCodes: readonly string[]
  readonly cookie: string
}

/** What the person at the telephone sees: decoded from the text, as whoever types it does. */
function secretOf(answer: Answer): Buffer {
  const { secret, address } = answer.json as NewSecretAnswer
  expect(new URL(address).searchParams.get('secret')).toBe(secret)
  const bits = Array.from(secret, (one) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'),
  ).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

const codeNow = (secret: Buffer) => totpCode(secret, stepOf(test.clock.now))
const nextStep = () => {
  test.clock.now += 30_000
}

async function setUp(cookie?: string): Promise<Phone> {
  const signedIn = cookie ?? cookieOf(await signIn())
  const secret = secretOf(await post(signedIn, '', { password }))
  const confirmed = await post(signedIn, '/confirm', { code: codeNow(secret) })
  expect(confirmed.status).toBe(200)
  const { recoveryCodes } = confirmed.json as RecoveryCodes
  nextStep()
  return { secret, recoveryCodes, cookie: cookieOf(confirmed) }
}

const actions = async () =>
  (await test.store.actions({ limit: 100 }))
    .filter(({ account, action }) => account === own || action === 'sign-in-refused')
    .map(({ action, detail }) => `${action} ${detail}`)

describe('a second factor', () => {
  it('counts only after its first code, then is asked for, and everybody is asked the same', async () => {
    const form = async () => (await test.call('GET', '/api/sign-in')).json as SignInForm
    expect((await form()).codes).toBe('none')
    const before = cookieOf(await signIn())
    const begun = await post(before, '', { password })
    expect((await signIn()).status).toBe(200)
    const wrong = await post(before, '/confirm', { code: '000000' })
    expect(codeOf(wrong)).toBe('sign-in-refused')
    const secret = secretOf(begun)
    expect((await post(before, '/confirm', { code: codeNow(secret) })).status).toBe(200)
    expect((await form()).codes).toBe('some')
    nextStep()
    expect(codeOf(await signIn())).toBe('sign-in-refused')
    const after = await signIn({ code: codeNow(secret) })
    expect(after.json).toMatchObject({ signIn: { secondFactor: 'in-use' } })
    expect((await signIn({ name: 'zhao' })).status).toBe(200)
    expect(await actions()).toContain('sign-in sec-admin: password, totp')
  })

  it('ends the other sessions, and lets the password be used for a month', async () => {
    const elsewhere = cookieOf(await signIn())
    const { cookie } = await setUp()
    expect((await test.call('GET', '/api/session', { cookie: elsewhere })).status).toBe(401)
    const account = (await test.call('GET', '/api/account', { cookie })).json as OwnAccount
    expect(account.secondFactor).toMatchObject({ recoveryCodesLeft: 10, isDemanded: false })
    expect(account.passwordEndsAt - account.passwordAt).toBe(30 * 86_400_000)
  })

  it('takes each code once, in a window of one step, and counts wrong ones with wrong passwords', async () => {
    const { secret } = await setUp()
    const code = codeNow(secret)
    expect((await signIn({ code })).status).toBe(200)
    expect(codeOf(await signIn({ code }))).toBe('sign-in-refused')
    nextStep()
    nextStep()
    const early = totpCode(secret, stepOf(test.clock.now) + 1)
    expect((await signIn({ code: early })).status).toBe(200)
    // One that is older than a used one is used up with it.
    expect(codeOf(await signIn({ code: codeNow(secret) }))).toBe('sign-in-refused')
    nextStep()
    nextStep()
    const codes: string[] = []
    for (const shown of [{ code: '123456' }, { password: 'Wrong-1' }, {}, { code: 'x' }])
      codes.push(codeOf(await signIn(shown)))
    // With the one before.
    expect(codes).toEqual([...Array.from({ length: 3 }, () => 'sign-in-refused'), 'account-locked'])
    expect(codeOf(await signIn({ code: codeNow(secret) }))).toBe('account-locked')
    test.clock.now += 30 * 60_000
    expect((await signIn({ code: codeNow(secret) })).status).toBe(200)
  })

  it('answers a right and a wrong password with the same bytes where the code is wrong or missing', async () => {
    await setUp()
    const texts = new Set<string>()
    for (const shown of [{}, { password: 'Wrong-1' }, { code: '000000' }, { name: 'nobody', code: '000000' }])
      texts.add((await signIn(shown)).text)
    expect(texts.size).toBe(1)
    const why = (await actions())
      .filter((one) => one.startsWith('sign-in-refused'))
      .slice(0, 4)
      .toReversed()
    expect(why.map((one) => one.split(': ')[1])).toEqual([
      'code-missing',
      'wrong-password',
      'wrong-code',
      'unknown-name',
    ])
  })

  it('gives a code to one of two who show it at the same moment', async () => {
    const { secret } = await setUp()
    const code = codeNow(secret)
    const answers = await Promise.all([signIn({ code }), signIn({ code }), signIn({ code })])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401])
  })

  it('is replaced by a recovery code, each once, however it is typed', async () => {
    const { recoveryCodes } = await setUp()
    const [first = '', second = ''] = recoveryCodes
    const opened = await signIn({ code: first.toLowerCase().replaceAll('-', ' ') })
    expect(opened.status).toBe(200)
    expect(codeOf(await signIn({ code: first }))).toBe('sign-in-refused')
    const cookie = cookieOf(await signIn({ code: second }))
    const account = (await test.call('GET', '/api/account', { cookie })).json as OwnAccount
    expect(account.secondFactor.recoveryCodesLeft).toBe(8)
    const other = await test.signIn('auditor')
    await setUp(other)
    expect(codeOf(await signIn({ name: 'zhao', code: recoveryCodes[2] ?? '' }))).toBe('sign-in-refused')
  })

  it('is removed by password and code alone; another one is set up with both', async () => {
    const { secret, cookie } = await setUp()
    expect(codeOf(await post(cookie, '/remove', { password }))).toBe('sign-in-refused')
    expect(codeOf(await post(cookie, '', { password }))).toBe('sign-in-refused')
    expect(codeOf(await post(cookie, '/remove', { password: 'Wrong-1', code: codeNow(secret) }))).toBe(
      'sign-in-refused',
    )
    const begun = await post(cookie, '', { password, code: codeNow(secret) })
    const another = secretOf(begun)
    // The old one counts until the new one is confirmed.
    nextStep()
    expect((await signIn({ code: codeNow(secret) })).status).toBe(200)
    const confirmed = await post(cookie, '/confirm', { code: codeNow(another) })
    nextStep()
    expect(codeOf(await signIn({ code: codeNow(secret) }))).toBe('sign-in-refused')
    const fresh = cookieOf(confirmed)
    const removed = await post(fresh, '/remove', { password, code: codeNow(another) })
    expect((removed.json as SessionAnswer).signIn.secondFactor).toBe('none')
    expect((await signIn()).status).toBe(200)
  })

  it('that was begun a quarter of an hour ago, or was begun anew, is confirmed no more', async () => {
    const cookie = cookieOf(await signIn())
    const first = secretOf(await post(cookie, '', { password }))
    const second = secretOf(await post(cookie, '', { password }))
    expect(codeOf(await post(cookie, '/confirm', { code: codeNow(first) }))).toBe('sign-in-refused')
    test.clock.now += 8 * 60_000
    expect((await test.call('GET', '/api/session', { cookie })).status).toBe(200)
    test.clock.now += 8 * 60_000
    expect(codeOf(await post(cookie, '/confirm', { code: codeNow(second) }))).toBe('not-found')
  })

  it('is removed by the reset of a lost password, and everything else with it', async () => {
    const { cookie, recoveryCodes } = await setUp()
    const oneTime = await resetAccount(test.store, own, test.clock.now)
    expect((await test.call('GET', '/api/session', { cookie })).status).toBe(401)
    const answer = await signIn({ password: oneTime })
    expect(answer.json).toMatchObject({ mustChangePassword: true, signIn: { secondFactor: 'none' } })
    const fresh = cookieOf(answer)
    // A one-time password opens nothing but its change: not even a second factor.
    expect(codeOf(await post(fresh, '', { password: oneTime }))).toBe('password-must-change')
    expect(codeOf(await signIn({ code: recoveryCodes[0] ?? '' }))).toBe('sign-in-refused')
  })

  it('that was reset stands as one that was never set up: its owner proves the same as at the first time', async () => {
    await setUp()
    const oneTime = await resetAccount(test.store, own, test.clock.now)
    const again = await test.store.credential(own)
    expect([again?.totp ?? null, again?.totpSince ?? null, again?.pending ?? null]).toEqual([
      null,
      null,
      null,
    ])
    expect(await test.store.recoveryCodesLeft(own)).toBe(0)
    expect(await test.store.sessionsOf(own)).toEqual([])
    expect((await test.store.account(own))?.mustChange).toBe(true)
    // From there on the first way, step by step: one-time password, own password, secret, first code.
    const next = 'Mended-Gate-4-Xylo'
    const body = { current: oneTime, next }
    const opened = cookieOf(await signIn({ password: oneTime }))
    const changed = await test.call('POST', '/api/session/password', { cookie: opened, body })
    expect(changed.status).toBe(200)
    expect((await post(cookieOf(changed), '', { password: next })).status).toBe(200)
    expect((await test.store.credential(own))?.totp ?? null).toBeNull()
  })

  it('lies sealed in the store, and its codes as hashes', async () => {
    const { secret, recoveryCodes } = await setUp()
    const credential = await test.store.credential(own)
    expect(credential?.totp).toMatch(/^v1\.[\w-]{60,}$/)
    const stored = Buffer.from(credential?.totp?.slice(3) ?? '', 'base64url')
    expect(stored.includes(secret)).toBe(false)
    expect(JSON.stringify(await test.store.actions({ limit: 100 }))).not.toContain(recoveryCodes[0])
    expect(test.logged.join('\n')).not.toContain(recoveryCodes[0])
  })
})

describe('where the rules demand a second factor', () => {
  it('a session goes as far as setting it up, and it cannot be removed', async () => {
    const admin = cookieOf(await signIn())
    const { rules } = (await test.call('GET', '/api/sign-in-rules', { cookie: admin })).json as {
      rules: object
    }
    const body = { baseVersion: 0, rules: { ...rules, secondFactorRoles: ['viewer'] }, reason: 'keys' }
    expect((await test.call('PUT', '/api/sign-in-rules', { cookie: admin, body })).status).toBe(200)
    const limited = await signIn({ name: 'wu' })
    expect(limited.json).toMatchObject({ permissions: [], signIn: { secondFactor: 'to-set-up' } })
    expect(codeOf(await test.call('GET', '/api/computers', { cookie: cookieOf(limited) }))).toBe(
      'second-factor-needed',
    )
    const { cookie, secret } = await setUp(cookieOf(limited))
    expect((await test.call('GET', '/api/computers', { cookie })).status).toBe(200)
    const refused = await post(cookie, '/remove', { password, code: codeNow(secret) })
    expect([refused.status, codeOf(refused)]).toEqual([403, 'second-factor-needed'])
  })
})
