import { describe, expect, it } from 'vitest'
import { seededRandom } from '../fixtures/seeded-random.ts'
import { thrownBy } from '../fixtures/thrown-by.ts'
import { LIMITS } from '../limits.ts'
import { checkDigitOf, hasCheckDigit, typedDigits } from './check-digit.ts'
import {
  checkCode,
  makeChallenge,
  makeCode,
  mediumDigits,
  parseChallenge,
  SPOKEN_COUNTER_MAX,
  SPOKEN_NONCE_MAX,
  type SpokenRight,
} from './spoken-code.ts'

const spokenKey = Buffer.alloc(32, 7)
const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const challenge = makeChallenge({ digest, counter: 42, nonce: 318 })
const grant = { spokenKey, challenge, right: 'read-write', minutes: 90 } as const
const code = makeCode(grant)
const plain = (text: string) => text.replaceAll(' ', '')

/** Every text that differs from `digits` in one digit, and every swap of two neighbours that changes it. */
function* slipsOf(digits: string): Generator<string> {
  for (let at = 0; at < digits.length; at += 1) {
    for (let digit = 0; digit < 10; digit += 1) {
      if (String(digit) !== digits[at]) yield digits.slice(0, at) + String(digit) + digits.slice(at + 1)
    }
    const [a, b] = [digits[at] ?? '', digits[at + 1] ?? '']
    if (b !== '' && a !== b) yield digits.slice(0, at) + b + a + digits.slice(at + 2)
  }
}

describe('the check digit', () => {
  it('is that of the published example: 572 gives 4', () => {
    expect(checkDigitOf('572')).toBe('4')
    expect(hasCheckDigit('5724')).toBe(true)
  })

  it('finds every wrong digit and every swap of neighbours, after any digits', () => {
    for (let number = 0; number < 1_000; number += 1) {
      const digits = String(number).padStart(3, '0')
      const whole = digits + checkDigitOf(digits)
      for (const slip of slipsOf(whole)) expect(hasCheckDigit(slip)).toBe(false)
    }
  })

  it('takes what a Chinese keyboard types', () => {
    expect(typedDigits('１２３４　5678-90')).toBe('1234567890')
    expect(typedDigits('12a4')).toBeNull()
    expect(typedDigits('')).toBeNull()
    expect(typedDigits('1'.repeat(81))).toBeNull()
  })
})

describe('a challenge', () => {
  it('is sixteen digits in groups of four', () => {
    expect(challenge).toMatch(/^\d{4} \d{4} \d{4} \d{4}$/)
  })

  it('gives back what it was made of', () => {
    expect(parseChallenge(challenge)).toEqual({
      digits: plain(challenge),
      medium: mediumDigits(digest),
      counter: 42,
      nonce: 318,
    })
  })

  it('is refused with any one slip', () => {
    for (const slip of slipsOf(plain(challenge))) expect(parseChallenge(slip)).toBeNull()
  })

  it('is refused where it is too short, too long or no digits', () => {
    for (const text of ['', '1', plain(challenge).slice(1), `${challenge}0`, 'abcd efgh ijkl mnop']) {
      expect(parseChallenge(text)).toBeNull()
    }
  })

  it('is made at the limits and not past them', () => {
    const at = makeChallenge({ digest, counter: SPOKEN_COUNTER_MAX, nonce: SPOKEN_NONCE_MAX })
    expect(parseChallenge(at)).toMatchObject({ counter: SPOKEN_COUNTER_MAX, nonce: SPOKEN_NONCE_MAX })
    for (const parts of [
      { digest, counter: SPOKEN_COUNTER_MAX + 1, nonce: 0 },
      { digest, counter: 0, nonce: SPOKEN_NONCE_MAX + 1 },
      { digest, counter: -1, nonce: 0 },
      { digest, counter: 0.5, nonce: 0 },
      { digest: 'abc', counter: 0, nonce: 0 },
    ]) {
      expect(thrownBy(() => makeChallenge(parts))).toMatchObject({ code: 'limit-exceeded' })
    }
  })
})

describe('a spoken code', () => {
  it('is sixteen digits that tell the agent right and minutes', () => {
    expect(code).toMatch(/^\d{4} \d{4} \d{4} \d{4}$/)
    expect(checkCode({ spokenKey, challenge, code })).toEqual({ ok: true, right: 'read-write', minutes: 90 })
  })

  it('carries every number of minutes with either right', () => {
    for (const right of ['read-only', 'read-write'] satisfies SpokenRight[]) {
      for (let minutes = 1; minutes <= LIMITS.grantMinutesMax; minutes += 1) {
        const made = makeCode({ ...grant, right, minutes })
        expect(checkCode({ spokenKey, challenge, code: plain(made) })).toEqual({ ok: true, right, minutes })
      }
    }
  })

  it('is not made for minutes past the limit, for none, or for a misread challenge', () => {
    for (const minutes of [0, LIMITS.grantMinutesMax + 1, 1.5, -1, Number.NaN]) {
      expect(thrownBy(() => makeCode({ ...grant, minutes }))).toMatchObject({ code: 'limit-exceeded' })
    }
    expect(thrownBy(() => makeCode({ ...grant, challenge: '1' }))).toMatchObject({ code: 'grant-refused' })
    expect(thrownBy(() => makeCode({ ...grant, spokenKey: Buffer.alloc(31) }))).toMatchObject({
      code: 'limit-exceeded',
    })
  })

  it('is told misheard with any one slip, so that no try is lost', () => {
    for (const slip of slipsOf(plain(code))) {
      expect(checkCode({ spokenKey, challenge, code: slip })).toEqual({ ok: false, reason: 'check-digit' })
    }
  })

  it('is wrong on another computer, for another medium, with another counter or nonce', () => {
    const wrong = { ok: false, reason: 'wrong' }
    expect(checkCode({ spokenKey: Buffer.alloc(32, 8), challenge, code })).toEqual(wrong)
    for (const parts of [
      { digest: digest.replace('9f', '9e'), counter: 42, nonce: 318 },
      { digest, counter: 43, nonce: 318 },
      { digest, counter: 42, nonce: 319 },
    ]) {
      expect(checkCode({ spokenKey, challenge: makeChallenge(parts), code })).toEqual(wrong)
    }
  })

  it('is wrong where right or minutes were raised and the check digit mended', () => {
    const mac = plain(code).slice(4, 15)
    for (const raised of ['0090', '0091', '6440', '5091', '0000', '5000', '1441', '9999']) {
      const digits = raised + mac
      const forged = digits + checkDigitOf(digits)
      expect(checkCode({ spokenKey, challenge, code: forged })).toEqual({ ok: false, reason: 'wrong' })
    }
  })

  it('is not guessed in 20,000 well-formed tries', () => {
    const random = seededRandom(11)
    for (let round = 0; round < 20_000; round += 1) {
      const digits = `0060${Array.from({ length: 11 }, () => random.int(10)).join('')}`
      expect(checkCode({ spokenKey, challenge, code: digits + checkDigitOf(digits) }).ok).toBe(false)
    }
  })

  it('is the same for ever: a console of today is answered by an agent of years ago', () => {
    expect([challenge, code]).toMatchInlineSnapshot(`
      [
        "4253 3000 0420 3185",
        "5090 1877 2306 5720",
      ]
    `)
  })
})
