/**
 * Time-based one-time codes: RFC 6238 over RFC 4226 with HMAC-SHA-1, six digits, thirty seconds, which is what every
 * authenticator application speaks. SHA-1 is broken for signatures, not as HMAC. Pure: time and secrets come in.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export const TOTP = { stepMs: 30_000, digits: 6, secretBytes: 20, windowSteps: 1 } as const

/** Returns the number of the time step that a moment (Unix ms) is in. */
export function stepOf(nowMs: number): number {
  return Math.floor(nowMs / TOTP.stepMs)
}

/** Returns the code of a time step, with leading zeros. */
export function totpCode(secret: Uint8Array, step: number, digits: number = TOTP.digits): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  // RFC 4226 §5.3: the low four bits of the last byte say where the 31 bits begin.
  const offset = (mac.at(-1) ?? 0) & 0x0f
  const value = mac.readUInt32BE(offset) & 0x7fff_ffff
  return String(value % 10 ** digits).padStart(digits, '0')
}

/**
 * Returns the time step whose code this is, one step early or late at most (clocks of telephones), or null. A step that
 * is not newer than `usedStep` is none: each code counts once. All steps are compared, whichever is right.
 */
export function matchTotp(
  secret: Uint8Array,
  code: string,
  { nowMs, usedStep }: { readonly nowMs: number; readonly usedStep: number },
): number | null {
  const given = Buffer.from(code)
  let found: number | null = null
  for (let step = stepOf(nowMs) - TOTP.windowSteps; step <= stepOf(nowMs) + TOTP.windowSteps; step += 1) {
    const right = Buffer.from(totpCode(secret, Math.max(0, step)))
    const isRight = given.length === right.length && timingSafeEqual(given, right)
    if (isRight && step > usedStep) found ??= step
  }
  return found
}

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Returns bytes in base32 without padding (RFC 4648 §6): how a secret is typed where no picture can be taken. */
export function base32Of(bytes: Uint8Array): string {
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => base32Alphabet[Number.parseInt(group.padEnd(5, '0'), 2)] ?? '').join('')
}

/** Returns the address that an authenticator application reads from the QR code (Key URI Format). */
export function otpauthAddress(named: {
  readonly issuer: string
  readonly account: string
  readonly secret: Uint8Array
}): string {
  const label = `${encodeURIComponent(named.issuer)}:${encodeURIComponent(named.account)}`
  const query = new URLSearchParams({
    secret: base32Of(named.secret),
    issuer: named.issuer,
    algorithm: 'SHA1',
    digits: String(TOTP.digits),
    period: String(TOTP.stepMs / 1_000),
  })
  // Some applications read a plus sign in a query as itself.
  return `otpauth://totp/${label}?${query.toString().replaceAll('+', '%20')}`
}
