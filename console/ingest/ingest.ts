/**
 * Takes an agent's frames in: checks sequence and chain, judges, stores in one transaction, tells the feed.
 *
 * The returned position is what may be acknowledged: it is committed. Everything is derived from the raw bytes; the
 * agent's identity comes from its certificate alone.
 */
import {
  type Coverage,
  chainHashOf,
  type HeartbeatFrame,
  type HelloFrame,
  headAfter,
  type Policy,
  type Position,
  parseRecord,
  type Receipt,
  type Record,
  type RecordsFrame,
  ShoukouError,
} from '@shoukou/protocol'
import type { Log } from '../base/log.ts'
import type { Feed } from '../feed/ports.ts'
import { broken } from '../rules/journal-rules.ts'
import type { Judgement } from '../rules/judgement.ts'
import type { ComputerStatus, IngestBatch, NewGap, NewViolation, Store } from '../store/ports.ts'
import { accusationOf } from './accusation.ts'
import { AgentClockWatch } from './agent-clock-watch.ts'
import { appliedIn, HeardPace, statusAfter } from './batch-status.ts'
import { type CheckedFrame, checkFrame } from './check-frame.ts'
import { coverageAfter } from './coverage.ts'
import { acknowledgedBefore, declaredIn, type SeqRange, type SettledGap, settleGaps } from './gaps.ts'
import { mergeFrames } from './merge-frames.ts'
import { type KnownNetwork, NetworkDraft, readKnownNetwork } from './network-draft.ts'
import { incidentOf, violationOf } from './new-violation.ts'
import { PolicyBook } from './policy-book.ts'
import type { AgentSession, Ingest, ProtectionKeys, ReceiptPort, SessionWay } from './ports.ts'
import { readDeclared } from './read-declared.ts'
import { RegisterCopy } from './register-copy.ts'
import { type KnownProtection, ProtectionDraft, readKnownProtection } from './seal-watch.ts'
import { type KnownPlaces, StayDraft } from './stay-draft.ts'
import { TwoPlacesWatch } from './two-places-watch.ts'

export interface IngestOptions {
  readonly store: Store
  readonly feed: Feed
  readonly log: Log
  readonly now: () => number
  readonly receipts: ReceiptPort
  /** Left out: no seals are checked. */
  readonly protection?: ProtectionKeys
  /** A clock that nobody sets, ms. Left out: this process's own. */
  readonly monotonicMs?: () => number
}

export function createIngest(options: IngestOptions): Ingest {
  const shared = {
    register: new RegisterCopy(options.store),
    places: new TwoPlacesWatch(options),
    clocks: new AgentClockWatch(options),
  }
  return {
    open: (agent, hello, way) =>
      Session.open(options, shared, { agent, hello, way: way ?? { kind: 'link' } }),
  }
}

/** What all connections of the console have in common. */
interface Shared {
  readonly register: RegisterCopy
  readonly places: TwoPlacesWatch
  readonly clocks: AgentClockWatch
}

class Session implements AgentSession {
  readonly #options: IngestOptions
  readonly #shared: Shared
  readonly #agent: string
  readonly #hello: HelloFrame
  readonly #policies: PolicyBook
  readonly #hasEarlierJournal: boolean
  /** What this console acknowledged before, as its own receipt proves; null where hello showed none. */
  readonly #receipt: Receipt | null
  #stored: Position | null
  #gaps: readonly NewGap[]
  #coverage: readonly Coverage[]
  readonly #way: SessionWay
  #status: ComputerStatus
  /** What the stored records of this journal declare; null until a gap asks for it. */
  #declared: SeqRange[] | null = null
  /** Its media and ports, as the stored records have them. */
  #known: KnownPlaces
  #network: KnownNetwork
  #protection: KnownProtection
  readonly #pace = new HeardPace()
  /** The journal's end as the agent last named it: a stop before it is one of an earlier run. */
  #claimedSeq: number

  private constructor(start: {
    options: IngestOptions
    shared: Shared
    known: KnownPlaces
    network: KnownNetwork
    protection: KnownProtection
    agent: string
    hello: HelloFrame
    way: SessionWay
    stored: Position | null
    hasEarlierJournal: boolean
    gaps: readonly NewGap[]
    coverage: readonly Coverage[]
  }) {
    this.#options = start.options
    this.#shared = start.shared
    this.#known = start.known
    this.#network = start.network
    this.#protection = start.protection
    this.#agent = start.agent
    this.#hello = start.hello
    this.#way = start.way
    this.#status = start.way.kind === 'bundle' ? 'standalone' : 'online'
    this.#stored = start.stored
    this.#hasEarlierJournal = start.hasEarlierJournal
    this.#gaps = start.gaps
    this.#coverage = start.coverage
    this.#policies = new PolicyBook(start.options.store, start.agent)
    this.#receipt = this.#provenReceipt()
    this.#claimedSeq = start.hello.journal.seq
  }

  static async open(
    options: IngestOptions,
    shared: Shared,
    { agent, hello, way }: { agent: string; hello: HelloFrame; way: SessionWay },
  ): Promise<Session> {
    const { store } = options
    const { epoch } = hello.journal
    const [stored, epochs, gaps, computer, stays, network, protection] = await Promise.all([
      store.position(agent, epoch),
      store.epochs(agent),
      store.pendingGaps(agent, epoch),
      store.computer(agent),
      store.openStays(agent),
      readKnownNetwork(store, agent),
      readKnownProtection(store, options.protection, agent),
    ])
    const hasEarlierJournal = epochs.some((known) => known !== epoch)
    const session = new Session({
      options,
      shared,
      known: { stays, ports: new Map() },
      network,
      protection,
      agent,
      hello,
      way,
      stored,
      hasEarlierJournal,
      gaps,
      coverage: computer?.coverage ?? [],
    })
    if (way.kind === 'bundle' && !way.isNewest) return session
    if (way.kind === 'link') await session.#judgeClock(hello)
    await session.#heard({ agentVersion: hello.agentVersion, appliedPolicyVersion: hello.policyVersion })
    return session
  }

  get stored(): Position | null {
    return this.#stored
  }

  receiptFor(stored: Position): string {
    return this.#options.receipts.make(this.#agent, stored)
  }

  async records(frames: readonly RecordsFrame[]): Promise<Position | null> {
    if (frames.length > 1 && (await this.#storeTogether(frames))) return this.#stored
    for (const frame of frames) await this.#storeOne(frame)
    return this.#stored
  }

  /** Reports whether they could be stored as one; where not, nothing was, and each tells by itself what is wrong. */
  async #storeTogether(frames: readonly RecordsFrame[]): Promise<boolean> {
    const storedSeq = this.#stored?.seq ?? 0
    // A receipt is compared with the frames that it reaches into: those behind it are history already.
    const isPastReceipt = this.#receipt === null || this.#receipt.seq < storedSeq
    const merged = isPastReceipt ? mergeFrames(frames, storedSeq) : null
    if (merged === null) return false
    const { epoch } = this.#hello.journal
    try {
      await this.#store(checkFrame(merged, { agent: this.#agent, epoch, stored: this.#stored }))
      return true
    } catch (error) {
      if (error instanceof ShoukouError) return false
      throw error
    }
  }

  async #storeOne(frame: RecordsFrame): Promise<void> {
    const checked = await this.#check(frame)
    await this.#compareResent(checked)
    await this.#compareReceipt(frame)
    if (checked.fresh.length > 0) await this.#store(checked)
  }

  async #store(checked: CheckedFrame): Promise<void> {
    const { batch, records, known, network, protection } = await this.#makeBatch(checked)
    const { violations, ended } = await this.#options.store.ingest(batch)
    this.#stored = batch.position
    this.#known = known
    this.#network = network
    this.#protection = protection
    this.#shared.clocks.told(this.#agent, records)
    if (batch.coverage !== null) this.#coverage = batch.coverage
    this.#declared?.push(...declaredIn(records))
    this.#gaps = [...this.#gaps, ...batch.gaps].filter(
      (gap) => !batch.settledGaps.some((settled) => settled.firstSeq === gap.firstSeq),
    )
    for (const violation of violations) this.#options.feed.publish({ kind: 'violation', violation })
    for (const violation of ended) this.#options.feed.publish({ kind: 'violation-ended', violation })
    const isNews =
      batch.coverage !== null ||
      batch.appliedPolicyVersion !== null ||
      batch.network !== undefined ||
      (batch.status !== null && batch.status !== this.#status)
    if (batch.status !== null) this.#status = batch.status
    if (isNews) await this.#publishComputer()
    await this.#shared.places.examined(this.#agent, batch.stays ?? [])
  }

  async heartbeat(frame: HeartbeatFrame): Promise<void> {
    this.#coverage = frame.coverage
    if (frame.journal.epoch === this.#hello.journal.epoch) this.#claimedSeq = frame.journal.seq
    const around = `${this.#isBehind} ${this.#status}`
    if (!this.#pace.isNews(frame, around, this.#options.now())) return
    await this.#judgeClock(frame)
    await this.#heard({
      coverage: frame.coverage,
      appliedPolicyVersion: frame.policyVersion,
      clockSkewMs: frame.wallMs - this.#options.now(),
    })
    if (!this.#isBehind && frame.journal.epoch === this.#hello.journal.epoch) {
      await this.#shared.places.caughtUp(this.#agent)
    }
  }

  async closed(): Promise<void> {
    if (this.#status !== 'online') return
    await this.#options.store.setStatus(this.#agent, 'offline')
    await this.#publishComputer()
  }

  async #heard(seen: {
    agentVersion?: string
    appliedPolicyVersion?: number
    coverage?: HeartbeatFrame['coverage']
    clockSkewMs?: number
  }): Promise<void> {
    const { store, feed, now } = this.#options
    const ended = await store.heard(this.#agent, {
      at: now(),
      status: this.#status,
      isBehind: this.#isBehind,
      ...seen,
    })
    for (const violation of ended) feed.publish({ kind: 'violation-ended', violation })
    await this.#publishComputer()
  }

  get #isBehind(): boolean {
    return (this.#stored?.seq ?? 0) < this.#claimedSeq
  }

  async #publishComputer(): Promise<void> {
    const computer = await this.#options.store.computer(this.#agent)
    if (computer !== null) this.#options.feed.publish({ kind: 'computer', computer })
  }

  async #check(frame: RecordsFrame): Promise<CheckedFrame> {
    const { epoch } = this.#hello.journal
    try {
      return checkFrame(frame, { agent: this.#agent, epoch, stored: this.#stored })
    } catch (error) {
      if (error instanceof ShoukouError) await this.#accuse(error, frame)
      throw error
    }
  }

  /** A break that can't be a fault of the wire is recorded, once, before the connection is closed. */
  async #accuse(error: ShoukouError, frame: RecordsFrame): Promise<void> {
    const judgement = accusationOf(error, frame)
    const { epoch, firstSeq } = frame.header
    if (judgement !== null) await this.#addOwnViolation(judgement, `${error.code}:${epoch}:${firstSeq}`)
  }

  async #addOwnViolation(judgement: Judgement, key: string): Promise<void> {
    const { store, feed, now } = this.#options
    const computer = await store.computer(this.#agent)
    if (computer === null) return
    const violation = violationOf(judgement, {
      key: `${judgement.type}:${key}`,
      level: computer.level,
      policyVersion: computer.policyVersion,
      epoch: null,
      seq: null,
      occurredAt: now(),
    })
    const added = await store.addViolation(this.#agent, violation, now())
    if (added !== null) feed.publish({ kind: 'violation', violation: added })
  }

  /** The agent's clock against ours: what it tells of it itself is judged by its records. */
  async #judgeClock(said: Pick<HeartbeatFrame, 'wallMs' | 'policyVersion'>): Promise<void> {
    const judgement = await this.#shared.clocks.heard(this.#agent, said, !this.#isBehind)
    if (judgement !== null) await this.#addOwnViolation(judgement, `clock:${this.#options.now()}`)
  }

  async #compareResent({ resent }: CheckedFrame): Promise<void> {
    const [first, last] = [resent[0], resent.at(-1)]
    if (first === undefined || last === undefined) return
    const { store } = this.#options
    const { epoch } = this.#hello.journal
    const rows = await store.recordRange(this.#agent, epoch, first.seq, last.seq)
    const heads = new Map(rows.map((row) => [row.seq, row.head]))
    const archived = await store.archivedTo(this.#agent, epoch)
    if (archived !== null) heads.set(archived.seq, archived.head)
    for (const { seq, head } of resent) {
      if (heads.get(seq) === head) continue
      // Its record is in an archive: history that this console can't compare, and that accuses nobody.
      if (archived !== null && seq < archived.seq) continue
      await this.#addOwnViolation(
        broken('replayed-differently', epoch, seq, seq),
        `replayed-differently:${epoch}:${seq}`,
      )
      throw new ShoukouError('replayed-differently', `Record ${seq} came again with another content.`)
    }
  }

  /** What was acknowledged is history: told anew, it must be the same. */
  async #compareReceipt({ header, records }: RecordsFrame): Promise<void> {
    const receipt = this.#receipt
    if (receipt === null) return
    const at = receipt.seq - header.firstSeq
    if (at < -1 || at >= records.length) return
    let head: Buffer = Buffer.from(header.headBefore, 'hex')
    const hash = chainHashOf(header.epoch)
    for (const [index, raw] of records.slice(0, at + 1).entries())
      head = headAfter(head, header.firstSeq + index, raw, hash)
    if (head.toString('hex') === receipt.head) return
    const { epoch } = this.#hello.journal
    const { seq } = receipt
    const key = `replayed-differently:${epoch}:${seq}`
    await this.#addOwnViolation(broken('replayed-differently', epoch, seq, seq), key)
    throw new ShoukouError('replayed-differently', `Record ${seq} was acknowledged with another content.`)
  }

  #provenReceipt(): Receipt | null {
    const { receipt, journal } = this.#hello
    const { log, receipts } = this.#options
    if (receipt === null) return null
    const place = { epoch: journal.epoch, seq: receipt.seq, head: receipt.head }
    if (receipts.holds(this.#agent, place, receipt.mac)) return receipt
    log.warn({ agent: this.#agent, seq: receipt.seq }, 'the receipt shown is not of this console')
    return null
  }

  async #makeBatch(checked: CheckedFrame): Promise<{
    batch: IngestBatch
    records: Record[]
    known: KnownPlaces
    network: KnownNetwork
    protection: KnownProtection
  }> {
    const { epoch } = this.#hello.journal
    const receivedAt = this.#options.now()
    const parsed = checked.fresh.map((entry) => ({ ...entry, record: this.#parse(entry.raw, entry.seq) }))
    const records = parsed.map((entry) => entry.record)
    const violations: NewViolation[] = []
    const draft = new StayDraft(this.#known, this.#shared.register)
    const network = new NetworkDraft(this.#network, this.#agent, this.#options.store)
    const protection = new ProtectionDraft({
      known: this.#protection,
      agent: this.#agent,
      keys: this.#options.protection,
      now: receivedAt,
    })
    for (const { record, raw, head } of parsed) {
      const policy = await this.#policies.policyOf(record.policyVersion)
      for (const { judgement, key } of protection.take(record, { raw, head }, policy))
        violations.push({ ...this.#violation(judgement, record, policy), key })
      // What a record ends is over before what it begins.
      network.take(record, violations.length)
      violations.push(...(await this.#judge(record, draft, network)))
    }
    const gaps = checked.gap === null ? [] : [this.#newGap(checked.gap, receivedAt)]
    const last = parsed.at(-1)
    if (last === undefined) throw new Error('a batch has records')
    const settled = await this.#settle([...this.#gaps, ...gaps], records, last.seq)
    for (const gap of settled) {
      if (gap.state !== 'undeclared') continue
      const judgement = broken('undeclared-gap', epoch, gap.firstSeq, gap.lastSeq)
      const violation = this.#violation(judgement, last.record)
      // Named by the gap: several may be settled by one record, which may be a violation of the same type itself.
      violations.push({ ...violation, key: `${judgement.type}:${epoch}:gap:${gap.firstSeq}` })
    }
    const batch: IngestBatch = {
      agent: this.#agent,
      receivedAt,
      epoch,
      expected: this.#stored,
      records: parsed.map(({ seq, raw, head, record }) => ({
        seq,
        raw,
        head,
        kind: record.fact.kind,
        sensor: record.sensor,
        wallMs: record.wallMs,
        policyVersion: record.policyVersion,
      })),
      position: { epoch, seq: last.seq, head: last.head },
      violations,
      stays: draft.changed,
      endings: network.endings,
      ...(network.changes === null ? {} : { network: network.changes }),
      ...(protection.changes === undefined ? {} : { protection: protection.changes }),
      gaps,
      settledGaps: settled,
      status: this.#way.kind === 'bundle' ? null : statusAfter(records, this.#claimedSeq),
      coverage: coverageAfter(this.#coverage, records),
      appliedPolicyVersion: appliedIn(records),
      isCaughtUp: last.seq >= this.#claimedSeq,
    }
    return { batch, records, known: draft.known, network: network.known, protection: protection.known }
  }

  async #settle(
    pending: readonly NewGap[],
    records: readonly Record[],
    lastSeq: number,
  ): Promise<SettledGap[]> {
    if (pending.length === 0) return []
    this.#declared ??= await readDeclared(this.#options.store, this.#agent, this.#hello.journal.epoch)
    const declared = [...this.#declared, ...declaredIn(records)]
    const settled = settleGaps(pending, [...declared, ...acknowledgedBefore(this.#receipt)], lastSeq)
    this.#warnOfOwnLoss(settled)
    return settled
  }

  /** No fault of the computer: this console had the records, and lost them. Its operator must know. */
  #warnOfOwnLoss(settled: readonly SettledGap[]): void {
    const acknowledgedSeq = this.#receipt?.seq ?? 0
    for (const { firstSeq, lastSeq, state } of settled) {
      if (state !== 'declared' || firstSeq > acknowledgedSeq) continue
      this.#options.log.warn(
        { agent: this.#agent, epoch: this.#hello.journal.epoch, firstSeq, lastSeq, acknowledgedSeq },
        'records acknowledged before, no longer at either end: was this store restored from an older copy?',
      )
    }
  }

  #newGap(gap: { firstSeq: number; lastSeq: number; headBefore: string }, noticedAt: number): NewGap {
    const { epoch, seq } = this.#hello.journal
    return { epoch, ...gap, noticedAt, declareBySeq: Math.max(seq, gap.lastSeq + 1) }
  }

  #parse(raw: Buffer, seq: number): Record {
    const record = parseRecord(raw)
    const { epoch } = this.#hello.journal
    if (record.agent !== this.#agent || record.epoch !== epoch || record.seq !== seq) {
      throw new ShoukouError('foreign-record', `Record ${seq} names another agent, journal or number.`)
    }
    return record
  }

  async #judge(record: Record, draft: StayDraft, network: NetworkDraft): Promise<NewViolation[]> {
    const policy = await this.#policies.policyOf(record.policyVersion)
    const violation = (judgement: Judgement, key: string): NewViolation => ({
      ...this.#violation(judgement, record, policy),
      ...incidentOf(judgement, record),
      key,
    })
    const { judgements, lapsed } = await draft.take(record, {
      policy,
      hasEarlierJournal: this.#hasEarlierJournal,
      picture: await network.pictureFor(record),
      violation,
    })
    return [...lapsed, ...judgements.map(({ judgement, key }) => violation(judgement, key))]
  }

  #violation(judgement: Judgement, record: Record, policy?: Policy): NewViolation {
    return violationOf(judgement, {
      key: `${judgement.type}:${record.epoch}:${record.seq}`,
      level: policy?.settings.level ?? record.level,
      policyVersion: record.policyVersion,
      epoch: record.epoch,
      seq: record.seq,
      occurredAt: record.wallMs,
    })
  }
}
