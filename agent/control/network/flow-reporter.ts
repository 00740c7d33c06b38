/**
 * Drains the nets and tells what they saw: events to the ledger, due records to the pipeline, the kernel's counters after
 * each burst. Never waits for a record before it drains on.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Decision, Fact, FactNamed, Net, NetTotals, Picture, Position } from '@shoukou/protocol'
import type { ConnectionEvent } from '../../actions/connections/connection-net.ts'
import type { PacketEvent } from '../../actions/packets/packet-net.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { FlowLedger, type FlowOwner, type FlowRecord } from './flow-ledger.ts'
import { FlowOwners, NOBODY } from './flow-owners.ts'
import type { FlowRules } from './flow-rules.ts'
import { NetAccount } from './net-account.ts'
import type { NetworkBook } from './network-book.ts'
import type { NetworkKernel } from './network-kernel.ts'

export interface FlowReporterOptions {
  readonly kernel: NetworkKernel
  readonly book: NetworkBook
  readonly rules: () => FlowRules
  readonly newSeries: () => string
  /** The network as it is known now, for the first record of a series. */
  readonly picture: () => Picture | null
  readonly tell: (fact: Fact, decision: Decision | null) => Promise<Position | null>
  /** A program began to wait for others to connect. */
  readonly onListener: () => void
  readonly clock: Clock
  readonly log: Log
}

/** One net as the reporter drains it. */
export interface DrainedNet<Event> {
  readonly net: Net
  readonly id: string
  readonly sinceWallMs: number
  drain(max: number): readonly Event[]
  totals(): NetTotals | Promise<NetTotals>
  onReady(callback: () => void): void
}

type Source =
  | { readonly kind: 'connections'; readonly from: DrainedNet<ConnectionEvent>; readonly isFiltered: boolean }
  | { readonly kind: 'packets'; readonly from: DrainedNet<PacketEvent> }

interface Joined {
  readonly source: Source
  account: NetAccount
  /** Of a net that does not know the policy: what it saw and was approved. */
  approved: number
  seen: number
  draining: Promise<void> | null
  isAgain: boolean
  isGone: boolean
}

const drainMax = 4_096
/** A net that could not be read is read again after this, ms. */
const drainAgainMs = 1_000
const countedAfterMs = 1_000
const countedEveryMs = 3_600_000
/** At most one picture in this span, however many programs begin, ms. */
const pictureEveryMs = 1_000
/** How long an end waits for its last records, ms. */
const tellMsMax = 1_000
/** What is waited before a flush, so that one burst is one record, ms. */
const gatherMs = 5

export class FlowReporter {
  readonly #options: FlowReporterOptions
  readonly #ledger: FlowLedger
  readonly #owners: FlowOwners
  readonly #joined = new Map<Net, Joined>()
  /** Of the nets that outlive the agent: what is said of one that was left is still true of it. */
  readonly #accounts = new Map<Net, NetAccount>()
  /** Records that are on their way to the disk. */
  readonly #telling = new Set<Promise<void>>()
  #flushTimer: NodeJS.Timeout | null = null
  #flushAtMs = Number.POSITIVE_INFINITY
  #countTimer: NodeJS.Timeout | null = null
  #hourly: NodeJS.Timeout | null = null
  #picturedMs = Number.NEGATIVE_INFINITY
  #lostSaid = new Map<Net, number>()
  #joinedSaid = 0

  constructor(options: FlowReporterOptions) {
    this.#options = options
    this.#ledger = new FlowLedger({ newSeries: options.newSeries })
    this.#owners = new FlowOwners(options.kernel)
  }

  start(): void {
    this.#hourly = setInterval(() => void this.count(), countedEveryMs)
  }

  /** Begins to drain a net of the first kind. `isFiltered`: it tells only what is not approved. */
  async joinConnections(from: DrainedNet<ConnectionEvent>, isFiltered: boolean): Promise<void> {
    await this.#join({ kind: 'connections', from, isFiltered })
  }

  async joinPackets(from: DrainedNet<PacketEvent>): Promise<void> {
    await this.#join({ kind: 'packets', from })
  }

  /** Takes what is left, tells it, and forgets the net. */
  async leave(net: Net): Promise<void> {
    const joined = this.#joined.get(net)
    if (joined === undefined) return
    await this.#drain(joined)
    this.#flush(Number.POSITIVE_INFINITY)
    await this.#recorded()
    await this.count()
    joined.isGone = true
    this.#joined.delete(net)
  }

  /** Ends: everything that waits is told. */
  async stop(): Promise<void> {
    for (const joined of this.#joined.values()) await this.#drain(joined)
    this.#flush(Number.POSITIVE_INFINITY)
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer)
    if (this.#countTimer !== null) clearTimeout(this.#countTimer)
    if (this.#hourly !== null) clearInterval(this.#hourly)
    this.#flushTimer = null
    await this.#recorded()
    await this.count()
  }

  /** Tells the counters of all nets that have moved. */
  async count(): Promise<void> {
    this.#countTimer = null
    for (const joined of this.#joined.values()) {
      try {
        await this.#countOne(joined)
      } catch (fault) {
        this.#options.log.error({ fault: String(fault), net: joined.source.from.net }, 'net not counted')
      }
    }
  }

  /** What stands in a record by then is kept, and counted, as told; on a full disk nothing ever does. */
  async #recorded(): Promise<void> {
    await Promise.race([Promise.all(this.#telling), sleep(tellMsMax, undefined, { ref: false })])
  }

  async #join(source: Source): Promise<void> {
    const { from } = source
    const account = await this.#accountOf(source)
    const joined: Joined = {
      ...{ source, account, approved: 0, seen: 0 },
      ...{ draining: null, isAgain: false, isGone: false },
    }
    await this.#open(account, from.net)
    this.#joined.set(from.net, joined)
    const drain = (): void => {
      this.#drain(joined).catch((fault: unknown) => {
        this.#options.log.error({ fault: String(fault), net: from.net }, 'net not drained')
        // What was to wake us may have done so already.
        if (!joined.isGone) setTimeout(drain, drainAgainMs).unref()
      })
    }
    from.onReady(drain)
    drain()
  }

  async #accountOf({ from, ...source }: Source): Promise<NetAccount> {
    const isFiltered = source.kind === 'packets' || source.isFiltered
    const drained = isFiltered ? (await from.totals()).reported : 0
    const kept = this.#options.book.state.told.find(({ netId }) => netId === from.id) ?? null
    return new NetAccount(from.id, drained, kept)
  }

  /** Resolves when all is taken that was there: also what another call is taking now. */
  async #drain(joined: Joined): Promise<void> {
    if (joined.isGone) return
    joined.isAgain = true
    joined.draining ??= this.#drainAll(joined)
    await joined.draining
  }

  async #drainAll(joined: Joined): Promise<void> {
    try {
      while (joined.isAgain) {
        joined.isAgain = false
        while ((await this.#drainSome(joined)) > 0) await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      // In the same turn as the last look: who asks after it begins anew.
      joined.draining = null
    }
  }

  /**
   * On the disk before anything is taken: an agent that is killed before its first record is in debt too. A disk that hangs is
   * not waited for: the kernel's own buffer has an end.
   */
  async #open(account: NetAccount, net: Net): Promise<void> {
    if (net !== 'socket' && net !== 'packet') return
    this.#accounts.set(net, account)
    await Promise.race([this.#writeDown(), sleep(tellMsMax, undefined, { ref: false })])
  }

  async #drainSome(joined: Joined): Promise<number> {
    const { source } = joined
    if (source.from.id !== joined.account.netId) {
      joined.account = await this.#accountOf(source)
      await this.#open(joined.account, source.from.net)
    }
    if (source.kind === 'connections') {
      const events = source.from.drain(drainMax)
      if (events.length > 0) await this.#takeConnections(events, joined, source)
      return events.length
    }
    const events = source.from.drain(drainMax)
    if (events.length > 0) await this.#takePackets(events)
    return events.length
  }

  async #takeConnections(
    events: readonly ConnectionEvent[],
    joined: Joined,
    { from, isFiltered }: Extract<Source, { kind: 'connections' }>,
  ): Promise<void> {
    const { clock } = this.#options
    const rules = this.#options.rules()
    const judged = events.map((event) => ({ event, verdict: rules.ofConnection(event) }))
    joined.seen += events.length
    if (events.some(({ act }) => act === 'bind')) this.#options.onListener()
    // What a net that knows the rules tells as an attempt was prohibited then, whatever holds by now.
    const prohibited = judged.filter(
      ({ event, verdict }) => !verdict.isApproved || (isFiltered && isAttempt(event)),
    )
    joined.approved += events.length - prohibited.length
    try {
      await this.#owners.learn(
        prohibited.map(({ event }) => event),
        performance.now(),
      )
    } catch (fault) {
      // They are taken from the kernel: told with what it said of them, rather than not at all.
      this.#options.log.error({ fault: String(fault) }, 'programs of connections not looked up')
    }
    const wallMinusBootMs = clock.wallMs() - clock.bootMs()
    const nowMs = performance.now()
    for (const { event, verdict } of prohibited) {
      const wallMs = Math.max(0, Math.round(Number(event.bootNs) / 1e6 + wallMinusBootMs))
      const rule = verdict.isApproved ? 'rules-changed' : verdict.rule
      this.#ledger.takeConnection(from.net, event, this.#owners.of(event), rule, { wallMs, nowMs })
    }
    this.#schedule()
  }

  async #takePackets(events: readonly PacketEvent[]): Promise<void> {
    const rules = this.#options.rules()
    for (const event of events) {
      const verdict = rules.ofPacket(event)
      const rule = verdict.isApproved ? 'rules-changed' : verdict.rule
      const owner = await this.#ownerOf(event)
      const nowMs = performance.now()
      this.#ledger.takePacket(event, owner, rule, { wallMs: event.wallMs, nowMs })
    }
    this.#schedule()
  }

  async #ownerOf({ uid }: PacketEvent): Promise<FlowOwner> {
    try {
      return await this.#owners.ofUid(uid, performance.now())
    } catch (fault) {
      this.#options.log.error({ fault: String(fault) }, 'account of a packet not looked up')
      return NOBODY
    }
  }

  #schedule(): void {
    const next = this.#ledger.nextDueMs
    if (next === null) return
    const atMs = Math.max(next, performance.now() + gatherMs)
    if (this.#flushTimer !== null && this.#flushAtMs <= atMs) return
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer)
    this.#flushAtMs = atMs
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = null
      this.#flush(performance.now())
      this.#schedule()
    }, atMs - performance.now())
  }

  #flush(nowMs: number): void {
    const isLast = nowMs === Number.POSITIVE_INFINITY
    const records = isLast ? this.#ledger.all(performance.now()) : this.#ledger.due(nowMs)
    for (const record of records) this.#tell(record)
    for (const { source, account } of this.#joined.values()) {
      const { net } = source.from
      const lost = this.#ledger.lostOf(net)
      account.lost(lost - (this.#lostSaid.get(net) ?? 0))
      this.#lostSaid.set(net, lost)
      if (net !== 'packet') continue
      account.told(this.#ledger.joinedPackets - this.#joinedSaid)
      this.#joinedSaid = this.#ledger.joinedPackets
    }
    if (records.length > 0) this.#countSoon()
  }

  #countSoon(): void {
    this.#countTimer ??= setTimeout(() => void this.count(), countedAfterMs)
  }

  #tell({ events, ...record }: FlowRecord): void {
    const account = this.#joined.get(record.net)?.account ?? this.#accounts.get(record.net)
    const picture = record.isFirst ? this.#pictureNow() : null
    const fact: FactNamed<'network.connections'> = { kind: 'network.connections', ...record, picture }
    const telling = this.#options
      .tell(fact, decisionOf(record))
      .then(
        (place) => {
          if (place === null) account?.lost(events)
          else account?.told(events)
        },
        (fault: unknown) => {
          account?.lost(events)
          this.#options.log.error({ fault: String(fault) }, 'connections not told')
        },
      )
      .then(() => {
        this.#telling.delete(telling)
        void this.#writeDown()
        // On a slow disk the counters may have been told while this one was on its way: they would be short for an hour.
        if (this.#telling.size === 0 && this.#joined.size > 0) this.#countSoon()
      })
    this.#telling.add(telling)
  }

  #pictureNow(): Picture | null {
    const nowMs = performance.now()
    if (nowMs - this.#picturedMs < pictureEveryMs) return null
    const picture = this.#options.picture()
    if (picture !== null) this.#picturedMs = nowMs
    return picture
  }

  #writeDown(): Promise<boolean> {
    const told = [...this.#accounts.values()].map(({ kept }) => kept)
    return this.#options.book.change({ told })
  }

  async #countOne({ source, account, approved, seen }: Joined): Promise<void> {
    const { from } = source
    const kernel = await from.totals()
    const isFiltered = source.kind === 'packets' || source.isFiltered
    const totals = account.totals(
      isFiltered ? kernel : { ...kernel, counted: seen, approved, prohibited: seen - approved, refused: 0 },
    )
    if ((totals.counted === 0 && totals.reported === 0) || !account.isNew(totals)) return
    void this.#options.tell(
      { kind: 'network.counted', net: from.net, netId: from.id, sinceWallMs: from.sinceWallMs, totals },
      null,
    )
  }
}

function isAttempt({ act }: ConnectionEvent): boolean {
  return act === 'connect' || act === 'send' || act === 'socket'
}

/** What a program did that leads nowhere by itself. */
const harmless = new Set(['raw-socket', 'listener'])

function decisionOf({ flows }: Pick<FlowRecord, 'flows'>): Decision {
  const first = flows.find(({ rule }) => !harmless.has(rule)) ?? flows[0]
  const rule = first?.rule ?? 'outside-approved'
  if (flows.some(({ refused }) => refused > 0)) return { outcome: 'blocked', would: 'block', rule }
  return { outcome: 'detected', would: harmless.has(rule) ? 'allow' : 'block', rule }
}
