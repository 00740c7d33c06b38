/** The part of a long timeline that is shown first: around the record that made the violation. Pure. */
import type { RecordItem } from '../../api/contract.ts'

export const shownBefore = 7
export const shownAfter = 8

export interface TimelineWindow {
  readonly first: number
  /** One past the last. */
  readonly end: number
}

/**
 * Returns which records to show first. Where no record made the violation (silence), the place is that of `occurredAt`
 * by the computer's clock.
 */
export function timelineWindow(
  timeline: readonly RecordItem[],
  marked: number,
  occurredAt: number,
): TimelineWindow {
  const later = timeline.findIndex((record) => record.wallMs >= occurredAt)
  const centre = marked >= 0 ? marked : later === -1 ? timeline.length : later
  return { first: Math.max(0, centre - shownBefore), end: Math.min(timeline.length, centre + shownAfter + 1) }
}
