/** Which segments go when the quota needs room: acknowledged ones, oldest first, never the last. Pure. */

export interface SegmentSize {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly bytes: number
}

/** Deleting starts above the first share of the quota and goes on until below the second. */
export const RETENTION_SHARES = { above: 0.75, until: 0.65 } as const

/**
 * Returns the segments to delete, oldest first.
 *
 * @param segments oldest first; the last one is being written
 * @param ackedSeq the last number that the console has stored
 */
export function chooseDeletions(
  segments: readonly SegmentSize[],
  ackedSeq: number,
  use: { readonly used: number; readonly max: number },
): readonly SegmentSize[] {
  if (use.used <= use.max * RETENTION_SHARES.above) return []
  const chosen: SegmentSize[] = []
  let used = use.used
  for (const segment of segments.slice(0, -1)) {
    if (used <= use.max * RETENTION_SHARES.until || segment.lastSeq > ackedSeq) break
    chosen.push(segment)
    used -= segment.bytes
  }
  return chosen
}
