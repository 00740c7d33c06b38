/** Seals registered media with the daily key. What may be sealed is the register's to say. */
import { randomUUID } from 'node:crypto'
import { encodeSeal } from '@shoukou/protocol/media/seal.ts'
import type { Signer } from '../../pki/signer.ts'
import type { MediumRow, MediumSeal } from '../../store/media-ports.ts'

/**
 * Has a seal of a medium signed, as the register has it; null while nothing is known to recognise it by.
 *
 * @throws ShoukouError `limit-exceeded` where it would not fit onto a medium; and as `Signer.sign`.
 */
export async function issueSeal(
  medium: Omit<MediumRow, 'id'>,
  by: { readonly signer: Signer; readonly now: number },
): Promise<MediumSeal | null> {
  if (medium.passport === null) return null
  // Seals issued before this one are void by its time, so no two of a medium may have the same.
  const issuedAtMs = Math.max(by.now, (medium.seal?.issuedAtMs ?? 0) + 1)
  const id = randomUUID()
  const payload = encodeSeal({
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
  })
  const { payload: text, signature } = await by.signer.sign('seal', payload)
  return { id, issuedAtMs, signed: { payload: text, signature } }
}
