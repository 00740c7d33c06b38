/**
 * What the unit's ceiling leaves of a right: whatever a seal, a list or a code says, nothing wider holds here. Pure.
 *
 * The computer's own disks are no media and stay as they are.
 */
import type { MediumRight } from '@shoukou/protocol'

/** The policy store answers; without a ceiling it allows what the policy allows. */
export interface MediaCeiling {
  /** Keys under which a seal counts now, SPKI PEM. */
  readonly sealKeys: readonly string[]
  readonly mediumRightMax: MediumRight
  mayGrant(asked: { readonly right: MediumRight; readonly minutes: number }): boolean
}

const rank: Readonly<Record<MediumRight, number>> = { none: 0, 'read-only': 1, 'read-write': 2 }

/** Returns a decided right, no wider than the ceiling; with none left it is told as a medium that is not assigned here. */
export function heldToCeiling<D extends { readonly right: MediumRight; readonly rule: string }>(
  decided: D,
  max: MediumRight,
): D {
  if (rank[decided.right] <= rank[max]) return decided
  return { ...decided, right: max, rule: max === 'none' ? 'media-not-assigned' : decided.rule }
}
