/**
 * How much time is proven to have passed, and what may go by it. Pure.
 *
 * Nobody's clock is believed alone: whoever sets the console's clock forward by five years would make everything old.
 * Time is what signed checkpoints add up to, each step counting at most a month; a record is as old as the first
 * checkpoint that saw it, whatever clock it was received by.
 */
import { CHECKPOINT_STEP_MS_MAX } from '../archive-schema.ts'

export interface CheckpointTime {
  readonly id: number
  readonly at: number
}

export interface Boundary {
  /** Everything received before it, Unix ms, is out of its period. */
  readonly beforeMs: number
  /** The newest checkpoint of before it from which the period is proven. */
  readonly checkpoint: number
  /** Steps between checkpoints since then that are longer than they should be: shown to whoever agrees. */
  readonly jumps: number
  readonly longestStepMs: number
}

/** Longer between two checkpoints: the console was off, or its clock was set. */
const stepMsUsual = 3 * 86_400_000

/**
 * Returns the newest boundary that the clock and the checkpoints (oldest first) bear out; null where there is none.
 * Years are of the local calendar: the book of a year is kept from its end.
 */
export function boundaryOf(
  checkpoints: readonly CheckpointTime[],
  retentionYears: number,
  now: number,
): Boundary | null {
  const newest = checkpoints.at(-1)
  const oldest = checkpoints[0]
  if (newest === undefined || oldest === undefined) return null
  const known = Math.min(now, newest.at)
  const firstYear = new Date(Math.min(...checkpoints.map(({ at }) => at))).getFullYear()
  for (let year = new Date(known).getFullYear() - retentionYears; year > firstYear; year -= 1) {
    const beforeMs = new Date(year, 0, 1).getTime()
    const found = provenFrom(
      checkpoints,
      beforeMs,
      new Date(year + retentionYears, 0, 1).getTime() - beforeMs,
    )
    if (found !== null && new Date(year + retentionYears, 0, 1).getTime() <= known) return found
  }
  return null
}

function provenFrom(
  checkpoints: readonly CheckpointTime[],
  beforeMs: number,
  keptMs: number,
): Boundary | null {
  let proven = 0
  let jumps = 0
  let longestStepMs = 0
  for (let at = checkpoints.length - 1; at >= 0; at -= 1) {
    const [one, next] = [checkpoints[at], checkpoints[at + 1]]
    if (one === undefined) break
    if (next !== undefined) {
      const step = next.at - one.at
      proven += Math.min(step, CHECKPOINT_STEP_MS_MAX)
      if (Math.abs(step) > stepMsUsual) jumps += 1
      longestStepMs = Math.max(longestStepMs, Math.abs(step))
    }
    if (one.at < beforeMs && proven >= keptMs) return { beforeMs, checkpoint: one.id, jumps, longestStepMs }
  }
  return null
}

export interface ComputerClock {
  readonly lastSeenAt: number | null
  /** Its clock minus this console's, ms; null: it never said. */
  readonly skewMs: number | null
}

/**
 * Reports what computers' own clocks say of the console's: `agree` where most of those heard within a month are within a
 * month of it, or where no computer is in service; `silent` where none was heard.
 */
export function judgeClocks(clocks: readonly ComputerClock[], now: number): 'agree' | 'differ' | 'silent' {
  if (clocks.length === 0) return 'agree'
  const heard = clocks.filter(
    ({ lastSeenAt, skewMs }) =>
      lastSeenAt !== null && skewMs !== null && Math.abs(now - lastSeenAt) <= CHECKPOINT_STEP_MS_MAX,
  )
  if (heard.length === 0) return 'silent'
  const near = heard.filter(({ skewMs }) => Math.abs(skewMs ?? 0) <= CHECKPOINT_STEP_MS_MAX)
  return near.length * 2 > heard.length ? 'agree' : 'differ'
}
