import { argon2Sync } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { ACCOUNT_LIMITS } from './limits.ts'
import { afterWrongPassword, type Failures, lockedForMs, NO_FAILURES } from './lock-out.ts'
import { makeOneTimePassword } from './one-time-password.ts'
import { hashPassword, isPassword } from './password-hash.ts'
import { assertPasswordRule } from './password-rule.ts'
import { comparableAddress, endingByTime } from './session.ts'

// Hashing is slow on purpose.
vi.setConfig({ testTimeout: 30_000 })

describe('a password at rest', () => {
  it('is a PHC string of Argon2id with the parameters of OWASP, another one each time', async () => {
    const [first, second] = await Promise.all([hashPassword('Right-Horse-7'), hashPassword('Right-Horse-7')])
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(first).not.toBe(second)
    expect(await isPassword('Right-Horse-7', first)).toBe(true)
    expect(await isPassword('Right-Horse-8', first)).toBe(false)
  })

  it('is read by the vector of another implementation', async () => {
    // From the test of the reference implementation: "password", "somesalt", t=2, m=2^16, p=1.
    const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
    expect(await isPassword('password', stored)).toBe(true)
    expect(await isPassword('Password', stored)).toBe(false)
  })

  it('is known by the parameters that it was made with, whichever a new one is made with', async () => {
    // Argon2id of 'Right-Horse-7' with twice the memory and three passes: stronger ones join without anybody's doing.
    const salt = Buffer.alloc(16, 7)
    const cost = { memory: 38_912, passes: 3, parallelism: 1, tagLength: 64 }
    const tag = argon2Sync('argon2id', { message: 'Right-Horse-7', nonce: salt, ...cost })
    const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
    const stored = `$argon2id$v=19$m=38912,t=3,p=1$${text(salt)}$${text(tag)}`
    expect(await isPassword('Right-Horse-7', stored)).toBe(true)
    expect(await isPassword('Right-Horse-8', stored)).toBe(false)
  })

  it('is the same however its accents were typed', async () => {
    expect(await isPassword('Caf\u00e9-Horse-7', await hashPassword('Cafe\u0301-Horse-7'))).toBe(true)
  })

  it('is never right where there is no account', async () => {
    expect(await isPassword('', null)).toBe(false)
  })

  it('refuses to be compared with what is not a hash', async () => {
    await expect(isPassword('x', 'plain')).rejects.toThrow('not a PHC string')
  })

  it('is hashed for as many as may wait, and refused to one more', async () => {
    const most = ACCOUNT_LIMITS.hashesAtOnceMax + ACCOUNT_LIMITS.hashesWaitingMax
    const asked = Array.from({ length: most + 1 }, () => isPassword('x', null))
    const outcomes = await Promise.allSettled(asked)
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(await isPassword('x', null)).toBe(false)
  }, 20_000)
})

describe('the rule for passwords', () => {
  const refused =
    (password: string, name = 'li') =>
    () =>
      assertPasswordRule(password, name)

  it('takes ten characters of four classes and refuses nine', () => {
    expect(refused('Tvkrqug-47')).not.toThrow()
    expect(refused('Tvkrqu-47')).toThrow('at least 10')
  })

  it('counts characters, not bytes or halves of them', () => {
    expect(refused('Tv7-😀🙂😎😀🙂')).toThrow('at least 10')
    expect(refused('Tv7-😀🙂😎😀🙂😎')).not.toThrow()
  })

  it('refuses the name of the account in any case', () => {
    expect(refused('x-SECadmin-12', 'secadmin')).toThrow('name of the account')
  })

  it('refuses what everybody tries first, and what tells of the unit, each in its words', () => {
    expect(refused('Qwer1234!@#$')).toThrow('nobody would try first')
    const rule = { charactersMin: 10, words: ['krypta'] }
    expect(() => assertPasswordRule('My-Krypta-47x', 'li', rule)).toThrow('names of the unit')
  })

  it('takes 256 characters and refuses 257', () => {
    expect(refused('Tv7-rku'.padEnd(256, 'x'))).not.toThrow()
    expect(refused('Tv7-rku'.padEnd(257, 'x'))).toThrow('at most 256')
  })
})

describe('a one-time password', () => {
  it('meets the rule, has no look-alikes, and is another one each time', () => {
    const made = Array.from({ length: 500 }, () => makeOneTimePassword())
    expect(new Set(made).size).toBe(500)
    for (const password of made) {
      expect(password).toMatch(/^[A-Za-z0-9]{4}(?:-[A-Za-z0-9]{4}){3}$/)
      expect(password).not.toMatch(/[0Oo1lIi2Zz5Ss8BuvUV]/)
      for (const name of ['sysadmin', 'secadmin', 'auditor'])
        expect(() => assertPasswordRule(password, name)).not.toThrow()
    }
  })

  it('draws each character from at least 43, evenly: 16 of them are more than 80 bits', () => {
    const bounds = new Set<number>()
    let next = 0
    makeOneTimePassword((below) => {
      bounds.add(below)
      next = (next + 7) % below
      return next
    })
    expect([...bounds]).toEqual([43])
    expect(16 * Math.log2(43)).toBeGreaterThan(80)
  })
})

describe('the lock', () => {
  const wrong = (times: number, now: number, from: Failures = NO_FAILURES) =>
    Array.from({ length: times }).reduce<Failures>((state) => afterWrongPassword(state, now), from)

  it('closes at the fifth wrong password, for thirty minutes', () => {
    expect(lockedForMs(wrong(4, 1_000), 1_000)).toBe(0)
    expect(lockedForMs(wrong(5, 1_000), 1_000)).toBe(1_800_000)
    expect(lockedForMs(wrong(5, 1_000), 1_000 + 1_799_999)).toBe(1)
    expect(lockedForMs(wrong(5, 1_000), 1_000 + 1_800_000)).toBe(0)
  })

  it('counts from one again after it has opened', () => {
    const opened = wrong(1, 1_801_000, wrong(5, 1_000))
    expect(opened).toEqual({ failures: 1, lockedUntil: null })
  })
})

describe('a session', () => {
  const session = { createdAt: 0, lastUsedAt: 5_000 }
  const limits = { idleMs: 1_000, absoluteMs: 10_000 }

  it('is over when idle and when too old', () => {
    expect(endingByTime(session, 5_999, limits)).toBeNull()
    expect(endingByTime(session, 6_000, limits)).toBe('idle')
    expect(endingByTime({ ...session, lastUsedAt: 9_999 }, 9_999, limits)).toBeNull()
    expect(endingByTime({ ...session, lastUsedAt: 9_999 }, 10_000, limits)).toBe('too-old')
  })

  it('is over when the clock went far back before its last use, and not when it was adjusted', () => {
    const used = { ...session, lastUsedAt: 100_000 }
    const long = { idleMs: 1_000_000, absoluteMs: 10_000_000 }
    expect(endingByTime(used, 40_000, long)).toBeNull()
    expect(endingByTime(used, 39_999, long)).toBe('clock-set-back')
  })

  it('takes the forms of one address for one place, and no two addresses', () => {
    expect(new Set(['127.0.0.1', '127.0.0.2', '::1', '::ffff:127.0.0.1'].map(comparableAddress)).size).toBe(1)
    expect(comparableAddress('::ffff:10.1.2.3')).toBe(comparableAddress('10.1.2.3'))
    expect(comparableAddress('10.1.2.3')).not.toBe(comparableAddress('10.1.2.4'))
  })
})
