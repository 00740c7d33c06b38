/** Whether a seal was withdrawn, and when it is good. Pure, and free of Node. */
import type { Revocation, Seal } from './shapes.ts'

/** Returns what withdrew a seal: one of the whole number before one of older seals; null where nothing did. */
export function revocationOf(
  seal: Pick<Seal, 'number' | 'issuedAtMs'>,
  revocations: readonly Revocation[],
): Revocation | null {
  const hits = revocations.filter(
    ({ number, issuedBeforeMs }) =>
      number === seal.number && (issuedBeforeMs === null || seal.issuedAtMs < issuedBeforeMs),
  )
  return hits.find(({ status }) => status !== 'replaced') ?? hits[0] ?? null
}

/** Tells whether a seal is good at a time: from its first millisecond up to, not including, its last. */
export function timeWindowOf(
  seal: Pick<Seal, 'validFromMs' | 'validUntilMs'>,
  nowMs: number,
): 'open' | 'not-yet-valid' | 'expired' {
  if (nowMs < seal.validFromMs) return 'not-yet-valid'
  return seal.validUntilMs !== null && nowMs >= seal.validUntilMs ? 'expired' : 'open'
}
