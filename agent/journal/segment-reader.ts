/**
 * Reads synced entries in order, from the files, checking each again: checksum, number and chain.
 *
 * It remembers where it stopped, so that reading on costs one read. Memory is bounded by the chunk asked for.
 */
import { type FileHandle, open } from 'node:fs/promises'
import type { ChainHash } from '@shoukou/protocol'
import { isErrno } from '../base/atomic-file.ts'
import { decodeEntry, type Entry, entryBytes, isChained } from './entry.ts'
import { decodeSegmentHeader } from './segment-header.ts'
import { findSegment, type Segment } from './segments.ts'

export interface ReadLimits {
  readonly records: number
  /** Of raw bytes; a single record is returned even where it is larger. */
  readonly bytes: number
}

export interface Chunk {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly headBefore: Buffer
  readonly headAfter: Buffer
  readonly raws: readonly Buffer[]
  readonly bytes: number
  /** Numbers asked for that no longer exist, before `firstSeq`. */
  readonly gap: { readonly firstSeq: number; readonly lastSeq: number } | null
}

export type ReadResult =
  | { readonly kind: 'chunk'; readonly chunk: Chunk }
  /** Nothing synced from that number on. */
  | { readonly kind: 'end' }
  /** The file is not what was written: it must be repaired, then read again. */
  | { readonly kind: 'damaged'; readonly segment: Segment }

const readBytes = 262_144

export class SegmentReader {
  readonly #segments: readonly Segment[]
  readonly #hash: ChainHash
  #at: {
    readonly segment: Segment
    readonly handle: FileHandle
    seq: number
    offset: number
    head: Buffer
  } | null = null

  /** `hash` is that of the journal. */
  constructor(segments: readonly Segment[], hash: ChainHash) {
    this.#segments = segments
    this.#hash = hash
  }

  /** Reads from `seq` on, from one segment at most. One call at a time. */
  async read(seq: number, limits: ReadLimits): Promise<ReadResult> {
    const segment = findSegment(this.#segments, seq)
    if (segment === null || segment.lastSeq < segment.firstSeq) return { kind: 'end' }
    const from = Math.max(seq, segment.firstSeq)
    const end = { seq: segment.lastSeq, bytes: segment.bytes }
    try {
      if (!(await this.#seek(segment, from, end.bytes))) return await this.#damaged(segment)
      return await this.#take(seq, limits, end)
    } catch (fault) {
      if (isErrno(fault, 'EIO')) return await this.#damaged(segment)
      if (!isErrno(fault, 'ENOENT')) throw fault
      // Deleted for room meanwhile, or by somebody: the second is for the repair to find.
      return this.#segments.includes(segment) ? await this.#damaged(segment) : await this.read(seq, limits)
    }
  }

  async close(): Promise<void> {
    const at = this.#at
    this.#at = null
    await at?.handle.close()
  }

  async #damaged(segment: Segment): Promise<ReadResult> {
    await this.close()
    return { kind: 'damaged', segment }
  }

  async #seek(segment: Segment, seq: number, endBytes: number): Promise<boolean> {
    if (this.#at?.segment !== segment || this.#at.seq > seq) {
      await this.close()
      const handle = await open(segment.path, 'r')
      this.#at = { segment, handle, seq: segment.firstSeq, offset: 0, head: segment.headBefore }
      const start = decodeSegmentHeader(await readAt(handle, 0, Math.min(2_048, endBytes)))
      if (start === null) return false
      this.#at.offset = start.bytes
    }
    while (this.#at.seq < seq) {
      const passed = await this.#pass(seq - this.#at.seq, endBytes)
      if (passed === null) return false
    }
    return true
  }

  /** Reads up to `count` entries from the current place, and moves on; null where they are not what they should be. */
  async #pass(count: number, endBytes: number, bytesMax = readBytes): Promise<Entry[] | null> {
    const at = this.#at
    if (at === null) return null
    let bytes = await readAt(at.handle, at.offset, Math.min(bytesMax, endBytes - at.offset))
    const entries: Entry[] = []
    let offset = 0
    while (entries.length < count) {
      const decoded = decodeEntry(bytes, offset)
      if (decoded.kind === 'short') {
        if (entries.length > 0) break
        if (at.offset + decoded.needs > endBytes || bytes.length >= decoded.needs) return null
        bytes = await readAt(
          at.handle,
          at.offset,
          Math.min(Math.max(decoded.needs, 8_192), endBytes - at.offset),
        )
        if (bytes.length < decoded.needs) return null
        continue
      }
      if (decoded.kind === 'damaged') return entries.length > 0 ? this.#moved(entries, offset) : null
      const { entry } = decoded
      const isNext = entry.seq === at.seq + entries.length && entry.headBefore.equals(at.head)
      if (!isNext || !isChained(entry, this.#hash))
        return entries.length > 0 ? this.#moved(entries, offset) : null
      entries.push(entry)
      at.head = entry.headAfter
      offset += decoded.bytes
    }
    return this.#moved(entries, offset)
  }

  #moved(entries: Entry[], bytes: number): Entry[] {
    if (this.#at !== null) {
      this.#at.seq += entries.length
      this.#at.offset += bytes
      this.#at.head = Buffer.from(this.#at.head)
    }
    return entries
  }

  async #take(seq: number, limits: ReadLimits, end: { seq: number; bytes: number }): Promise<ReadResult> {
    const at = this.#at
    if (at === null) return { kind: 'end' }
    const segment = at.segment
    const firstSeq = at.seq
    const headBefore = at.head
    const before = at.offset
    const wanted = Math.min(limits.records, end.seq - at.seq + 1)
    const entries = await this.#pass(wanted, end.bytes, limits.bytes + 128)
    if (entries === null || entries.length === 0) return await this.#damaged(segment)
    const kept = withinBytes(entries, limits.bytes)
    const last = kept.at(-1) ?? entries[0]
    if (last === undefined) return { kind: 'end' }
    if (kept.length < entries.length)
      this.#goBack(firstSeq + kept.length, before + takenBytes(kept), last.headAfter)
    return {
      kind: 'chunk',
      chunk: {
        firstSeq,
        lastSeq: last.seq,
        headBefore,
        headAfter: last.headAfter,
        raws: kept.map((entry) => entry.raw),
        bytes: kept.reduce((sum, entry) => sum + entry.raw.length, 0),
        gap: firstSeq > seq ? { firstSeq: seq, lastSeq: firstSeq - 1 } : null,
      },
    }
  }

  #goBack(seq: number, offset: number, head: Buffer): void {
    if (this.#at === null) return
    this.#at.seq = seq
    this.#at.offset = offset
    this.#at.head = Buffer.from(head)
  }
}

function withinBytes(entries: readonly Entry[], bytesMax: number): Entry[] {
  let bytes = 0
  const kept: Entry[] = []
  for (const entry of entries) {
    bytes += entry.raw.length
    if (kept.length > 0 && bytes > bytesMax) break
    kept.push(entry)
  }
  return kept
}

function takenBytes(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entryBytes(entry.raw.length), 0)
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.max(0, length))
  let done = 0
  while (done < bytes.length) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}
