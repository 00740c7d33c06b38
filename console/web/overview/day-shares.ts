/** Sums of days as shares, with the days on which the console did not look: pure. */
import type { WatchDaysAnswer } from '../../api/contract-wall.ts'

export interface DayShare {
  /** Some moment of the day, Unix ms. */
  readonly day: number
  /** 0: nobody looked, which is not green. */
  readonly looks: number
  readonly proven: number
  readonly unproven: number
  readonly broken: number
}

const dayMs = 86_400_000

/**
 * Returns the last days, oldest first, today last. A day begins where the console is: its row is taken for the day that is
 * nearest to it here.
 */
export function dayShares(rows: WatchDaysAnswer['days'], now: number, count: number): DayShare[] {
  const newest = rows.at(-1)?.day
  const today = newest !== undefined && now - newest < dayMs && now >= newest ? newest : startOfDay(now)
  return Array.from({ length: count }, (_, at) => {
    const day = today - (count - 1 - at) * dayMs
    // An hour is more or less where summer time begins or ends.
    const row = rows.find((one) => Math.abs(one.day - day) < dayMs / 4)
    if (row === undefined) return { day, looks: 0, proven: 0, unproven: 0, broken: 0 }
    const sum = row.proven + row.unproven + row.broken
    const share = (part: number) => (sum === 0 ? 0 : part / sum)
    return {
      day,
      looks: row.looks,
      proven: share(row.proven),
      unproven: share(row.unproven),
      broken: share(row.broken),
    }
  })
}

function startOfDay(ms: number): number {
  const at = new Date(ms)
  at.setHours(0, 0, 0, 0)
  return at.getTime()
}
