/**
 * What to do with the segments found at the start: pure, from their scans and the cursor to a plan.
 *
 * Whole entries are never given up. What is damaged is set aside as it is; the numbers it held become holes; the chain
 * goes on behind it from the heads that the entries carry.
 */
import type { Cursor } from './cursor.ts'
import type { Hole } from './gaps.ts'
import { hasOnlyTornTail, type Run, type SegmentScan } from './scan-segment.ts'

export interface FoundSegment {
  readonly name: string
  readonly scan: SegmentScan
}

export type SegmentAction =
  | { readonly kind: 'keep'; readonly name: string; readonly run: Run }
  /** The bytes after `run.to` go to a file of their own: they were never reported as appended. */
  | { readonly kind: 'cut'; readonly name: string; readonly run: Run }
  /** Nothing in it: bytes, if any, go to a file of their own. */
  | { readonly kind: 'remove'; readonly name: string; readonly isJunk: boolean }
  /** The file is set aside, and each run becomes a segment of its own. */
  | { readonly kind: 'salvage'; readonly name: string; readonly runs: readonly Run[] }

export interface RecoveryPlan {
  readonly actions: readonly SegmentAction[]
  readonly holes: readonly Hole[]
  readonly next: { readonly seq: number; readonly head: Buffer }
  /** The next entry may follow in the last segment's file: nothing is missing between. */
  readonly mayContinueLast: boolean
}

/**
 * Plans a recovery.
 *
 * @param segments oldest first, each scanned without what a later one supersedes
 * @param genesis the head before number 1
 */
export function planRecovery(
  segments: readonly FoundSegment[],
  cursor: Cursor,
  genesis: Buffer,
): RecoveryPlan {
  const walk = new Walk(cursor, genesis, segments)
  const actions = segments.map((segment, index) =>
    actionOf(segment, walk.keep(segment), index === segments.length - 1),
  )
  const end = walk.end(segments.at(-1) ?? null)
  return { actions, holes: walk.holes, next: end.next, mayContinueLast: end.mayContinue }
}

function actionOf(segment: FoundSegment, kept: readonly Run[], isLast: boolean): SegmentAction {
  const { name, scan } = segment
  const run = kept[0]
  const isWhole = scan.runs.length === kept.length && kept.length === 1
  if (run !== undefined && isWhole && scan.header !== null && scan.header.firstSeq === run.firstSeq) {
    if (scan.faults.length === 0)
      return scan.endOfEntries === scan.size ? { kind: 'keep', name, run } : { kind: 'cut', name, run }
    if (isLast && hasOnlyTornTail(scan)) return { kind: 'cut', name, run }
  }
  if (scan.runs.length === 0) {
    if (isLast || scan.faults.length === 0)
      return { kind: 'remove', name, isJunk: scan.size > scan.endOfEntries }
    return { kind: 'salvage', name, runs: [] }
  }
  return { kind: 'salvage', name, runs: kept }
}

class Walk {
  readonly holes: Hole[] = []
  readonly #cursor: Cursor
  #expected: number
  #head: Buffer
  #isHeadSure: boolean
  /** The segment whose damage explains what is missing next; null where nothing does. */
  #damaged: string | null = null

  constructor(cursor: Cursor, genesis: Buffer, segments: readonly FoundSegment[]) {
    const firstFound = segments.flatMap(({ scan }) => scan.runs)[0]?.firstSeq ?? cursor.retainedFrom
    this.#cursor = cursor
    this.#expected = Math.min(cursor.retainedFrom, firstFound)
    this.#head = genesis
    this.#isHeadSure = this.#expected === 1
  }

  /** Returns the runs of a segment that stay, noting what is missing before each. */
  keep(segment: FoundSegment): Run[] {
    const { name, scan } = segment
    const kept: Run[] = []
    let at = 0
    for (const run of scan.runs) {
      const fault = scan.faults.find((each) => each.at >= at && each.at < run.from)
      if (fault !== undefined) this.#damaged = name
      if (run.firstSeq > this.#expected) this.#noteHole(run.firstSeq - 1, fault?.kind === 'chain-mismatch')
      else if (this.#isHeadSure && !run.headBefore.equals(this.#head)) {
        this.#damaged = name
        this.#expected = run.firstSeq
        this.#noteHole(run.lastSeq, true)
        this.#head = run.headAfter
        this.#isHeadSure = false
        at = run.to
        continue
      }
      kept.push(run)
      this.#expected = run.lastSeq + 1
      this.#head = run.headAfter
      this.#isHeadSure = true
      this.#damaged = null
      at = run.to
    }
    if (scan.faults.some((fault) => fault.at >= at)) this.#damaged = name
    return kept
  }

  end(last: FoundSegment | null): { next: RecoveryPlan['next']; mayContinue: boolean } {
    const marks = [this.#cursor.acked, this.#cursor.end]
    const mark = marks.reduce((far, each) => (each !== null && each.seq > (far?.seq ?? 0) ? each : far), null)
    const hadLast = last !== null && last.scan.runs.at(-1)?.lastSeq === this.#expected - 1
    if (mark === null || mark.seq < this.#expected) {
      return { next: { seq: this.#expected, head: this.#head }, mayContinue: hadLast && this.#isHeadSure }
    }
    this.#noteHole(mark.seq, false)
    return { next: { seq: mark.seq + 1, head: Buffer.from(mark.head, 'hex') }, mayContinue: false }
  }

  #noteHole(lastSeq: number, isMismatch: boolean): void {
    const reason = isMismatch
      ? 'chain-mismatch'
      : this.#damaged === null
        ? 'segment-missing'
        : 'segment-damaged'
    // Below `retainedFrom` all was acknowledged and on its way out: a power cut may leave those files in any order.
    const firstSeq = Math.max(this.#expected, this.#cursor.retainedFrom)
    if (firstSeq <= lastSeq) this.holes.push({ firstSeq, lastSeq, reason, setAside: this.#damaged })
    this.#expected = lastSeq + 1
  }
}
