/** Judges the seal that stands on a medium: whether it is ours, of this medium, and good now. Pure. */
import { type Comparison, comparePassports } from './compare-passports.ts'
import { openSeal, type SealKeys } from './seal.ts'
import type { SealReading } from './seal-bytes.ts'
import { revocationOf, timeWindowOf } from './seal-terms.ts'
import type { Passport, Revocation, Seal } from './shapes.ts'

export type SealRefusal =
  /** Cut short. */
  | 'truncated'
  /** Written over, or never a seal. */
  | 'malformed'
  /** Signed by another authority, changed, or signed and no seal of ours. */
  | 'bad-signature'
  /** Of another medium: copied. */
  | 'other-passport'
  | 'revoked'
  | 'not-yet-valid'
  | 'expired'

export interface SealJudgement {
  readonly state: 'absent' | 'valid' | 'refused'
  readonly reason: SealRefusal | null
  /** Given wherever the signature holds, also where it is refused: it names what was copied, revoked, expired. */
  readonly seal: Seal | null
  readonly identity: Comparison
}

export interface SealAuthority {
  readonly policyKeyPem: SealKeys
  readonly passport: Passport
  readonly revocations: readonly Revocation[]
  /** Wall clock. */
  readonly nowMs: number
}

const unknown: Comparison = { result: 'unknown', reasons: [] }

/**
 * Judges what was read. One reason is told, the first of: damaged, bad signature, other passport, revoked, not yet valid,
 * expired. So a copy is called a copy, whatever became of the medium that it was copied from.
 */
export function judgeSeal(reading: SealReading, authority: SealAuthority): SealJudgement {
  if (reading.kind === 'absent') return { state: 'absent', reason: null, seal: null, identity: unknown }
  if (reading.kind === 'damaged') {
    return refuse(reading.reason === 'truncated' ? 'truncated' : 'malformed', null, unknown)
  }
  const seal = openSeal(reading.signed, authority.policyKeyPem)
  if (seal === null) return refuse('bad-signature', null, unknown)
  const identity = comparePassports(seal.passport, authority.passport)
  if (identity.result !== 'match' && identity.result !== 'degraded') {
    return refuse('other-passport', seal, identity)
  }
  if (revocationOf(seal, authority.revocations) !== null) return refuse('revoked', seal, identity)
  const window = timeWindowOf(seal, authority.nowMs)
  if (window !== 'open') return refuse(window, seal, identity)
  return { state: 'valid', reason: null, seal, identity }
}

function refuse(reason: SealRefusal, seal: Seal | null, identity: Comparison): SealJudgement {
  return { state: 'refused', reason, seal, identity }
}
