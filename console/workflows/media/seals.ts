/** Seals registered media with the policy key. What may be sealed is the register's to say. */
import { randomUUID } from 'node:crypto'
import { signSeal } from '@shoukou/protocol/media/seal.ts'
import type { MediumRow, MediumSeal } from '../../store/media-ports.ts'

/**
 * Signs a seal of a medium as the register has it; null while nothing is known to recognise it by.
 *
 * @throws ShoukouError `limit-exceeded` where it would not fit onto a medium.
 */
export function issueSeal(
  medium: Omit<MediumRow, 'id'>,
  by: { readonly privateKey: string; readonly now: number },
): MediumSeal | null {
  if (medium.passport === null) return null
  // Seals issued before this one are void by its time, so no two of a medium may have the same.
  const issuedAtMs = Math.max(by.now, (medium.seal?.issuedAtMs ?? 0) + 1)
  const id = randomUUID()
  const signed = signSeal(
    {
      v: 1,
      id,
      number: medium.number,
      level: medium.level,
      custodian: medium.custodian,
      computers: medium.computers === null ? null : [...medium.computers],
      users: medium.users === null ? null : [...medium.users],
      right: medium.right,
      validFromMs: medium.validFromMs,
      validUntilMs: medium.validUntilMs,
      issuedAtMs,
      passport: medium.passport,
    },
    by.privateKey,
  )
  return { id, issuedAtMs, signed }
}
