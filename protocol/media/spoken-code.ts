/**
 * Grants over the telephone, for a computer that reaches no console.
 *
 *   challenge, 16 digits, shown by the agent:     medium 5 · counter 6 · nonce 4 · check 1
 *   code, 16 digits, read back by the console:    grant 4 · MAC 11 · check 1
 *
 *   grant = minutes (1 to 1440), and 5000 more for read-write: the agent learns right and time from it
 *   MAC   = HMAC-SHA-256(spokenKey, "shoukou.spoken.v1" 00 challenge's 16 digits 00 grant's 4 digits),
 *           its first 64 bits modulo 10^11
 *
 * What it binds. Computer: by the key, which each computer has for itself. Medium: by five digits of its passport's digest
 * and, in the agent, by the one stay for which the challenge was made. Right and minutes: inside the MAC. Counter: each
 * number is good once; the agent counts on before it shows a challenge, and persists it. Nonce: nobody can have codes
 * made beforehand for challenges to come.
 *
 * How strong. A guess is right once in 10^11; with five tries before the lock, once in 2·10^10. A slip of the tongue (one
 * wrong digit, two neighbours swapped) is found by the check digit and need not count as a try. There is no clock in it:
 * minutes are counted in the agent's uptime.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { ShoukouError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { checkDigitOf, hasCheckDigit, inGroups, typedDigits } from './check-digit.ts'

export const SPOKEN_COUNTER_MAX = 999_999
export const SPOKEN_NONCE_MAX = 9_999
/** Wrong codes, their check digit right, until the agent locks. */
export const SPOKEN_TRIES_MAX = 5

const challengeDigits = 16
const codeDigits = 16
const macDigits = 11
const readWriteOffset = 5_000
const keyBytes = 32

export type SpokenRight = 'read-only' | 'read-write'

export interface ChallengeParts {
  /** Hex, at least 16 digits: the SHA-256 of what identifies medium and stay. */
  readonly digest: string
  /** 0 to `SPOKEN_COUNTER_MAX`. */
  readonly counter: number
  /** Random, 0 to `SPOKEN_NONCE_MAX`. */
  readonly nonce: number
}

export interface Challenge {
  /** The 16 digits, without spaces: what the code is bound to. */
  readonly digits: string
  /** Five digits of the medium's digest: `mediumDigits`. */
  readonly medium: string
  readonly counter: number
  readonly nonce: number
}

export interface CodeParts {
  /** 32 bytes, of this computer alone. */
  readonly spokenKey: Uint8Array
  /** As read out; spaces and dashes do not matter. */
  readonly challenge: string
  readonly right: SpokenRight
  /** 1 to `grantMinutesMax`. */
  readonly minutes: number
}

/**
 * Returns a challenge, in groups of four.
 *
 * @throws ShoukouError `limit-exceeded` where counter or nonce is out of range, or the digest too short.
 */
export function makeChallenge({ digest, counter, nonce }: ChallengeParts): string {
  const isInRange = isWithin(counter, SPOKEN_COUNTER_MAX) && isWithin(nonce, SPOKEN_NONCE_MAX)
  if (!isInRange) throw new ShoukouError('limit-exceeded', 'Counter or nonce is out of range.')
  const digits = `${mediumDigits(digest)}${padded(counter, 6)}${padded(nonce, 4)}`
  return inGroups(digits + checkDigitOf(digits))
}

/** Returns the five digits by which a challenge names its medium, so that the console finds it in what it knows. */
export function mediumDigits(digest: string): string {
  if (!/^[0-9a-f]{16,128}$/.test(digest)) throw new ShoukouError('limit-exceeded', 'This is no digest.')
  return padded(Number(BigInt(`0x${digest.slice(0, 16)}`) % 100_000n), 5)
}

/** Reads a challenge as somebody typed it; null where its length or its check digit is wrong. */
export function parseChallenge(text: string): Challenge | null {
  const digits = typedDigits(text)
  if (digits === null || digits.length !== challengeDigits || !hasCheckDigit(digits)) return null
  return {
    digits,
    medium: digits.slice(0, 5),
    counter: Number(digits.slice(5, 11)),
    nonce: Number(digits.slice(11, 15)),
  }
}

/**
 * Returns the code that answers a challenge, in groups of four.
 *
 * @throws ShoukouError `grant-refused` where the challenge is none, `limit-exceeded` where the minutes are out of range.
 */
export function makeCode({ spokenKey, challenge, right, minutes }: CodeParts): string {
  const parsed = parseChallenge(challenge)
  if (parsed === null)
    throw new ShoukouError('grant-refused', 'The challenge was misread: its check digit is wrong.')
  if (!isWithin(minutes, LIMITS.grantMinutesMax) || minutes === 0) {
    throw new ShoukouError('limit-exceeded', 'The minutes are out of range.', { context: { minutes } })
  }
  const grant = padded(minutes + (right === 'read-write' ? readWriteOffset : 0), 4)
  const digits = grant + macOf(spokenKey, parsed.digits, grant)
  return inGroups(digits + checkDigitOf(digits))
}

export type CodeCheck =
  | { readonly ok: true; readonly right: SpokenRight; readonly minutes: number }
  /** `check-digit`: misheard or mistyped. `wrong`: well-formed and not of this key and challenge; counts as a try. */
  | { readonly ok: false; readonly reason: 'check-digit' | 'wrong' }

/** Checks a code as somebody typed it against the challenge that was shown. Takes the same time for every wrong code. */
export function checkCode(answer: {
  readonly spokenKey: Uint8Array
  readonly challenge: string
  readonly code: string
}): CodeCheck {
  const digits = typedDigits(answer.code)
  if (digits === null || digits.length !== codeDigits || !hasCheckDigit(digits)) {
    return { ok: false, reason: 'check-digit' }
  }
  const challenge = parseChallenge(answer.challenge)
  if (challenge === null) return { ok: false, reason: 'wrong' }
  const grant = digits.slice(0, 4)
  const said = Buffer.from(digits.slice(4, 4 + macDigits), 'latin1')
  const isOurs = timingSafeEqual(
    said,
    Buffer.from(macOf(answer.spokenKey, challenge.digits, grant), 'latin1'),
  )
  const right = Number(grant) > readWriteOffset ? 'read-write' : 'read-only'
  const minutes = Number(grant) - (right === 'read-write' ? readWriteOffset : 0)
  const isGrant = minutes >= 1 && minutes <= LIMITS.grantMinutesMax
  return isOurs && isGrant ? { ok: true, right, minutes } : { ok: false, reason: 'wrong' }
}

function macOf(spokenKey: Uint8Array, challenge: string, grant: string): string {
  if (spokenKey.length !== keyBytes) throw new ShoukouError('limit-exceeded', 'The key has not 32 bytes.')
  const mac = createHmac('sha256', spokenKey).update(`shoukou.spoken.v1\0${challenge}\0${grant}`).digest()
  return (mac.readBigUInt64BE(0) % 10n ** BigInt(macDigits)).toString().padStart(macDigits, '0')
}

function isWithin(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
