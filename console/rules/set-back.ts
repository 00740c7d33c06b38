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
 * Returns by how much the clock was set back between two moments that it told, ms; never negative. Jumps: the oldest
 * first. An hour that the clock told twice could be either: the reading holds that leaves less time.
 */
export function setBackSince(sinceMs: number, jumps: readonly NotedJump[], untilMs?: number): number {
  const sums = [0]
  for (const { byMs } of jumps) sums.push((sums.at(-1) ?? 0) + byMs)
  const first = placesOf(sinceMs, jumps)
  const last = untilMs === undefined ? [jumps.length] : placesOf(untilMs, jumps)
  let most = 0
  for (const from of first)
    for (const to of last) if (to > from) most = Math.max(most, (sums[from] ?? 0) - (sums[to] ?? 0))
  return most
}

/** Between which jumps a moment may lie: the numbers of the jump that followed. Any, where none fits. */
function placesOf(ms: number, jumps: readonly NotedJump[]): readonly number[] {
  const places = Array.from({ length: jumps.length + 1 }, (_, index) => index)
  const fitting = places.filter((index) => {
    const [before, after] = [jumps[index - 1], jumps[index]]
    return (before?.at ?? -Infinity) <= ms && ms <= (after === undefined ? Infinity : after.at - after.byMs)
  })
  return fitting.length === 0 ? places : fitting
}
