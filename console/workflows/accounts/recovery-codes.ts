/** Recovery codes: for whoever has lost the telephone. Each opens once; they are shown once and kept as hashes. Pure but for chance. */
import { randomInt } from 'node:crypto'
import { ACCOUNT_LIMITS } from './limits.ts'

/** No look-alikes: 32 characters, so that sixteen of them are 80 bits. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const groups = 4
const groupCharacters = 4

/** Returns ten new codes such as `K7DM-9XWA-QR4C-TE3H`. */
export function makeRecoveryCodes(draw: (below: number) => number = (below) => randomInt(below)): string[] {
  return Array.from({ length: ACCOUNT_LIMITS.recoveryCodes }, () =>
    Array.from({ length: groups }, () =>
      Array.from({ length: groupCharacters }, () => alphabet[draw(alphabet.length)] ?? '').join(''),
    ).join('-'),
  )
}

/** Returns a typed code as it was shown, or null where it can be none: small letters, spaces and left-out hyphens are forgiven. */
export function readRecoveryCode(typed: string): string | null {
  const plain = typed.toUpperCase().replaceAll(/[\s-]/g, '')
  if (plain.length !== groups * groupCharacters) return null
  if (!Array.from(plain).every((one) => alphabet.includes(one))) return null
  return (plain.match(/.{4}/g) ?? []).join('-')
}
