import { describe, expect, it } from 'vitest'
import { base32Of, matchTotp, otpauthAddress, stepOf, totpCode } from './totp.ts'

/** RFC 6238, appendix B: the secret of its SHA-1 rows. */
const secret = Buffer.from('12345678901234567890')

describe('a code', () => {
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('at second %d is the one of RFC 6238', (seconds, code) => {
    expect(totpCode(secret, stepOf(seconds * 1_000), 8)).toBe(code)
    expect(totpCode(secret, stepOf(seconds * 1_000))).toBe(code.slice(2))
  })

  it('counts one step early or late, and not two', () => {
    const nowMs = 1_111_111_111_000
    const at = (steps: number) => totpCode(secret, stepOf(nowMs) + steps)
    const match = (code: string, usedStep = 0) => matchTotp(secret, code, { nowMs, usedStep })
    expect([-1, 0, 1].map((steps) => match(at(steps)))).toEqual([-1, 0, 1].map((n) => stepOf(nowMs) + n))
    expect([match(at(-2)), match(at(2))]).toEqual([null, null])
  })

  it('counts once: its step and those before it are used up', () => {
    const nowMs = 1_111_111_111_000
    const step = stepOf(nowMs)
    const match = (of: number, usedStep: number) =>
      matchTotp(secret, totpCode(secret, of), { nowMs, usedStep })
    expect(match(step, step)).toBeNull()
    expect(match(step - 1, step)).toBeNull()
    expect(match(step + 1, step)).toBe(step + 1)
  })

  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６'])('is none of %j', (typed) => {
    expect(matchTotp(secret, typed, { nowMs: 1_111_111_111_000, usedStep: 0 })).toBeNull()
  })
})

describe('what the telephone reads', () => {
  it('is base32 by the vectors of RFC 4648', () => {
    const vectors = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) =>
      base32Of(Buffer.from(text)),
    )
    expect(vectors).toEqual(['', 'MY', 'MZXQ', 'MZXW6', 'MZXW6YQ', 'MZXW6YTB', 'MZXW6YTBOI'])
  })

  it('names console and account, also in Chinese and with a colon in the name', () => {
    const address = new URL(otpauthAddress({ issuer: 'Shoukou 保密办: A', account: 'li:x', secret }))
    expect(decodeURIComponent(address.pathname)).toContain('Shoukou 保密办: A:li:x')
    expect(address.href).toContain('%3A')
    expect(Object.fromEntries(address.searchParams)).toEqual({
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      issuer: 'Shoukou 保密办: A',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    })
    expect(address.search).not.toContain('+')
  })
})
