/**
 * The journal: append-only, hash-chained, synced to the disk in groups. What `append` has reported survives a kill and
 * a power cut; what it has not reported was never sent.
 *
 * One loop does all that writes: batches, repairs, deletions, the change to a new epoch. While one sync runs, the
 * facts that arrive gather for the next. See `docs/journal.md` for the guarantees and the format.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Fact,
  type FactKind,
  type FactNamed,
  importanceOf,
  LIMITS,
  type Position,
  type Receipt,
  ShoukouError,
} from '@shoukou/protocol'
import { isErrno } from '../base/atomic-file.ts'
import { ADMISSION_SHARES, hasRoomAgain, type Importance, isAdmitted } from './admission.ts'
import { AppendQueue, type BuildRecord, QUEUE_LIMITS, type Waiting } from './append-queue.ts'
import { isSealRecord, recordAt } from './carry-over.ts'
import type { Entry } from './entry.ts'
import { createEpoch, type Opened } from './epoch-folder.ts'
import type { EpochStore } from './epoch-store.ts'
import type { Gap } from './gaps.ts'
import type { LossLedger } from './loss-ledger.ts'
import { Numbering } from './numbering.ts'
import type { OldEpochs } from './old-epochs.ts'
import { type JournalOptions, openEpochStore } from './open-epoch-store.ts'
import type { Chunk, ReadLimits } from './segment-reader.ts'
import { WorkLoop } from './work-loop.ts'

export interface JournalHealth {
  readonly bytes: number
  readonly bytesMax: number
  readonly waitingRecords: number
  /** Why nothing can be written now: the operating system's code; null while all is well. */
  readonly writeFault: string | null
  /** Facts not journaled and not yet told of. */
  readonly lost: number
  readonly gaps: number
}

export class Journal {
  readonly #options: JournalOptions
  readonly #queue = new AppendQueue()
  readonly #numbering: Numbering
  readonly #loss: LossLedger
  readonly #old: OldEpochs
  readonly #listeners = new Set<() => void>()
  readonly #loop = new WorkLoop({
    hasWork: () => !this.#queue.isEmpty,
    work: () => this.#writeBatch(),
  })
  readonly #cursorTimer: NodeJS.Timeout
  readonly #declaring = new WeakSet<object>()
  #store: EpochStore
  /** Reading has one place in one file at a time: a read that a slow disk holds must not meet the next one. */
  #reading: Promise<unknown> = Promise.resolve()
  #state: 'open' | 'closing' | 'closed' = 'open'
  #writeFault: string | null = null
  /** Closed on a disk that took no more: what was not synced is counted as lost. */
  #isCut = false
  #isTellingLoss = false
  #isTicking = false
  #repairs = 0

  constructor(parts: { options: JournalOptions; store: EpochStore; loss: LossLedger; old: OldEpochs }) {
    this.#options = parts.options
    this.#store = parts.store
    this.#loss = parts.loss
    this.#old = parts.old
    const { sealer, buildOwn } = parts.options
    this.#numbering = new Numbering({ store: () => this.#store, sealer, buildOwn })
    this.#cursorTimer = setInterval(() => this.#tick(), 1_000).unref()
  }

  /** The last synced record's place. */
  get end(): Position {
    return this.#store.end
  }

  /** The last place that the console acknowledged; null where none in this epoch. */
  get acked(): Position | null {
    return this.#store.acked
  }

  /** What proves the highest place that the console ever acknowledged in this epoch; null where it never did. */
  get receipt(): Receipt | null {
    return this.#store.receipt
  }

  /** Segments repaired since the journal was opened: their gaps are declared behind the end that was known before. */
  get repairs(): number {
    return this.#repairs
  }

  /** The index of the last seal that the journal held when it was opened; null where it held none. */
  get foundSeal(): number | null {
    return this.#numbering.foundSeal
  }

  /** Seals what is not sealed yet, after all that was appended before; resolves when that is on the disk. */
  seal(): Promise<void> {
    return this.#run(() => this.#sealNow())
  }

  get health(): JournalHealth {
    return {
      bytes: this.#store.bytes + this.#old.bytes,
      bytesMax: this.#options.bytesMax,
      waitingRecords: this.#queue.records,
      writeFault: this.#writeFault,
      lost: this.#loss.outstanding?.total ?? 0,
      gaps: this.#store.gaps.length,
    }
  }

  /**
   * Appends a record. Resolves with its place once it is synced; with null where there was no room for its kind: then
   * it is counted, and told by a `journal.loss` record later.
   *
   * @param bytes about how long the record will be
   */
  append(kind: FactKind, bytes: number, build: BuildRecord): Promise<Position | null> {
    if (this.#state !== 'open' || !this.#hasRoomFor(importanceOf(kind), bytes)) {
      this.#loss.count(kind, this.#options.wallMs())
      return Promise.resolve(null)
    }
    return this.#enqueue(kind, bytes, build)
  }

  /** Counts a fact that could not be made into a record at all. */
  countLost(kind: FactKind): void {
    this.#loss.count(kind, this.#options.wallMs())
  }

  /**
   * Resolves when all that was appended before has been synced.
   *
   * @throws ShoukouError `journal-full` where the journal closed on a disk that took no more: not all of it has.
   */
  async flushed(): Promise<void> {
    await this.#run(async () => {})
    if (this.#isCut)
      throw new ShoukouError('journal-full', 'The journal was closed before all of it was on the disk.')
  }

  /** Calls back after each sync. Returns the way to stop that. */
  onSynced(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reads synced records from `seq` on, one frame's worth; null where there are none yet. One call after another. */
  read(seq: number, limits: ReadLimits): Promise<Chunk | null> {
    return this.#alone(() => this.#read(seq, limits))
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#reading.then(work)
    this.#reading = done.catch(() => null)
    return done
  }

  async #read(seq: number, limits: ReadLimits): Promise<Chunk | null> {
    for (;;) {
      const store = this.#store
      const result = await store.read(seq, limits)
      if (result.kind === 'chunk') return result.chunk
      if (result.kind === 'end') return null
      this.#options.log.error(
        { firstSeq: result.segment.firstSeq, lastSeq: result.segment.lastSeq },
        'journal segment damaged',
      )
      await this.#loop.run(() => store.repair(result.segment), 'first')
      this.#repairs += 1
      await this.#declareGaps()
    }
  }

  /** Returns the chain head after a number, hex; null where that record is no longer here. */
  async headAt(seq: number): Promise<string | null> {
    if (seq === this.end.seq) return this.end.head
    if (seq === this.acked?.seq) return this.acked.head
    const chunk = await this.read(seq, { records: 1, bytes: 1 })
    return chunk !== null && chunk.firstSeq === seq ? chunk.headAfter.toString('hex') : null
  }

  /** Notes what the console has stored, with its receipt. Ignored where it speaks of another epoch. */
  acknowledge({ epoch, seq, head }: Position, receipt: string): void {
    if (epoch !== this.#store.epoch || seq > this.end.seq) return
    this.#store.acknowledge({ seq, head }, receipt)
  }

  /**
   * Goes on from what the console has now, which may be less than it had: a store restored from an older copy. What it
   * no longer has is then kept until it has it again.
   */
  resume(stored: Position | null, receipt: string | null): void {
    if (stored === null) return this.#store.resume(null, null)
    if (stored.epoch !== this.#store.epoch || stored.seq > this.end.seq) return
    this.#store.resume({ seq: stored.seq, head: stored.head }, receipt)
  }

  /**
   * Goes on in a new epoch, because the console has another continuation of this one. Records that it had not
   * acknowledged are written again there; the old folder stays.
   */
  async fork(previousSeq: number): Promise<void> {
    // No read under way: its file is closed below.
    await this.#alone(() => this.#run(() => this.#fork(previousSeq)))
  }

  async #fork(previousSeq: number): Promise<void> {
    const before = this.#store
    await before.close()
    this.#numbering.begin()
    const carryAfterSeq = before.acked?.seq ?? 0
    const why = {
      reason: 'console-ahead',
      previousEpoch: before.epoch,
      previousSeq,
      carryAfterSeq,
    } as const
    const opened = await createEpoch(this.#options.folder, why, this.#options.chainHash ?? 'sha-256')
    this.#store = await openEpochStore(this.#options, opened.epoch)
    await this.#old.add(before.epoch)
    await this.#begin(opened)
  }

  /** Syncs what is waiting (for at most `graceMs`), writes cursor and counts, closes. */
  async close(graceMs = 3_000): Promise<void> {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    clearInterval(this.#cursorTimer)
    const deadline = setTimeout(() => {
      this.#state = 'closed'
    }, graceMs)
    await this.#run(async () => {
      await this.#sealNow()
      this.#state = 'closed'
      await this.#store.close()
    })
    clearTimeout(deadline)
    await this.#loop.settled()
    await this.#loss.close()
    await this.#options.sealer?.close()
  }

  /** For `openJournal`: the first records of an epoch, the carried ones, the gaps found. */
  async begin(opened: Opened): Promise<void> {
    await this.#numbering.findSeal()
    await this.#run(() => this.#begin(opened))
    await this.#declareGaps()
  }

  async #begin(opened: Opened): Promise<void> {
    const { reason, previousEpoch, previousSeq } = opened
    const isNew = this.#store.end.seq === 0
    if (isNew) {
      const build = this.#options.buildOwn({ kind: 'journal.opened', reason, previousEpoch, previousSeq })
      await this.#commit([this.#numbering.number(build)])
    }
    if (
      opened.carryAfterSeq !== null &&
      previousEpoch !== null &&
      !(await this.#old.isCarried(opened.epoch))
    ) {
      await this.#carry(previousEpoch, opened.carryAfterSeq)
      await this.#old.markCarried(opened.epoch)
    }
    this.#tellListeners()
  }

  /** The new epoch holds nothing but its opening and carried records by now: their count tells how far a crash let it come. */
  async #carry(previousEpoch: string, afterSeq: number): Promise<void> {
    let skip = this.#store.end.seq - 1
    for await (const raws of this.#old.records(previousEpoch, afterSeq + 1)) {
      // A seal is bound to its place: it says nothing anywhere else.
      const carried = raws.filter((raw) => !isSealRecord(raw))
      const fresh = carried.slice(skip)
      skip = Math.max(0, skip - carried.length)
      // Nothing is sealed in between: how many records stand here tells how far a crash let it come.
      await this.#commit(fresh.map((raw) => this.#numbering.number((place) => recordAt(raw, place))))
    }
  }

  /** On a disk that takes nothing the seal waits, too: the next second comes. */
  async #sealNow(): Promise<void> {
    if (this.#writeFault !== null) return
    const seal = this.#numbering.seal()
    if (seal === null) return
    await this.#commit([seal])
    this.#tellListeners()
  }

  #hasRoomFor(importance: Importance, bytes: number): boolean {
    const { bytesMax } = this.#options
    const disk = { used: this.#store.bytes + this.#old.bytes + this.#queue.bytes, max: bytesMax }
    return (
      isAdmitted(importance, disk, bytes) &&
      isAdmitted(importance, { used: this.#queue.records, max: QUEUE_LIMITS.records }, 1) &&
      isAdmitted(importance, { used: this.#queue.bytes, max: QUEUE_LIMITS.bytes }, bytes)
    )
  }

  #enqueue(kind: FactKind, bytes: number, build: BuildRecord): Promise<Position | null> {
    const { promise, resolve } = Promise.withResolvers<Position | null>()
    this.#queue.push({ kind, bytes, build, settle: resolve })
    this.#loop.kick()
    return promise
  }

  /** Runs a task after what is queued now; what comes in later does not hold it up. */
  #run(task: () => Promise<void>): Promise<void> {
    const mark = this.#queue.pushedTotal
    return this.#loop.run(async () => {
      while (this.#queue.takenTotal < mark) await this.#writeBatch()
      await task()
    }, 'last')
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#queue.take()
    const pairs = batch.map((item) => ({
      item,
      seal: this.#numbering.sealIfDue(),
      entry: this.#buildOrCount(item),
    }))
    const entries = pairs.flatMap(({ seal, entry }) => [seal, entry].filter((each) => each !== null))
    const isWritten = await this.#commit(entries)
    this.#queue.done()
    const { epoch } = this.#store
    for (const { item, entry } of pairs) {
      if (entry === null) item.settle(null)
      else if (isWritten || entry.seq <= this.end.seq)
        item.settle({ epoch, seq: entry.seq, head: entry.headAfter.toString('hex') })
      else {
        this.#loss.count(item.kind, this.#options.wallMs())
        item.settle(null)
      }
    }
    this.#tellListeners()
    await this.#retain()
  }

  #buildOrCount(item: Waiting): Entry | null {
    try {
      return this.#numbering.number((place) => {
        const raw = item.build(place)
        if (raw.length > LIMITS.recordBytesMax)
          throw new ShoukouError('limit-exceeded', `A record of ${raw.length} bytes.`)
        return raw
      })
    } catch (fault) {
      if (!(fault instanceof ShoukouError)) throw fault
      this.#options.log.error(
        { kind: item.kind, code: fault.code, fault: fault.message },
        'fact is no record',
      )
      this.#loss.count(item.kind, this.#options.wallMs())
      return null
    }
  }

  /** Writes until it succeeds: a full or failing disk is waited for. False only when the journal closes meanwhile. */
  async #commit(entries: readonly Entry[]): Promise<boolean> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#store.commit(entries)
        if (this.#writeFault !== null) this.#options.log.info({}, 'journal writes again')
        this.#writeFault = null
        this.#options.sealer?.synced()
        return true
      } catch (fault) {
        if (!isErrno(fault, ...waitableFaults)) throw fault
        const code = String((fault as NodeJS.ErrnoException).code)
        if (this.#writeFault !== code) this.#options.log.error({ code }, 'journal cannot write')
        this.#writeFault = code
        if (this.#state === 'closed') {
          this.#isCut = true
          this.#store.forgetUnsynced()
          this.#options.sealer?.givenUp()
          return false
        }
        await this.#retain()
        await sleep(Math.min(2_000, 50 * 2 ** attempt))
      }
    }
  }

  async #retain(): Promise<void> {
    const max = this.#options.bytesMax
    try {
      await this.#old.retain({ used: this.#store.bytes + this.#old.bytes, max })
      await this.#store.retain({ used: this.#store.bytes + this.#old.bytes, max })
    } catch (fault) {
      this.#noteFault(fault)
    }
  }

  #tellListeners(): void {
    for (const listener of this.#listeners) listener()
  }

  #tick(): void {
    if (this.#isTicking) return
    this.#isTicking = true
    const task = this.#run(async () => {
      try {
        await this.#store.saveCursor()
      } catch (fault) {
        this.#noteFault(fault)
      }
      await this.#retain()
      await this.#sealNow()
    })
    void task.finally(() => {
      this.#isTicking = false
    })
    void this.#tellLoss()
    void this.#declareGaps()
  }

  /** Tells what was lost, in one record, as soon as there is room again for all that was lost. */
  async #tellLoss(): Promise<void> {
    const loss = this.#loss.outstanding
    if (loss === null || this.#isTellingLoss || !this.#hasRoomAgainFor(loss)) return
    this.#isTellingLoss = true
    try {
      const place = await this.append('journal.loss', 1_024, this.#options.buildOwn(loss))
      if (place !== null) await this.#loss.told(loss)
    } finally {
      this.#isTellingLoss = false
    }
  }

  #hasRoomAgainFor(loss: FactNamed<'journal.loss'>): boolean {
    const lowest = Object.keys(loss.counts)
      .map((kind) => importanceOf(kind as FactKind))
      .reduce((a, b) => (ADMISSION_SHARES[b] < ADMISSION_SHARES[a] ? b : a), 2)
    const disk = {
      used: this.#store.bytes + this.#old.bytes + this.#queue.bytes,
      max: this.#options.bytesMax,
    }
    return (
      this.#writeFault === null &&
      hasRoomAgain(lowest, disk) &&
      hasRoomAgain(lowest, { used: this.#queue.records, max: QUEUE_LIMITS.records })
    )
  }

  async #declareGaps(): Promise<void> {
    const store = this.#store
    for (const gap of store.gaps.filter((each) => !each.isDeclared && !this.#declaring.has(each))) {
      this.#declaring.add(gap)
      const { reason, firstSeq, lastSeq, setAside } = gap
      const fact: Fact = { kind: 'journal.gap', reason, firstSeq, lastSeq, setAside }
      // Past any quota: a gap that is not declared in time would look like one that somebody made.
      const place = await this.#enqueue('journal.gap', 1_024, this.#options.buildOwn(fact))
      this.#declaring.delete(gap)
      if (place?.epoch === store.epoch) await this.#run(() => this.#markDeclared(store, gap))
    }
  }

  /** Where the mark cannot be written, the gap is declared again after a restart: twice said is no harm. */
  async #markDeclared(store: EpochStore, gap: Gap): Promise<void> {
    try {
      await store.markDeclared(gap)
    } catch (fault) {
      this.#noteFault(fault)
    }
  }

  #noteFault(fault: unknown): void {
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown'
    this.#options.log.error(
      { code, fault: fault instanceof Error ? fault.message : String(fault) },
      'journal side file not written',
    )
  }
}

/** Errors of a disk that may pass. Anything else is a defect, and ends the agent. */
const waitableFaults = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'ENOMEM', 'EFBIG']
