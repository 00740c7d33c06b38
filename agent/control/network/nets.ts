/**
 * The two nets of one computer: opened as the mode asks, given their rules in one turn, looked after, let go of.
 *
 * `observe`: the first net looks on and goes with the agent. `alarm`: both count, nothing is stopped. `enforce`, and
 * isolation over any mode: both refuse, and stay in force when the agent ends.
 */
import {
  type ApprovedListener,
  type Coverage,
  type Destination,
  type FactNamed,
  type Net,
  type RawText,
  rawTextKey,
} from '@shoukou/protocol'
import type { CoarseNet } from '../../actions/coarse/coarse-net.ts'
import type { ConnectionNet, NetDamage, Opened } from '../../actions/connections/connection-net.ts'
import type { PacketNet } from '../../actions/packets/packet-net.ts'
import type { Log } from '../../base/log.ts'
import type { NetworkControlMode } from '../../policy/network/network-mode.ts'
import type { DrainedNet, FlowReporter } from './flow-reporter.ts'
import type { NetworkBook } from './network-book.ts'
import type { NetworkKernel } from './network-kernel.ts'

export type LayerReport = FactNamed<'control.state'>['layers'][number]

/** What is to be in force. */
export interface WantedNets {
  readonly mode: NetworkControlMode
  readonly isIsolated: boolean
  readonly isStandalone: boolean
  readonly approved: readonly Destination[]
  readonly listeners: readonly ApprovedListener[]
  readonly cut: readonly RawText[]
  readonly interfaces: readonly RawText[]
  /** The kernel's numbers of both: another interface may bear the same name by now. */
  readonly numbers: readonly number[]
}

export interface NetsOptions {
  readonly kernel: NetworkKernel
  readonly reporter: FlowReporter
  readonly book: NetworkBook
  readonly log: Log
}

/** A net that could not be had is asked for again after this, ms. */
const tryAgainMs = 60_000

type Failure = { readonly reason: string; readonly remedy: string | null }

export class Nets {
  readonly #options: NetsOptions
  #connections: ConnectionNet | null = null
  #coarse: CoarseNet | null = null
  #packets: PacketNet | null = null
  #connectionFault: Failure | null = null
  #coarseFault: Failure | null = null
  #packetFault: Failure | null = null
  #readFault: Failure | null = null
  /** By layer: what the last inspection could not put right. */
  readonly #inspectFaults = new Map<string, Failure>()
  #wanted: WantedNets | null = null
  #triedMs = Number.NEGATIVE_INFINITY
  #working: Promise<unknown> = Promise.resolve()
  #saidDamage = new Set<string>()

  constructor(options: NetsOptions) {
    this.#options = options
  }

  /** Whether the second net can drop everything of one interface now. */
  get hasPackets(): boolean {
    return this.#packets !== null && this.#packetFault === null
  }

  /** Puts other rules in force; in the order of the calls. Never throws: the layers say what came of it. */
  apply(wanted: WantedNets): Promise<readonly LayerReport[]> {
    return this.#inTurn(async () => {
      this.#wanted = wanted
      await this.#openConnections()
      const hadPackets = this.#packetFault === null
      await this.#setConnectionRules(wanted)
      await this.#setPacketRules(wanted)
      // Whether raw sockets are refused rests on what came of the second net.
      if ((this.#packetFault === null) !== hadPackets) await this.#setConnectionRules(wanted)
      return this.layers(wanted)
    })
  }

  /** What stands in the kernel, by layer. */
  layers(wanted: WantedNets): readonly LayerReport[] {
    const layers: LayerReport[] = [
      layerOf('connection-guard', this.#connections !== null, this.#faultOf('connection-guard')),
    ]
    if (needsPackets(wanted)) {
      const fault = this.#faultOf('packet-table')
      layers.push(layerOf('packet-table', this.#packets !== null, fault))
      const lack = this.#packets?.lacks.find((each) => /netdev|frame|egress/i.test(each)) ?? null
      layers.push(
        lack === null
          ? layerOf('frame-table', this.#packets !== null, fault)
          : { layer: 'frame-table', state: 'absent', detail: lack.slice(0, 1_000) },
      )
    }
    if (wanted.isIsolated) {
      const isWhole = layers.slice(0, 2).every(({ state }) => state === 'in-force')
      const detail = isWhole ? null : 'isolation rests on one of the two nets alone, or on none'
      layers.push({ layer: 'isolation', state: isWhole ? 'in-force' : 'failed', detail })
    }
    return layers
  }

  /** What the nets vouch for. */
  get coverage(): Coverage {
    const sensor = 'connections'
    const wanted = this.#wanted
    if (this.#connections !== null) {
      const packets = wanted !== null && needsPackets(wanted) ? this.#faultOf('packet-table') : null
      const fault = this.#faultOf('connection-guard') ?? packets ?? this.#readFault
      const lacks = [...this.#connections.lacks]
      if (fault !== null) lacks.push(fault.reason)
      const reason = lacks.length === 0 ? null : lacks.join(' ').slice(0, 1_000)
      const state = fault === null && lacks.length === 0 ? 'watching' : 'fallback'
      return { sensor, state, method: 'cgroup-ebpf', reason, remedy: fault?.remedy?.slice(0, 1_000) ?? null }
    }
    const reason = this.#connectionFault?.reason.slice(0, 1_000) ?? 'not opened yet'
    const remedy = this.#connectionFault?.remedy?.slice(0, 1_000) ?? null
    if (this.#coarse !== null) {
      const { method, lacks } = this.#coarse
      const whole = [reason, ...lacks].join(' ').slice(0, 1_000)
      return { sensor, state: 'fallback', method, reason: whole, remedy }
    }
    const why = new Set([reason, this.#coarseFault?.reason].filter((each) => each !== undefined))
    const both = [...why].join(' ')
    return { sensor, state: 'not-watched', method: 'none', reason: both.slice(0, 1_000), remedy }
  }

  /** Looks whether everything still stands; returns what did not and was not told of before. */
  async inspect(): Promise<readonly { readonly layer: string; readonly damage: NetDamage }[]> {
    return await this.#inTurn(async () => {
      const found = [
        ...(await this.#inspectOne('connection-guard', this.#connections)),
        ...(await this.#inspectOne('packet-table', this.#packets)),
      ]
      this.#inspectFaults.clear()
      for (const { layer, damage } of found)
        if (!damage.isRestored)
          this.#inspectFaults.set(layer, { reason: `${damage.what}: ${damage.detail}`, remedy: null })
      const news = found.filter(
        ({ layer, damage }) => damage.isRestored || !this.#saidDamage.has(`${layer}|${damage.what}`),
      )
      this.#saidDamage = new Set(
        found
          .filter(({ damage }) => !damage.isRestored)
          .map(({ layer, damage }) => `${layer}|${damage.what}`),
      )
      return news
    })
  }

  #faultOf(layer: 'connection-guard' | 'packet-table'): Failure | null {
    const fault = layer === 'packet-table' ? this.#packetFault : this.#connectionFault
    return fault ?? this.#inspectFaults.get(layer) ?? null
  }

  /** Lets go of both. What refuses, or counts for an alarm, stays in the kernel. */
  async close(): Promise<void> {
    await this.#inTurn(async () => {
      const wanted = this.#wanted
      const keep = wanted !== null && (wanted.mode !== 'observe' || wanted.isIsolated)
      await this.#closeAll(keep)
    })
  }

  /** Takes both out of the kernel. */
  async release(): Promise<readonly LayerReport[]> {
    return await this.#inTurn(async () => {
      await this.#closeAll(false)
      return [
        { layer: 'connection-guard', state: 'absent', detail: null },
        { layer: 'packet-table', state: 'absent', detail: null },
      ]
    })
  }

  async #closeAll(keep: boolean): Promise<void> {
    const { reporter } = this.#options
    await reporter.leave('socket')
    await reporter.leave('packet')
    await this.#leaveCoarse()
    this.#connections?.close({ keep })
    await this.#packets?.close({ keep })
    if (!keep && this.#packets !== null) void this.#options.book.change({ hasPacketTable: false })
    this.#connections = null
    this.#packets = null
  }

  async #leaveCoarse(): Promise<void> {
    if (this.#coarse === null) return
    await this.#options.reporter.leave(this.#coarse.method)
    await this.#coarse.net.close()
    this.#coarse = null
  }

  async #openConnections(): Promise<void> {
    if (this.#connections !== null || performance.now() - this.#triedMs < tryAgainMs) return
    this.#triedMs = performance.now()
    const { kernel, reporter } = this.#options
    const opened = await attempt(() => kernel.openConnections())
    if (opened.net !== null) {
      this.#connections = opened.net
      this.#connectionFault = null
      await this.#leaveCoarse()
      await this.#join(() => reporter.joinConnections(drained('socket', opened.net), true))
      return
    }
    this.#connectionFault = opened
    if (this.#coarse !== null) return
    const coarse = await attempt(() => kernel.openCoarse())
    if (coarse.net === null) {
      this.#coarseFault = coarse
      return
    }
    this.#coarse = coarse.net
    await this.#join(() => reporter.joinConnections(drained(coarse.net.method, coarse.net.net), false))
  }

  /** A net that cannot be read still refuses: it stays, and nobody says that it is watched. */
  async #join(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (fault) {
      this.#options.log.error({ fault: String(fault) }, 'net not read')
      this.#readFault = failureOf(fault)
    }
  }

  async #setConnectionRules(wanted: WantedNets): Promise<void> {
    if (this.#connections === null) return
    const refuses = wanted.mode === 'enforce' || wanted.isIsolated
    // A raw socket sends where it likes: where the second net stands, its packets are stopped; else the socket is.
    const refusesRaw = refuses && (wanted.isStandalone || this.#packetFault !== null)
    try {
      await this.#connections.setRules({ approved: wanted.approved, refuses, refusesRaw })
      this.#connectionFault = null
    } catch (fault) {
      this.#options.log.error({ fault: String(fault) }, 'rules of the connection net not set')
      this.#connectionFault = failureOf(fault)
    }
  }

  async #setPacketRules(wanted: WantedNets): Promise<void> {
    const { kernel, reporter, book, log } = this.#options
    if (!needsPackets(wanted)) {
      await this.#clearPackets()
      return
    }
    if (this.#packets === null) {
      const opened = await attempt(() => kernel.openPackets())
      if (opened.net === null) {
        this.#packetFault = opened
        return
      }
      this.#packets = opened.net
      void book.change({ hasPacketTable: true })
      await this.#join(() => reporter.joinPackets(drained('packet', opened.net)))
    }
    try {
      await this.#packets.setRules({
        approved: wanted.approved,
        listeners: wanted.isIsolated ? [] : wanted.listeners,
        drops: wanted.mode === 'enforce' || wanted.isIsolated,
        cut: wanted.cut,
        interfaces: wanted.interfaces,
      })
      this.#packetFault = null
    } catch (fault) {
      log.error({ fault: String(fault) }, 'rules of the packet net not set')
      this.#packetFault = failureOf(fault)
    }
  }

  /** Takes the table away, also one that a run before this one has left. */
  async #clearPackets(): Promise<void> {
    const { kernel, reporter, book, log } = this.#options
    if (this.#packets === null && !book.state.hasPacketTable) return
    try {
      const opened = this.#packets === null ? await attempt(() => kernel.openPackets()) : null
      const packets = this.#packets ?? opened?.net ?? null
      if (this.#packets !== null) await reporter.leave('packet')
      // Whatever becomes of its table, what was closed is not asked again: the next turn opens another.
      this.#packets = null
      await packets?.close({ keep: false })
      this.#packetFault = null
      if (packets !== null) void book.change({ hasPacketTable: false })
    } catch (fault) {
      log.error({ fault: String(fault) }, 'packet net not taken away')
      this.#packetFault = failureOf(fault)
    }
  }

  async #inspectOne(layer: string, net: Pick<ConnectionNet, 'inspect'> | null) {
    if (net === null) return []
    try {
      return (await net.inspect()).map((damage) => ({ layer, damage }))
    } catch (fault) {
      const damage: NetDamage = {
        what: 'not-inspected',
        detail: String(fault),
        isRestored: false,
        openMs: null,
      }
      return [{ layer, damage }]
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#working.then(work)
    this.#working = turn.catch(() => undefined)
    return turn
  }
}

export function needsPackets({ mode, isIsolated }: Pick<WantedNets, 'mode' | 'isIsolated'>): boolean {
  return mode !== 'observe' || isIsolated
}

/** Reports whether two orders to the nets are the same: then there is nothing to do. */
export function sameWanted(a: WantedNets | null, b: WantedNets): boolean {
  const textOf = (each: WantedNets): string =>
    JSON.stringify({
      ...each,
      cut: each.cut.map(rawTextKey).sort(),
      interfaces: each.interfaces.map(rawTextKey).sort(),
      numbers: each.numbers.toSorted((one, other) => one - other),
    })
  return a !== null && textOf(a) === textOf(b)
}

/** Asks for the id each time: an installation that was removed and set anew has another one. */
function drained<Event>(net: Net, from: Omit<DrainedNet<Event>, 'net'>): DrainedNet<Event> {
  return {
    net,
    get id() {
      return from.id
    },
    get sinceWallMs() {
      return from.sinceWallMs
    },
    drain: (max) => from.drain(max),
    totals: () => from.totals(),
    onReady: (callback) => from.onReady(callback),
  }
}

async function attempt<Found>(open: () => Promise<Opened<Found>>): Promise<Opened<Found>> {
  try {
    return await open()
  } catch (fault) {
    return { net: null, reason: String(fault).slice(0, 1_000), remedy: 'See the log of the agent.' }
  }
}

function failureOf(fault: unknown): Failure {
  return { reason: (fault instanceof Error ? fault.message : String(fault)).slice(0, 1_000), remedy: null }
}

function layerOf(layer: LayerReport['layer'], isOpen: boolean, fault: Failure | null): LayerReport {
  if (isOpen && fault === null) return { layer, state: 'in-force', detail: null }
  return { layer, state: isOpen ? 'failed' : 'absent', detail: fault?.reason.slice(0, 1_000) ?? null }
}
