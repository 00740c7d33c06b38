/**
 * Writes entries into segment files and syncs them: the only code that adds to the journal.
 *
 * After any failed write or sync the file is given up at its last synced byte: what the page cache says of it is not
 * to be trusted (a failed fsync may drop the dirty pages and report success the next time). The caller gives the same
 * entries again, and they go into a new file.
 */
import { type FileHandle, open, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../base/atomic-file.ts'
import { type Entry, encodeEntry, entryBytes } from './entry.ts'
import { encodeSegmentHeader, segmentName } from './segment-header.ts'
import type { Segment } from './segments.ts'

export interface SegmentWriterOptions {
  readonly folder: string
  readonly agent: string
  readonly epoch: string
  readonly segmentBytesMax: number
  /** The epoch's segments, oldest first; new ones are pushed here. */
  readonly segments: Segment[]
  /** Told of trouble while giving a file up: the first error is thrown to the caller anyway. */
  readonly onFault: (fault: unknown) => void
}

export class SegmentWriter {
  readonly #options: SegmentWriterOptions
  #open: { readonly handle: FileHandle; readonly segment: Segment } | null = null
  #mayContinueLast: boolean

  constructor(options: SegmentWriterOptions, mayContinueLast: boolean) {
    this.#options = options
    this.#mayContinueLast = mayContinueLast
  }

  /** The file being written; it may not be deleted nor repaired. */
  get current(): Segment | null {
    return this.#open?.segment ?? null
  }

  /**
   * Writes and syncs entries that follow the last ones. After an error, entries up to the last segment's `lastSeq`
   * are safe; the rest must be given again.
   */
  async write(entries: readonly Entry[]): Promise<void> {
    let left = entries
    while (left[0] !== undefined) {
      const { handle, segment } = await this.#ready(left[0])
      const { count, bytes } = this.#fitting(left, segment)
      const part = left.slice(0, count)
      try {
        await writeAll(handle, bytes, segment.bytes)
        await handle.datasync()
      } catch (fault) {
        await this.#giveUp()
        throw fault
      }
      const last = part.at(-1)
      if (last === undefined) return
      segment.bytes += bytes.length
      segment.lastSeq = last.seq
      segment.headAfter = last.headAfter
      left = left.slice(count)
    }
  }

  /** Ends the current file; the next entry begins a new one. */
  async rotate(): Promise<void> {
    this.#mayContinueLast = false
    const current = this.#open
    this.#open = null
    await current?.handle.close()
  }

  async #ready(first: Entry): Promise<{ handle: FileHandle; segment: Segment }> {
    if (this.#open === null && this.#mayContinueLast) await this.#continueLast()
    this.#mayContinueLast = false
    const current = this.#open
    if (current !== null) {
      const isEmpty = current.segment.lastSeq < current.segment.firstSeq
      const fits = current.segment.bytes + entryBytes(first.raw.length) <= this.#options.segmentBytesMax
      if (isEmpty || fits) return current
      await this.rotate()
    }
    this.#open = await this.#create(first)
    return this.#open
  }

  async #continueLast(): Promise<void> {
    const segment = this.#options.segments.at(-1)
    if (segment === undefined) return
    this.#open = { handle: await open(segment.path, 'r+'), segment }
  }

  async #create(first: Entry): Promise<{ handle: FileHandle; segment: Segment }> {
    const { folder, agent, epoch, segments } = this.#options
    const path = join(folder, segmentName(first.seq))
    // A file of that name can only be one given up before its first entry was safe.
    await rm(path, { force: true })
    const header = encodeSegmentHeader({
      v: 1,
      agent,
      epoch,
      firstSeq: first.seq,
      head: first.headBefore.toString('hex'),
    })
    const handle = await open(path, 'wx', 0o600)
    try {
      await writeAll(handle, header, 0)
      await handle.sync()
      await syncFolder(folder)
    } catch (fault) {
      await this.#attempt(() => handle.close())
      await this.#attempt(() => rm(path, { force: true }))
      throw fault
    }
    const segment: Segment = {
      path,
      firstSeq: first.seq,
      lastSeq: first.seq - 1,
      bytes: header.length,
      headBefore: first.headBefore,
      headAfter: first.headBefore,
    }
    segments.push(segment)
    return { handle, segment }
  }

  #fitting(entries: readonly Entry[], segment: Segment): { count: number; bytes: Buffer } {
    const parts: Buffer[] = []
    let bytes = segment.bytes
    for (const entry of entries) {
      const encoded = encodeEntry(entry)
      const mustFit = parts.length > 0 || segment.lastSeq >= segment.firstSeq
      if (mustFit && bytes + encoded.length > this.#options.segmentBytesMax) break
      parts.push(encoded)
      bytes += encoded.length
    }
    return { count: parts.length, bytes: Buffer.concat(parts) }
  }

  async #giveUp(): Promise<void> {
    const current = this.#open
    this.#open = null
    if (current === null) return
    const { segment, handle } = current
    await this.#attempt(() => handle.close())
    if (segment.lastSeq >= segment.firstSeq) {
      await this.#attempt(() => truncate(segment.path, segment.bytes))
      return
    }
    const { segments } = this.#options
    segments.splice(segments.indexOf(segment), 1)
    await this.#attempt(() => rm(segment.path, { force: true }))
  }

  async #attempt(act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (fault) {
      this.#options.onFault(fault)
    }
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
