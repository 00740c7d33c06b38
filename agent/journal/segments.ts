/** The segments of an open epoch: which numbers stand in which file, synced. In memory; the files are the truth. */

export interface Segment {
  readonly path: string
  readonly firstSeq: number
  /** The last synced entry; `firstSeq - 1` while there is none. */
  lastSeq: number
  /** Synced bytes: a reader never looks beyond. */
  bytes: number
  readonly headBefore: Buffer
  headAfter: Buffer
}

/** Returns the segment that holds `seq`, or else the first one after it; null where there is none. */
export function findSegment(segments: readonly Segment[], seq: number): Segment | null {
  let low = 0
  let high = segments.length
  while (low < high) {
    const middle = (low + high) >> 1
    const segment = segments[middle]
    if (segment !== undefined && segment.lastSeq < seq) low = middle + 1
    else high = middle
  }
  return segments[low] ?? null
}

/** Returns the bytes that the segments take on disk. */
export function totalBytes(segments: readonly Pick<Segment, 'bytes'>[]): number {
  return segments.reduce((sum, segment) => sum + segment.bytes, 0)
}
