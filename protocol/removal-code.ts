/**
 * The one-time code without which an agent is not removed in order.
 *
 *   challenge, 16 digits, shown by the agent:     computer 5 · counter 6 · nonce 4 · check 1
 *   code, 16 digits, made by the console:         MAC 15 · check 1
 *
 *   MAC = HMAC-SHA-256(removalKey, "shoukou.removal.v1" 00 challenge's 16 digits), its first 64 bits modulo 10^15
 *
 * What it binds. Computer: by the key, which each computer has for itself; the five digits only tell a challenge of another
 * computer before a code is made in vain. Counter: each number is good once; the agent counts on before it shows a
 * challenge, and persists it, so that it survives a restart of the computer. Nonce: nobody can have codes made beforehand.
 *
 * A guess is right once in 10^15. There is no clock in it.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { ShoukouError } from './errors.ts'
import { checkDigitOf, hasCheckDigit, inGroups, typedDigits } from './media/check-digit.ts'

export const REMOVAL_COUNTER_MAX = 999_999
export const REMOVAL_NONCE_MAX = 9_999
/** Wrong codes, their check digit right, until the agent locks. */
export const REMOVAL_TRIES_MAX = 5

const digitsTotal = 16
const macDigits = 15
const keyBytes = 32

export interface RemovalChallenge {
  /** The 16 digits, without spaces: what the code is bound to. */
  readonly digits: string
  readonly computer: string
  readonly counter: number
  readonly nonce: number
}

/** Returns a computer's own key for removal codes, 32 bytes, as the console derives it. */
export function removalKeyOf(consoleKey: Uint8Array, agent: string): Buffer {
  return createHmac('sha256', consoleKey).update(`shoukou.removal-key.v1\0${agent}`).digest()
}

/** Returns the five digits by which a challenge names its computer. */
export function computerDigits(agent: string): string {
  const digest = createHash('sha256').update(`shoukou.removal-computer.v1\0${agent}`).digest()
  return padded(Number(digest.readBigUInt64BE(0) % 100_000n), 5)
}

/**
 * Returns a challenge, in groups of four.
 *
 * @throws ShoukouError `limit-exceeded` where counter or nonce is out of range.
 */
export function makeRemovalChallenge(agent: string, counter: number, nonce: number): string {
  if (!isWithin(counter, REMOVAL_COUNTER_MAX) || !isWithin(nonce, REMOVAL_NONCE_MAX))
    throw new ShoukouError('limit-exceeded', 'Counter or nonce is out of range.')
  const digits = `${computerDigits(agent)}${padded(counter, 6)}${padded(nonce, 4)}`
  return inGroups(digits + checkDigitOf(digits))
}

/** Reads a challenge as somebody typed it; null where its length or its check digit is wrong. */
export function parseRemovalChallenge(text: string): RemovalChallenge | null {
  const digits = typedDigits(text)
  if (digits === null || digits.length !== digitsTotal || !hasCheckDigit(digits)) return null
  return {
    digits,
    computer: digits.slice(0, 5),
    counter: Number(digits.slice(5, 11)),
    nonce: Number(digits.slice(11, 15)),
  }
}

/**
 * Returns the code that answers a challenge, in groups of four.
 *
 * @throws ShoukouError `removal-refused` where the challenge is none.
 */
export function makeRemovalCode(removalKey: Uint8Array, challenge: string): string {
  const parsed = parseRemovalChallenge(challenge)
  if (parsed === null)
    throw new ShoukouError('removal-refused', 'The challenge was misread: its check digit does not hold.')
  const digits = macOf(removalKey, parsed.digits)
  return inGroups(digits + checkDigitOf(digits))
}

/** `check-digit`: misheard or mistyped, no try at guessing. `wrong`: well-formed, and not of this key and challenge. */
export type RemovalCheck = 'right' | 'check-digit' | 'wrong'

/** Checks a code as somebody typed it. Takes the same time for every wrong code. */
export function checkRemovalCode(removalKey: Uint8Array, challenge: string, code: string): RemovalCheck {
  const digits = typedDigits(code)
  if (digits === null || digits.length !== digitsTotal || !hasCheckDigit(digits)) return 'check-digit'
  const parsed = parseRemovalChallenge(challenge)
  if (parsed === null) return 'wrong'
  const said = Buffer.from(digits.slice(0, macDigits), 'latin1')
  return timingSafeEqual(said, Buffer.from(macOf(removalKey, parsed.digits), 'latin1')) ? 'right' : 'wrong'
}

function macOf(removalKey: Uint8Array, challenge: string): string {
  if (removalKey.length !== keyBytes) throw new ShoukouError('limit-exceeded', 'The key has not 32 bytes.')
  const mac = createHmac('sha256', removalKey).update(`shoukou.removal.v1\0${challenge}`).digest()
  return padded(Number(mac.readBigUInt64BE(0) % 10n ** BigInt(macDigits)), macDigits)
}

function isWithin(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
