/** Whether a net's counters add up: what was reported plus what was declared lost is what was counted. Pure. */
import type { NetTotals } from '@shoukou/protocol/network/shapes.ts'

export type NetCheck =
  | { readonly state: 'adds-up' }
  /** Counted, and the records of it still to come. */
  | { readonly state: 'under-way'; readonly count: number }
  /** More was reported than the kernel counted: something is wrong with one of the two. */
  | { readonly state: 'too-many'; readonly count: number }

/** Compares `reported + lost` with `prohibited`. */
export function checkTotals({ prohibited, reported, lost }: NetTotals): NetCheck {
  const difference = prohibited - reported - lost
  if (difference === 0) return { state: 'adds-up' }
  return difference > 0
    ? { state: 'under-way', count: difference }
    : { state: 'too-many', count: -difference }
}
