/**
 * What the nets in the kernel tell, gathered into series of flows: one series for each program, one flow for each of its
 * processes and peers, counted exactly. Pure: events and time in, records out.
 *
 * The first record of a series is due at once, later ones in growing spans. Each event of the kernel is in exactly one
 * flow of exactly one record, or is counted as lost.
 */
import {
  type Confidence,
  type Flow,
  LIMITS,
  type Net,
  type Peer,
  type Program,
  type RawText,
  rawTextKey,
} from '@shoukou/protocol'
import type { ConnectionEvent } from '../../actions/connections/connection-net.ts'
import type { PacketEvent } from '../../actions/packets/packet-net.ts'
import { FLOW_LIMITS, type FlowLimits } from './flow-limits.ts'
import { type HeldPacket, HeldPackets } from './held-packets.ts'
import { keepNewest } from './keep-newest.ts'

/** Who did it, and the key by which his doings are one series: program, account, container. */
export interface FlowOwner {
  readonly key: string
  readonly program: Program | null
}

export interface FlowMoment {
  /** Unix ms of the event. */
  readonly wallMs: number
  /** A clock that only goes forward, ms: now. */
  readonly nowMs: number
}

/** What becomes one `network.connections`. */
export interface FlowRecord {
  readonly net: Net
  readonly series: string
  readonly isFirst: boolean
  readonly program: Program | null
  readonly flows: Flow[]
  readonly continues: boolean
  /** Events of the kernel that are told with it. */
  readonly events: number
}

type Pending = { -readonly [K in keyof Flow]: Flow[K] } & { events: number }
interface Known {
  confidence: Confidence
  interface: RawText | null
}
interface Series {
  readonly id: string
  readonly key: string
  readonly net: Net
  readonly program: Program | null
  readonly pending: Map<string, Pending>
  readonly known: Map<string, Known>
  isTold: boolean
  span: number
  lastToldMs: number
  lastEventMs: number
  dueMs: number | null
}
interface Place {
  readonly series: string
  readonly flow: string
  readonly uid: number | null
  readonly pid: number | null
  readonly base: Base
}
type Base = Pick<Flow, 'act' | 'pid' | 'family' | 'protocol' | 'local' | 'peer' | 'rule'>

const ranks: Readonly<Record<Confidence, number>> = { attempt: 0, 'link-up': 1, 'confirmed-reachability': 2 }

export class FlowLedger {
  readonly #limits: FlowLimits
  readonly #held: HeldPackets
  readonly #newSeries: () => string
  readonly #series = new Map<string, Series>()
  readonly #cookies = new Map<bigint, Place>()
  readonly #peers = new Map<string, Place>()
  readonly #lost = new Map<Net, number>()
  #pendingFlows = 0
  #knownFlows = 0
  #asideLost = 0
  #joinedPackets = 0

  constructor(options: { readonly newSeries: () => string; readonly limits?: Partial<FlowLimits> }) {
    this.#newSeries = options.newSeries
    this.#limits = { ...FLOW_LIMITS, ...options.limits }
    this.#held = new HeldPackets({ waitMs: this.#limits.heldMs, max: this.#limits.heldMax })
  }

  /**
   * Takes in what a program did. `rule` says why it is not approved. That TCP stands joins the attempt that it came of,
   * where that is known: it makes it certain, and is not counted again.
   */
  takeConnection(net: Net, event: ConnectionEvent, owner: FlowOwner, rule: string, at: FlowMoment): void {
    const isSettled = event.act === 'established' || event.act === 'accepted'
    if (isSettled && this.#confirm(event, at)) return
    const series = this.#open(net, `${net}|${owner.key}`, owner.program, at)
    const base: Base = {
      act: event.act,
      pid: event.process?.pid ?? null,
      family: event.family,
      protocol: event.protocol,
      local: event.local,
      peer: event.act === 'accepted' ? withoutPort(event.peer) : event.peer,
      rule,
    }
    // Of the first net, what TCP tells and what is bound are no part of what its counters count.
    const isAside = net === 'socket' && (isSettled || event.act === 'bind')
    const confidence = isSettled ? 'confirmed-reachability' : 'attempt'
    const refused = event.isRefused ? 1 : 0
    const more = { count: 1, refused, events: isAside ? 0 : 1, confidence, interface: null } as const
    if (series === null || !this.#add(series, keyOf(base), base, more, at)) {
      if (isAside) this.#asideLost += 1
      else this.#lose(net)
    } else if (!isSettled) this.#rememberPlace(event, series, base)
  }

  /**
   * Takes in a packet. One that belongs to a program's own connection adds to that what it knows, the interface, and is
   * not counted again there; any other is a flow by itself, of nobody known.
   */
  takePacket(event: PacketEvent, owner: FlowOwner, rule: string, at: FlowMoment): void {
    const packet = { event, owner, rule, at }
    if (!this.#joinOne(packet) && !this.#held.hold(packet)) this.#takeAlone(packet)
  }

  #joinOne({ event, at }: HeldPacket): boolean {
    const isJoined = this.#join(event, at)
    if (isJoined) this.#joinedPackets += 1
    return isJoined
  }

  #takeAlone({ event, owner, rule, at }: HeldPacket): void {
    const isInwards = event.act === 'incoming'
    const peer = isInwards ? withoutPort(event.source) : event.destination
    const base: Base = {
      act: event.act,
      pid: null,
      family: event.family,
      protocol: event.protocol,
      local: isInwards ? event.destination : event.source,
      peer,
      rule,
    }
    const group = `packet|${event.act}|${owner.key}`
    const series = this.#open('packet', this.#packetSeries(group, base), owner.program, at)
    const through = isInwards ? event.inInterface : (event.outInterface ?? event.inInterface)
    const confidence = event.isDropped ? 'attempt' : 'link-up'
    const more = {
      count: 1,
      refused: event.isDropped ? 1 : 0,
      events: 1,
      confidence,
      interface: through,
    } as const
    const key = `${keyOf(base)}|${through === null ? '' : rawTextKey(through)}`
    if (series === null || !this.#add(series, key, base, more, at)) this.#lose('packet')
  }

  /**
   * Nobody is known behind a packet: each peer and protocol is a story by itself, up to a bound. A sweep over thousands
   * of addresses is one.
   */
  #packetSeries(group: string, { protocol, peer }: Base): string {
    const own = `${group}|${protocol}|${peer?.address ?? ''}`
    if (this.#series.has(own)) return own
    let count = 0
    for (const key of this.#series.keys()) if (key.startsWith(`${group}|`)) count += 1
    return count < this.#limits.packetSeriesMax ? own : group
  }

  #release(nowMs: number): void {
    for (const packet of this.#held.take(nowMs)) if (!this.#joinOne(packet)) this.#takeAlone(packet)
  }

  /** Returns what is to be told by now, the first event first; what has been quiet for long ends. */
  due(nowMs: number): FlowRecord[] {
    this.#release(nowMs)
    const records: FlowRecord[] = []
    for (const [key, series] of this.#series) {
      if (series.dueMs !== null && series.dueMs <= nowMs) records.push(...this.#tell(series, nowMs))
      else if (series.dueMs === null && nowMs - series.lastEventMs >= this.#limits.quietMs)
        this.#forget(series, key)
    }
    return records
  }

  /** Returns everything that waits: for a stop. */
  all(nowMs: number): FlowRecord[] {
    this.#release(Number.POSITIVE_INFINITY)
    return [...this.#series.values()].flatMap((series) => this.#tell(series, nowMs))
  }

  /** When `due` will next have something; null while nothing waits. */
  get nextDueMs(): number | null {
    let next: number | null = this.#held.nextMs
    for (const { dueMs } of this.#series.values()) {
      if (dueMs !== null && (next === null || dueMs < next)) next = dueMs
    }
    return next
  }

  /** Events of a net that no bound had room for, since the ledger began. */
  lostOf(net: Net): number {
    return this.#lost.get(net) ?? 0
  }

  /** Packets that were told with the connection of a program, or were no news beside it. */
  get joinedPackets(): number {
    return this.#joinedPackets
  }

  /** What no counter counts (binds, connections that stand) and no bound had room for. */
  get asideLost(): number {
    return this.#asideLost
  }

  /** Flows that are remembered as told, over all series. */
  get knownFlows(): number {
    return this.#knownFlows
  }

  /** Events that wait to be told. */
  pendingOf(net: Net): number {
    let events = net === 'packet' ? this.#held.size : 0
    for (const series of this.#series.values()) {
      if (series.net !== net) continue
      for (const flow of series.pending.values()) events += flow.events
    }
    return events
  }

  #open(net: Net, key: string, program: Program | null, at: FlowMoment): Series | null {
    const found = this.#series.get(key)
    if (found !== undefined) return found
    if (this.#series.size >= this.#limits.seriesMax && !this.#makeRoom()) return null
    const series: Series = {
      ...{ id: this.#newSeries(), key, net, program, pending: new Map(), known: new Map() },
      ...{ isTold: false, span: 0, lastToldMs: at.nowMs, lastEventMs: at.nowMs, dueMs: null },
    }
    this.#series.set(key, series)
    return series
  }

  /** Ends the series that has been quiet the longest and has nothing left to tell. */
  #makeRoom(): boolean {
    let oldest: Series | null = null
    for (const series of this.#series.values()) {
      const isOlder = oldest === null || series.lastEventMs < oldest.lastEventMs
      if (series.dueMs === null && isOlder) oldest = series
    }
    return oldest !== null && this.#forget(oldest, oldest.key)
  }

  #forget(series: Series, key: string): boolean {
    this.#knownFlows -= series.known.size
    return this.#series.delete(key)
  }

  /** What finds no room is news once more when it comes again. */
  #remember({ known }: Series, key: string, told: Known): void {
    const { knownFlowsMax, knownFlowsOfAllMax } = this.#limits
    if (!known.has(key)) {
      const isFull = known.size >= knownFlowsMax || this.#knownFlows >= knownFlowsOfAllMax
      const first = known.keys().next().value
      if (isFull && first === undefined) return
      if (isFull && first !== undefined) known.delete(first)
      else this.#knownFlows += 1
    }
    known.set(key, told)
  }

  /** Returns false where there is no room. */
  #add(
    series: Series,
    key: string,
    base: Base,
    more: Pick<Pending, 'count' | 'refused' | 'events' | 'confidence'> & {
      readonly interface: RawText | null
    },
    at: FlowMoment,
  ): boolean {
    const found = series.pending.get(key)
    if (found === undefined) {
      if (this.#pendingFlows >= this.#limits.pendingFlowsMax) return false
      this.#pendingFlows += 1
      const known = series.known.get(key)
      const confidence = higher(more.confidence, more.refused > 0 ? undefined : known?.confidence)
      series.pending.set(key, {
        ...base,
        ...more,
        confidence,
        interface: more.interface ?? known?.interface ?? null,
        firstWallMs: at.wallMs,
        lastWallMs: at.wallMs,
      })
    } else {
      found.count += more.count
      found.refused += more.refused
      found.events += more.events
      found.confidence = higher(found.confidence, more.confidence)
      found.interface ??= more.interface
      found.firstWallMs = Math.min(found.firstWallMs, at.wallMs)
      found.lastWallMs = Math.max(found.lastWallMs, at.wallMs)
    }
    if (more.events > 0) series.lastEventMs = at.nowMs
    this.#schedule(series, key, more.confidence, at.nowMs)
    return true
  }

  #schedule(series: Series, key: string, confidence: Confidence, nowMs: number): void {
    const { spansMs, newsMs, confirmedMs } = this.#limits
    const known = series.known.get(key)
    const isNews = known === undefined || ranks[confidence] > ranks[known.confidence]
    const isConfirmation = isNews && confidence === 'confirmed-reachability'
    const spanMs = spansMs[Math.min(series.span, spansMs.length - 1)] ?? newsMs
    const waitMs = isConfirmation ? confirmedMs : isNews ? Math.min(newsMs, spanMs) : spanMs
    const dueMs = series.isTold ? Math.max(nowMs, series.lastToldMs + waitMs) : nowMs
    series.dueMs = series.dueMs === null ? dueMs : Math.min(series.dueMs, dueMs)
  }

  #tell(series: Series, nowMs: number): FlowRecord[] {
    const flows = [...series.pending.entries()]
    series.dueMs = null
    if (flows.length === 0) return []
    series.pending.clear()
    this.#pendingFlows -= flows.length
    for (const [key, { confidence, interface: through }] of flows)
      this.#remember(series, key, { confidence, interface: through })
    const records: FlowRecord[] = []
    const max = LIMITS.flowsPerFactMax
    for (let at = 0; at < flows.length; at += max) {
      const piece = flows.slice(at, at + max).map(([, flow]) => flow)
      records.push({
        net: series.net,
        series: series.id,
        isFirst: !series.isTold && at === 0,
        program: series.program,
        flows: piece.map(({ events: _events, ...flow }) => flow),
        continues: at + max < flows.length,
        events: piece.reduce((sum, { events }) => sum + events, 0),
      })
    }
    if (series.isTold) series.span += 1
    series.isTold = true
    series.lastToldMs = nowMs
    return records
  }

  #rememberPlace({ cookie, isRefused, process, peer }: ConnectionEvent, series: Series, base: Base): void {
    if (isRefused || peer === null) return
    const place: Place = {
      ...{ series: series.key, flow: keyOf(base), base },
      ...{ uid: process?.uid ?? null, pid: process?.pid ?? null },
    }
    if (cookie !== 0n) keepNewest(this.#cookies, cookie, place, this.#limits.cookiesMax)
    keepNewest(this.#peers, peerKey(base.protocol, peer), place, this.#limits.peersMax)
  }

  /** The attempt whose connection stands now: told with it, or, where that is told already, told again without a count. */
  #confirm(event: ConnectionEvent, at: FlowMoment): boolean {
    const place = this.#cookies.get(event.cookie)
    const series = place === undefined ? undefined : this.#series.get(place.series)
    if (place === undefined || series === undefined || event.act !== 'established') return false
    this.#cookies.delete(event.cookie)
    const confidence = 'confirmed-reachability'
    const isKnown = series.known.get(place.flow)?.confidence === confidence
    if (isKnown && !series.pending.has(place.flow)) return true
    const base = { ...place.base, local: event.local ?? place.base.local }
    this.#add(series, place.flow, base, { count: 0, refused: 0, events: 0, confidence, interface: null }, at)
    return true
  }

  #join(event: PacketEvent, at: FlowMoment): boolean {
    // What was dropped was not let through for any program: it is told as what it is.
    if (event.act !== 'outgoing' || event.isDropped || event.destination === null) return false
    const place = this.#peers.get(peerKey(event.protocol, event.destination))
    const series = place === undefined ? undefined : this.#series.get(place.series)
    if (place === undefined || series === undefined) return false
    if (event.uid !== null && place.uid !== null && event.uid !== place.uid) return false
    const known = series.known.get(place.flow)
    const isNews =
      known === undefined || ranks[known.confidence] < ranks['link-up'] || known.interface === null
    if (!isNews && !series.pending.has(place.flow)) return true
    // Counted by the first net: here it only says by which interface, and that the link was there.
    const more = {
      count: 0,
      refused: 0,
      events: 0,
      confidence: 'link-up',
      interface: event.outInterface,
    } as const
    this.#add(series, place.flow, place.base, more, at)
    return true
  }

  #lose(net: Net): void {
    this.#lost.set(net, (this.#lost.get(net) ?? 0) + 1)
  }
}

function higher(a: Confidence, b: Confidence | undefined): Confidence {
  return b !== undefined && ranks[b] > ranks[a] ? b : a
}

function keyOf({ act, pid, protocol, peer, local }: Base): string {
  const who = `${act}|${pid ?? ''}|${protocol}`
  if (peer !== null && act !== 'incoming' && act !== 'accepted')
    return `${who}|${peer.address}|${peer.port ?? ''}`
  return `${who}|${peer?.address ?? ''}|${local?.address ?? ''}|${local?.port ?? ''}`
}

function peerKey(protocol: number, peer: Peer): string {
  return `${protocol}|${peer.address}|${peer.port ?? ''}`
}

function withoutPort(peer: Peer | null): Peer | null {
  return peer === null ? null : { address: peer.address, port: null }
}
