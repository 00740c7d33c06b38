/**
 * Which records an export brings, and the records themselves, from the journal's files alone: the agent may run and write
 * meanwhile, or not run at all. Changes nothing. Memory holds one segment at a time.
 */
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type BundleFrame,
  chainHashOf,
  encodeRecordsFrame,
  genesisHead,
  LIMITS,
  type Receipt,
  ShoukouError,
} from '@shoukou/protocol'
import { isErrno } from '../base/atomic-file.ts'
import { cursorFile, EMPTY_CURSOR } from '../journal/cursor.ts'
import type { Entry } from '../journal/entry.ts'
import { listEpochs } from '../journal/epoch-folder.ts'
import { readSegmentFile } from '../journal/read-segment-file.ts'
import { entriesOfRun, type Run, scanSegment } from '../journal/scan-segment.ts'
import { firstSeqOfName } from '../journal/segment-header.ts'

export interface ExportAsked {
  /** The journal's folder. */
  readonly journal: string
  readonly agent: string
  /** From the first record that is still here, and not from the last receipt on. */
  readonly isAll: boolean
  /** Where a running agent says that its journal ends; null where none runs. Nothing beyond is known to be on the disk. */
  readonly upTo: { readonly epoch: string; readonly seq: number } | null
}

export interface ExportPlan {
  readonly epoch: string
  readonly firstSeq: number
  /** `firstSeq - 1` where there is nothing to bring. */
  readonly lastSeq: number
  readonly headBefore: string
  readonly headAfter: string
  readonly records: number
  readonly receipt: Receipt | null
  readonly pieces: readonly Piece[]
}

/** A run of entries in one file, cut to what is brought. */
interface Piece {
  readonly path: string
  readonly run: Run
  readonly firstSeq: number
  readonly lastSeq: number
}

/**
 * Plans an export of the newest epoch: what earlier ones held and no console acknowledged was carried over into it.
 *
 * @throws ShoukouError `not-enrolled` where there is no journal, `state-unusable` where it changes under the reader's eyes.
 */
export async function planExport({ journal, agent, isAll, upTo }: ExportAsked): Promise<ExportPlan> {
  const epoch = (await listEpochs(journal)).at(-1)
  if (epoch === undefined)
    throw new ShoukouError('not-enrolled', `There is no journal in ${journal}; enrol this computer first.`)
  if (upTo !== null && upTo.epoch !== epoch) throw changed(journal)
  const folder = join(journal, epoch)
  const found = await cursorFile.peek(join(folder, 'cursor.json'))
  const cursor = found === null || found === 'damaged' ? EMPTY_CURSOR : found
  const from = isAll ? cursor.retainedFrom : (cursor.acked?.seq ?? 0) + 1
  const to = upTo?.seq ?? Number.MAX_SAFE_INTEGER
  const names = (await readdir(folder)).filter((name) => firstSeqOfName(name) !== null).sort()
  const pieces: Piece[] = []
  // The head after the last record before what is brought, and after the last one that is.
  let before: Buffer | null = from === 1 ? genesisHead(agent, epoch) : null
  let after: Buffer | null = null
  let records = 0
  for (const [index, name] of names.entries()) {
    const next = names[index + 1]
    const supersededFrom = next === undefined ? Number.POSITIVE_INFINITY : (firstSeqOfName(next) ?? 0)
    // What lies wholly before is not read.
    if (supersededFrom <= from) continue
    const path = join(folder, name)
    const bytes = await readSynced(path, journal)
    for (const run of scanSegment(bytes, chainHashOf(epoch), supersededFrom).runs) {
      const firstSeq = Math.max(run.firstSeq, from)
      const lastSeq = Math.min(run.lastSeq, to)
      if (run.firstSeq <= from - 1 && from - 1 <= lastSeq) before = headAt(bytes, run, from - 1)
      if (lastSeq < firstSeq) continue
      before ??= headAt(bytes, run, firstSeq - 1)
      after = headAt(bytes, run, lastSeq)
      records += lastSeq - firstSeq + 1
      pieces.push({ path, run, firstSeq, lastSeq })
    }
  }
  const last = pieces.at(-1)
  const headBefore = before?.toString('hex') ?? cursor.acked?.head ?? '0'.repeat(64)
  return {
    epoch,
    firstSeq: from,
    lastSeq: last?.lastSeq ?? from - 1,
    headBefore,
    headAfter: last === undefined ? headBefore : (after?.toString('hex') ?? headBefore),
    records,
    receipt: cursor.receipt ?? null,
    pieces,
  }
}

const frameBytesMax = LIMITS.frameBytesMax / 2

/** Yields the planned records as frames. @throws ShoukouError `state-unusable` where a file is no longer what it was. */
export async function* readFrames(plan: ExportPlan, journal: string): AsyncGenerator<BundleFrame> {
  let next = plan.firstSeq
  for (const piece of plan.pieces) {
    const bytes = await readSynced(piece.path, journal)
    let batch = new Batch(plan.epoch, next)
    for (const entry of entriesOfRun(bytes, piece.run)) {
      if (entry.seq < piece.firstSeq) continue
      if (entry.seq > piece.lastSeq) break
      if (!batch.mayTake(entry)) {
        yield batch.frame()
        batch = new Batch(plan.epoch, batch.next)
      }
      batch.take(entry)
    }
    if (batch.next !== piece.lastSeq + 1) throw changed(journal)
    yield batch.frame()
    next = batch.next
  }
}

class Batch {
  readonly #epoch: string
  readonly #from: number
  readonly #entries: Entry[] = []
  #bytes = 0

  constructor(epoch: string, from: number) {
    this.#epoch = epoch
    this.#from = from
  }

  /** The number after the last one taken. */
  get next(): number {
    return (this.#entries.at(-1)?.seq ?? this.#from - 1) + 1
  }

  mayTake({ raw }: Entry): boolean {
    const { length } = this.#entries
    return length === 0 || (length < LIMITS.recordsPerFrameMax && this.#bytes + raw.length <= frameBytesMax)
  }

  take(entry: Entry): void {
    this.#entries.push(entry)
    this.#bytes += entry.raw.length
  }

  frame(): BundleFrame {
    const [first, last] = [this.#entries[0], this.#entries.at(-1)]
    if (first === undefined || last === undefined) throw new Error('a frame holds records')
    const gap = first.seq > this.#from ? { firstSeq: this.#from, lastSeq: first.seq - 1 } : null
    const bytes = encodeRecordsFrame(
      {
        epoch: this.#epoch,
        firstSeq: first.seq,
        headBefore: first.headBefore.toString('hex'),
        headAfter: last.headAfter.toString('hex'),
        gap,
      },
      this.#entries.map(({ raw }) => raw),
    )
    return { bytes, records: this.#entries.length }
  }
}

function headAt(bytes: Buffer, run: Run, seq: number): Buffer {
  if (seq === run.firstSeq - 1) return run.headBefore
  if (seq === run.lastSeq) return run.headAfter
  for (const entry of entriesOfRun(bytes, run)) {
    if (entry.seq === seq) return Buffer.from(entry.headAfter)
  }
  return run.headBefore
}

/** What is brought must not be lost here by a power cut afterwards: it is synced before it is read. */
async function readSynced(path: string, journal: string): Promise<Buffer> {
  try {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    return await readSegmentFile(path)
  } catch (fault) {
    // Deleted for room meanwhile.
    if (isErrno(fault, 'ENOENT')) throw changed(journal)
    throw fault
  }
}

function changed(journal: string): ShoukouError {
  return new ShoukouError('state-unusable', 'The journal changed while it was read; export once more.', {
    context: { folder: journal, reason: 'changed while it was read' },
  })
}
