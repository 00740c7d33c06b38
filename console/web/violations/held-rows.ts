/**
 * Rows that arrived while somebody reads wait behind "3 new": nothing moves under a pointer. Pure.
 *
 * While the list is held, rows above `ceiling` (the newest id when holding began) are counted, not shown.
 */
import type { ViolationItem } from '../../api/contract.ts'

export interface HeldRows {
  readonly shown: readonly ViolationItem[]
  readonly waiting: number
}

/** Parts a list, newest first, at the ceiling; null shows everything. */
export function partAtCeiling(items: readonly ViolationItem[], ceiling: number | null): HeldRows {
  if (ceiling === null) return { shown: items, waiting: 0 }
  const shown = items.filter((item) => item.id <= ceiling)
  return { shown, waiting: items.length - shown.length }
}

export interface RowWindow {
  readonly first: number
  /** One past the last. */
  readonly end: number
}

export interface WindowOptions {
  readonly scrollTop: number
  readonly viewHeight: number
  readonly rowHeight: number
  readonly count: number
  /** Rows drawn beyond each edge. */
  readonly margin: number
}

/** Returns which rows of a long list need to be drawn. */
export function rowWindow({ scrollTop, viewHeight, rowHeight, count, margin }: WindowOptions): RowWindow {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - margin)
  const end = Math.min(count, Math.ceil((scrollTop + viewHeight) / rowHeight) + margin)
  return { first: Math.min(first, end), end }
}
