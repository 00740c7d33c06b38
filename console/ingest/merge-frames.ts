/**
 * Joins frames that arrived together into one, so that a burst of small frames costs one commit. Pure.
 *
 * Only what goes on without a seam is joined; whatever is odd about a frame is left to be judged by itself.
 */
import { LIMITS, type RecordsFrame } from '@shoukou/protocol'
import type { ClaimedHead } from './check-frame.ts'

export interface MergedFrame extends RecordsFrame {
  /** The last head that each joined frame claimed, by the index of its record. */
  readonly claims: readonly ClaimedHead[]
}

/** Returns one frame for all of them; null where they are not one unbroken run from `afterSeq`, or too many. */
export function mergeFrames(frames: readonly RecordsFrame[], afterSeq: number): MergedFrame | null {
  const [first] = frames
  if (first === undefined) return null
  const { epoch } = first.header
  let { headBefore } = first.header
  let nextSeq = afterSeq + 1
  const claims: ClaimedHead[] = []
  for (const { header } of frames) {
    const goesOn =
      header.epoch === epoch &&
      header.firstSeq === nextSeq &&
      header.headBefore === headBefore &&
      header.gap === null
    if (!goesOn) return null
    nextSeq += header.count
    headBefore = header.headAfter
    claims.push({ index: nextSeq - afterSeq - 2, head: header.headAfter })
  }
  const count = nextSeq - afterSeq - 1
  if (count > LIMITS.recordsPerFrameMax) return null
  return {
    header: { ...first.header, count, headAfter: headBefore },
    records: frames.flatMap((frame) => frame.records),
    claims,
  }
}
