/**
 * A deadline by the console's present clock. Pure.
 *
 * A clock that is set back would give a deadline more time than the law does: so the deadline goes back with it. One that is
 * set forward brings it nearer by itself, and setting it right again gives back no more than was taken.
 */

/** A jump as it was noted: by how much, and what the clock said right after it. */
export interface NotedJump {
  readonly at: number
  readonly byMs: number
}

/**
 * Returns by how much the clock was set back since a moment, ms; never negative. Of an hour that was lived twice, the
 * reading holds that leaves less time.
 */
export function setBackSince(sinceMs: number, jumps: readonly NotedJump[], untilMs = Infinity): number {
  let sum = 0
  for (const { at, byMs } of jumps) {
    const isAfter = Math.max(at, at - byMs) > sinceMs
    if (isAfter && at <= untilMs) sum += byMs
  }
  return Math.max(0, -sum)
}
