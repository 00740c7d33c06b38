import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeRecoveryCodes, readRecoveryCode } from './recovery-codes.ts'
import { signInKeysOf } from './sign-in-keys.ts'

const keys = signInKeysOf(Buffer.alloc(32, 7))
const secret = Buffer.from('12345678901234567890')

describe('a secret at rest', () => {
  it('opens for its account alone, and is sealed differently each time', () => {
    const [one, two] = [keys.seal('li', secret), keys.seal('li', secret)]
    expect(one).not.toBe(two)
    expect(keys.open('li', one)).toEqual(secret)
    expect(() => keys.open('wang', one)).toThrow('cannot be read')
    expect(() => signInKeysOf(randomBytes(32)).open('li', one)).toThrow('cannot be read')
  })

  it('does not open where a single bit was altered', () => {
    const sealed = keys.seal('li', secret)
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes)
      altered[at] = (altered[at] ?? 0) ^ 1
      expect(() => keys.open('li', `v1.${altered.toString('base64url')}`)).toThrow('cannot be read')
    }
    expect(() => keys.open('li', `v2.${sealed.slice(3)}`)).toThrow('cannot be read')
    expect(() => keys.open('li', '')).toThrow('cannot be read')
  })
})

describe('recovery codes', () => {
  it('are ten, of 80 bits, without look-alikes', () => {
    const bounds = new Set<number>()
    const codes = makeRecoveryCodes((below) => {
      bounds.add(below)
      return 0
    })
    expect([...bounds]).toEqual([32])
    expect(codes).toHaveLength(10)
    const drawn = Array.from({ length: 50 }, () => makeRecoveryCodes()).flat()
    expect(new Set(drawn).size).toBe(500)
    for (const code of drawn) expect(code).toMatch(/^[A-HJ-NP-Z2-9]{4}(?:-[A-HJ-NP-Z2-9]{4}){3}$/)
  })

  it('are read as they are typed, and nothing else is one', () => {
    expect(readRecoveryCode(' k7dm 9xwa-qr4cTE3H ')).toBe('K7DM-9XWA-QR4C-TE3H')
    for (const typed of ['', '123456', 'K7DM-9XWA-QR4C-TE3', 'K7DM-9XWA-QR4C-TE3O'])
      expect(readRecoveryCode(typed)).toBeNull()
  })

  it('have another hash for each account', () => {
    expect(keys.recoveryHash('li', 'A')).not.toBe(keys.recoveryHash('wang', 'A'))
  })
})
