/**
 * Who may still write when room gets short. Pure.
 *
 * Bulk gives way at 80 % so that routine and evidence find room; routine at 95 %; evidence writes to the last byte.
 */
import type { importanceOf } from '@shoukou/protocol'

export type Importance = ReturnType<typeof importanceOf>

/** Share of the room, by importance, up to which a record is admitted. */
export const ADMISSION_SHARES: Readonly<{ [I in Importance]: number }> = { 0: 0.8, 1: 0.95, 2: 1 }

/** Below its threshold by this much, a kind that was dropped has room again: it must not flap at the edge. */
const hysteresisShare = 0.05

/** Reports whether `bytes` more of this importance may come where `used` of `max` are taken. */
export function isAdmitted(
  importance: Importance,
  use: { readonly used: number; readonly max: number },
  bytes: number,
): boolean {
  return use.used + bytes <= use.max * ADMISSION_SHARES[importance]
}

/** Reports whether there is clearly room again for this importance. */
export function hasRoomAgain(
  importance: Importance,
  use: { readonly used: number; readonly max: number },
): boolean {
  return use.used <= use.max * (ADMISSION_SHARES[importance] - hysteresisShare)
}
