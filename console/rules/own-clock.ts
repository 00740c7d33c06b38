/**
 * The console's own clock against one that nobody sets, and against what it said last before it was started. Pure. A jump
 * is noted, and accuses nobody: no computer can do anything for it.
 */
export interface OwnReading {
  readonly wallMs: number
  /** Monotonic, ms. */
  readonly atMs: number
}

/** A time service slews what is less, ms. */
export const jumpMsMin = 2_000

/** Returns by how much the clock jumped between two readings, ms; null where it did not. Back is negative. */
export function jumpBetween(before: OwnReading, after: OwnReading): number | null {
  const byMs = Math.round(after.wallMs - before.wallMs - (after.atMs - before.atMs))
  return Math.abs(byMs) >= jumpMsMin ? byMs : null
}

/** Returns by how much the clock stands before what it said last, ms (negative); null where it went on. */
export function backSince(lastWallMs: number | null, wallMs: number): number | null {
  if (lastWallMs === null) return null
  const byMs = Math.round(wallMs - lastWallMs)
  return byMs <= -jumpMsMin ? byMs : null
}
