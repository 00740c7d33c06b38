/**
 * One epoch, open for writing: numbers, chains and syncs entries; reads them; deletes and repairs segments.
 *
 * Not re-entrant: `journal.ts` calls one writing method at a time. Reading may go on beside it.
 */
import { basename, join } from 'node:path'
import { type ChainHash, chainHashOf, type Position, type Receipt } from '@shoukou/protocol'
import { isErrno, syncFolder } from '../base/atomic-file.ts'
import { type Cursor, cursorFile, type Place } from './cursor.ts'
import { type Entry, makeEntry } from './entry.ts'
import { type Gap, gapsFile, type Hole, newGaps } from './gaps.ts'
import { readSegmentFile } from './read-segment-file.ts'
import { type RecoveredEpoch, segmentOf } from './recover-epoch.ts'
import { chooseDeletions } from './retention.ts'
import { freeName, removeFile, salvageSegment } from './salvage.ts'
import { scanSegment } from './scan-segment.ts'
import { segmentName } from './segment-header.ts'
import { type ReadLimits, type ReadResult, SegmentReader } from './segment-reader.ts'
import { SegmentWriter } from './segment-writer.ts'
import { type Segment, totalBytes } from './segments.ts'

export interface EpochStoreOptions {
  readonly agent: string
  readonly segmentBytesMax: number
  readonly onFault: (fault: unknown) => void
}

export class EpochStore {
  readonly epoch: string
  readonly folder: string
  readonly gaps: Gap[]
  readonly segments: Segment[]
  readonly #options: EpochStoreOptions
  readonly #hash: ChainHash
  readonly #writer: SegmentWriter
  readonly #reader: SegmentReader
  /** The last number given out, synced or not. */
  #numbered: { seq: number; head: Buffer }
  #end: { seq: number; head: Buffer }
  #cursor: Cursor
  #cursorWritten: Cursor

  constructor(found: RecoveredEpoch, options: EpochStoreOptions) {
    this.epoch = found.epoch
    this.folder = found.folder
    this.gaps = found.gaps
    this.segments = found.segments
    this.#options = options
    this.#hash = chainHashOf(found.epoch)
    this.#end = { seq: found.next.seq - 1, head: found.next.head }
    this.#numbered = this.#end
    this.#cursor = found.cursor
    this.#cursorWritten = found.cursor
    const { folder, epoch, segments } = this
    this.#writer = new SegmentWriter({ ...options, folder, epoch, segments }, found.mayContinueLast)
    this.#reader = new SegmentReader(this.segments, this.#hash)
  }

  /** The last synced entry. */
  get end(): Position {
    return { epoch: this.epoch, seq: this.#end.seq, head: this.#end.head.toString('hex') }
  }

  get acked(): Position | null {
    const { acked } = this.#cursor
    return acked === null ? null : { epoch: this.epoch, ...acked }
  }

  get receipt(): Receipt | null {
    return this.#cursor.receipt ?? null
  }

  get bytes(): number {
    return totalBytes(this.segments)
  }

  /** The next number, for the record that is built now; `add` takes it. */
  get nextSeq(): number {
    return this.#numbered.seq + 1
  }

  /** The chain head after the last number given out, hex. */
  get lastHead(): string {
    return this.#numbered.head.toString('hex')
  }

  /** Gives the next number to a record. */
  add(raw: Buffer): Entry {
    const entry = makeEntry(this.nextSeq, this.#numbered.head, raw, this.#hash)
    this.#numbered = { seq: entry.seq, head: entry.headAfter }
    return entry
  }

  /** Writes and syncs numbered entries. After an error the same entries are to be given again. */
  async commit(entries: readonly Entry[]): Promise<void> {
    const left = entries.filter((entry) => entry.seq > this.#end.seq)
    try {
      await this.#writer.write(left)
    } finally {
      const segment = this.segments.at(-1)
      if (segment !== undefined && segment.lastSeq > this.#end.seq)
        this.#end = { seq: segment.lastSeq, head: segment.headAfter }
    }
  }

  /** Takes back numbers that were given and will not be written: the agent stops on a full disk. */
  forgetUnsynced(): void {
    this.#numbered = this.#end
  }

  read(seq: number, limits: ReadLimits): Promise<ReadResult> {
    return this.#reader.read(seq, limits)
  }

  /** Moves the acknowledged place forward; never back. */
  acknowledge(place: Place, mac: string): void {
    if (place.seq > (this.#cursor.acked?.seq ?? 0)) this.#cursor = { ...this.#cursor, acked: place }
    this.#keepReceipt(place, mac)
  }

  /** Takes what the console has now for acknowledged, be it less than before: the rest must not be deleted. */
  resume(place: Place | null, mac: string | null): void {
    this.#cursor = { ...this.#cursor, acked: place }
    if (place !== null && mac !== null) this.#keepReceipt(place, mac)
  }

  #keepReceipt({ seq, head }: Place, mac: string): void {
    if (seq >= (this.receipt?.seq ?? 0)) this.#cursor = { ...this.#cursor, receipt: { seq, head, mac } }
  }

  /** Writes `cursor.json` where something moved. */
  async saveCursor(): Promise<void> {
    const end = { seq: this.#end.seq, head: this.#end.head.toString('hex') }
    const next: Cursor = { ...this.#cursor, end: end.seq === 0 ? null : end }
    const last = this.#cursorWritten
    const isSame =
      last.acked?.seq === next.acked?.seq &&
      last.end?.seq === next.end?.seq &&
      last.receipt?.mac === next.receipt?.mac &&
      last.retainedFrom === next.retainedFrom
    if (isSame) return
    await cursorFile.write(join(this.folder, 'cursor.json'), next)
    this.#cursorWritten = next
  }

  /** Deletes acknowledged segments where the quota needs their room. */
  async retain(use: { readonly used: number; readonly max: number }): Promise<void> {
    const going = chooseDeletions(this.segments, this.#cursor.acked?.seq ?? 0, use)
    const last = going.at(-1)
    if (last === undefined) return
    this.#cursor = { ...this.#cursor, retainedFrom: last.lastSeq + 1 }
    await this.saveCursor()
    for (const segment of this.segments.splice(0, going.length)) await removeFile(segment.path)
    await syncFolder(this.folder)
  }

  /** Sets a segment aside that no longer reads as it was written, and puts back what is whole. */
  async repair(segment: Segment): Promise<void> {
    if (!this.segments.includes(segment)) return
    await this.#reader.close()
    if (this.#writer.current === segment || this.segments.at(-1) === segment) await this.#writer.rotate()
    const name = basename(segment.path)
    const bytes = await readOrNull(segment.path)
    const scan = bytes === null ? null : scanSegment(bytes.subarray(0, segment.bytes), this.#hash)
    const runs = (scan?.runs ?? []).filter(
      (run) => run.firstSeq >= segment.firstSeq && run.lastSeq <= segment.lastSeq,
    )
    const asideName = bytes === null ? null : await freeName(this.folder, name, 'damaged')
    const isMismatch = scan?.faults.some((fault) => fault.kind === 'chain-mismatch') ?? false
    const reason = bytes === null ? 'segment-missing' : isMismatch ? 'chain-mismatch' : 'segment-damaged'
    const holes: Hole[] = []
    let expected = segment.firstSeq
    for (const run of [...runs, { firstSeq: segment.lastSeq + 1, lastSeq: segment.lastSeq + 1 }]) {
      if (run.firstSeq > expected)
        holes.push({ firstSeq: expected, lastSeq: run.firstSeq - 1, reason, setAside: asideName })
      expected = run.lastSeq + 1
    }
    this.gaps.push(...newGaps(holes, this.gaps))
    await this.saveGaps()
    if (bytes !== null && asideName !== null) {
      const { folder, epoch } = this
      await salvageSegment({ folder, epoch, agent: this.#options.agent, name, bytes, runs }, asideName)
    }
    const fresh = await Promise.all(runs.map((run) => segmentOf(this.folder, segmentName(run.firstSeq), run)))
    this.segments.splice(this.segments.indexOf(segment), 1, ...fresh)
  }

  /** Remembers that a gap's record is in the journal. */
  async markDeclared(gap: Gap): Promise<void> {
    const index = this.gaps.indexOf(gap)
    if (index !== -1) this.gaps[index] = { ...gap, isDeclared: true }
    await this.saveGaps()
  }

  async saveGaps(): Promise<void> {
    await gapsFile.write(join(this.folder, 'gaps.json'), { v: 1, gaps: this.gaps })
  }

  async close(): Promise<void> {
    await this.#reader.close()
    await this.#writer.rotate()
    await this.saveCursor()
  }
}

async function readOrNull(path: string): Promise<Buffer | null> {
  try {
    return await readSegmentFile(path)
  } catch (fault) {
    if (isErrno(fault, 'ENOENT')) return null
    throw fault
  }
}
