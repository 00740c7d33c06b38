/**
 * What a segment file really holds: the runs of entries that are whole and chained, and what is wrong between them.
 *
 * Pure, over the bytes of one file. What to do about it is `plan-recovery.ts`.
 */
import type { ChainHash } from '@shoukou/protocol'
import { decodeEntry, ENTRY_MAGIC, type Entry, isChained } from './entry.ts'
import { decodeSegmentHeader, type SegmentHeader } from './segment-header.ts'

/** Entries that follow one another without a break, in the file and in the chain. Heads are copies, safe to keep. */
export interface Run {
  readonly firstSeq: number
  readonly lastSeq: number
  /** Where in the file: from the first entry's first byte up to, not including, `to`. */
  readonly from: number
  readonly to: number
  readonly headBefore: Buffer
  readonly headAfter: Buffer
}

export interface SegmentFault {
  /** `damaged`: bytes that are no whole entry. `chain-mismatch`: a whole entry with a head that cannot be right. */
  readonly kind: 'damaged' | 'chain-mismatch'
  readonly at: number
  /** The number of the entry that is wrong, where that can be told. */
  readonly seq: number | null
}

export interface SegmentScan {
  readonly header: SegmentHeader | null
  readonly runs: readonly Run[]
  readonly faults: readonly SegmentFault[]
  /** First byte after the last good entry; what follows is no entry. */
  readonly endOfEntries: number
  readonly size: number
}

/** Reports whether nothing is wrong but, perhaps, bytes after the last entry. */
export function hasOnlyTornTail(scan: SegmentScan): boolean {
  return (
    scan.header !== null &&
    scan.faults.every((fault) => fault.kind === 'damaged' && fault.at >= scan.endOfEntries)
  )
}

/**
 * Scans the bytes of one segment file. `hash` is that of the journal: by its name, not by the file, which may lie.
 *
 * Entries from `supersededFrom` on are left out: a later segment holds those numbers, because this file was given up
 * after a failed sync and its unsynced entries were written again.
 */
export function scanSegment(
  bytes: Buffer,
  hash: ChainHash,
  supersededFrom = Number.POSITIVE_INFINITY,
): SegmentScan {
  const start = decodeSegmentHeader(bytes)
  const faults: SegmentFault[] = []
  const runs: OpenRun[] = []
  let open: OpenRun | null = null
  if (start === null) faults.push({ kind: 'damaged', at: 0, seq: null })
  let at = start?.bytes ?? findMagic(bytes, 0)
  let endOfEntries = start?.bytes ?? 0
  while (at < bytes.length) {
    const decoded = decodeEntry(bytes, at)
    if (decoded.kind !== 'entry') {
      faults.push({ kind: 'damaged', at, seq: open === null ? null : open.lastSeq + 1 })
      open = null
      at = findEntry(bytes, at + 1)
      continue
    }
    const { entry } = decoded
    if (entry.seq >= supersededFrom) break
    endOfEntries = at + decoded.bytes
    const last = open ?? runs.at(-1) ?? null
    const verdict = isChained(entry, hash) ? judge(entry, open, last) : 'mismatch'
    if (verdict === 'continues' && open !== null) {
      open.lastSeq = entry.seq
      open.to = endOfEntries
      open.headAfter = entry.headAfter
    } else if (verdict === 'begins') {
      open = {
        firstSeq: entry.seq,
        lastSeq: entry.seq,
        from: at,
        to: endOfEntries,
        headBefore: entry.headBefore,
        headAfter: entry.headAfter,
      }
      runs.push(open)
    } else {
      faults.push({ kind: 'chain-mismatch', at, seq: entry.seq })
      open = null
    }
    at = endOfEntries
  }
  return { header: start?.header ?? null, runs: runs.map(closed), faults, endOfEntries, size: bytes.length }
}

/** Walks the entries of a run again, from the same bytes. */
export function* entriesOfRun(bytes: Buffer, run: Pick<Run, 'from' | 'to'>): Generator<Entry> {
  let at = run.from
  while (at < run.to) {
    const decoded = decodeEntry(bytes, at)
    if (decoded.kind !== 'entry') return
    yield decoded.entry
    at += decoded.bytes
  }
}

interface OpenRun {
  readonly firstSeq: number
  lastSeq: number
  readonly from: number
  to: number
  readonly headBefore: Buffer
  headAfter: Buffer
}

/**
 * A chained entry goes on where the one before ended. After a damage it may begin a new run if its numbers are higher;
 * where no number is missing, its head must still join.
 */
function judge(
  entry: Entry,
  open: OpenRun | null,
  last: OpenRun | null,
): 'continues' | 'begins' | 'mismatch' {
  if (open !== null) {
    return entry.seq === open.lastSeq + 1 && entry.headBefore.equals(open.headAfter)
      ? 'continues'
      : 'mismatch'
  }
  if (last === null) return 'begins'
  if (entry.seq <= last.lastSeq) return 'mismatch'
  return entry.seq > last.lastSeq + 1 || entry.headBefore.equals(last.headAfter) ? 'begins' : 'mismatch'
}

function findMagic(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(ENTRY_MAGIC, from)
  return at === -1 ? bytes.length : at
}

/** Finds the next place where a whole entry stands; the file's end where there is none. */
function findEntry(bytes: Buffer, from: number): number {
  let at = findMagic(bytes, from)
  while (at < bytes.length && decodeEntry(bytes, at).kind !== 'entry') at = findMagic(bytes, at + 1)
  return at
}

function closed(run: OpenRun): Run {
  return { ...run, headBefore: Buffer.from(run.headBefore), headAfter: Buffer.from(run.headAfter) }
}
