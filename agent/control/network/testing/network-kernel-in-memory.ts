/**
 * A kernel in memory for network control: nets that hold rules and tell events, links that go down. It keeps what the real
 * one guarantees: rules hold until others do, counters never go back, what is kept outlives the agent.
 */
import {
  type ActionStep,
  type NetTotals,
  type NetworkInterface,
  type Picture,
  ShoukouError,
  showRawText,
} from '@shoukou/protocol'
import type { CoarseNet } from '../../../actions/coarse/coarse-net.ts'
import type {
  ConnectionEvent,
  ConnectionNet,
  ConnectionRules,
  NetDamage,
  Opened,
} from '../../../actions/connections/connection-net.ts'
import type { PacketEvent, PacketNet, PacketRules } from '../../../actions/packets/packet-net.ts'
import { EMPTY_PICTURE } from '../../../policy/network/testing/pictures.ts'
import type { NetworkKernel, ProcessRead } from '../network-kernel.ts'

const noTotals: NetTotals = { counted: 0, approved: 0, prohibited: 0, reported: 0, lost: 0, refused: 0 }

/** What stands in the kernel of one net, whoever has it open. */
class NetInKernel<Rules, Event> {
  rules: Rules | null = null
  totals: NetTotals = noTotals
  waiting: Event[] = []
  isOpen = false
  damages: NetDamage[] = []
  ready: () => void = () => undefined

  tell(
    events: readonly Event[],
    isRefused: (event: Event) => boolean,
    mayCount: (event: Event) => boolean,
  ): void {
    const counted = events.filter(mayCount)
    const { totals } = this
    this.totals = {
      ...totals,
      counted: totals.counted + counted.length,
      prohibited: totals.prohibited + counted.length,
      refused: totals.refused + counted.filter(isRefused).length,
    }
    this.waiting.push(...events)
    if (this.isOpen) this.ready()
  }

  take(max: number, mayCount: (event: Event) => boolean): readonly Event[] {
    const taken = this.waiting.splice(0, max)
    this.totals = { ...this.totals, reported: this.totals.reported + taken.filter(mayCount).length }
    return taken
  }
}

export class NetworkKernelInMemory implements NetworkKernel {
  readonly connections = new NetInKernel<ConnectionRules, ConnectionEvent>()
  readonly packets = new NetInKernel<PacketRules, PacketEvent>()
  readonly coarse = new NetInKernel<null, ConnectionEvent>()
  /** What was done, in order: `connection-rules refuse`, `packet-rules drop cut usb0`, `link-down usb0` … */
  readonly acts: string[] = []
  picture: Picture = EMPTY_PICTURE
  readonly processes = new Map<number, ProcessRead>()
  readonly cgroups = new Map<bigint, string>()
  readonly accounts = new Map<number, string>([
    [0, 'root'],
    [1000, 'zhang'],
  ])
  ownNamespace: bigint | null = 1n
  /** Acts that fail, by the beginning of their words. */
  failing: string | null = null
  /** Acts that wait for a test, by the beginning of their words. */
  hanging: string | null = null
  hasConnections = true
  hasPackets = true
  hasCoarse = true
  connectionLacks: string[] = []
  probeAnswer: 'answered' | 'refused' | 'silent' = 'answered'

  /** What programs do, as the kernel tells it. Bound ports and connections that stand are no part of what is counted. */
  connect(...events: ConnectionEvent[]): void {
    const refuses = this.connections.rules?.refuses === true
    const told = events.map((event) => (refuses && isCounted(event) ? { ...event, isRefused: true } : event))
    this.connections.tell(told, ({ isRefused }) => isRefused, isCounted)
  }

  send(...events: PacketEvent[]): void {
    const drops = this.packets.rules?.drops === true
    const told = events.map((event) => (drops ? { ...event, isDropped: true } : event))
    this.packets.tell(told, ({ isDropped }) => isDropped, always)
  }

  async openConnections(): Promise<Opened<ConnectionNet>> {
    if (!this.hasConnections)
      return { net: null, reason: 'this kernel has no cgroup eBPF', remedy: 'a newer kernel' }
    const net = this.connections
    net.isOpen = true
    this.acts.push('open connections')
    const lacks = this.connectionLacks
    return {
      net: {
        ...{ id: 'connections-1', sinceWallMs: 1, lacks },
        setRules: async (rules) => {
          this.#act(`connection-rules ${rules.refuses ? 'refuse' : 'look'}${rules.refusesRaw ? ' raw' : ''}`)
          net.rules = rules
        },
        drain: (max) => net.take(max, isCounted),
        totals: () => net.totals,
        onReady: (callback) => {
          net.ready = callback
        },
        inspect: async () => net.damages.splice(0),
        close: ({ keep }) => {
          net.isOpen = false
          if (!keep) net.rules = null
          this.acts.push(`close connections${keep ? ' kept' : ''}`)
        },
      },
    }
  }

  async openPackets(): Promise<Opened<PacketNet>> {
    if (!this.hasPackets) return { net: null, reason: 'nft is missing', remedy: 'install nftables' }
    const net = this.packets
    net.isOpen = true
    this.acts.push('open packets')
    return {
      net: {
        ...{ id: 'packets-1', sinceWallMs: 1, lacks: [] },
        setRules: async (rules) => {
          const cut = rules.cut.map((name) => ` cut ${showRawText(name)}`).join('')
          await this.#slowly(`packet-rules ${rules.drops ? 'drop' : 'count'}${cut}`)
          net.rules = rules
        },
        drain: (max) => net.take(max, always),
        totals: async () => net.totals,
        onReady: (callback) => {
          net.ready = callback
        },
        inspect: async () => net.damages.splice(0),
        close: async ({ keep }) => {
          net.isOpen = false
          this.#act(`close packets${keep ? ' kept' : ''}`)
          if (!keep) net.rules = null
        },
      },
    }
  }

  async openCoarse(): Promise<Opened<CoarseNet>> {
    if (!this.hasCoarse) return { net: null, reason: 'no conntrack either', remedy: 'load nf_conntrack' }
    const net = this.coarse
    net.isOpen = true
    return {
      net: {
        method: 'conntrack',
        lacks: [],
        net: {
          ...{ id: 'coarse-1', sinceWallMs: 1 },
          drain: (max) => net.take(max, always),
          totals: () => net.totals,
          onReady: (callback) => {
            net.ready = callback
          },
          close: async () => {
            net.isOpen = false
          },
        },
      },
    }
  }

  readPicture = async (): Promise<Picture> => this.picture
  readProcess = async (pid: number): Promise<ProcessRead | null> => this.processes.get(pid) ?? null
  cgroupPath = async (id: bigint): Promise<string | null> => this.cgroups.get(id) ?? null
  accountOf = async (uid: number): Promise<string | null> => this.accounts.get(uid) ?? null

  setLinkDown(adapter: NetworkInterface): Promise<ActionStep> {
    return this.#step('link-down', showRawText(adapter.name))
  }

  unauthorise(usbPath: string): Promise<ActionStep> {
    return this.#step('unauthorise', usbPath)
  }

  async probe(to: { readonly address: string; readonly port: number }) {
    this.acts.push(`probe ${to.address} ${to.port}`)
    return this.probeAnswer
  }

  async #step(step: string, about: string): Promise<ActionStep> {
    this.acts.push(`${step} ${about}`)
    const isFailing = this.failing !== null && step.startsWith(this.failing)
    return { step, result: isFailing ? 'failed' : 'done', detail: isFailing ? 'EPERM' : null }
  }

  #act(name: string): void {
    this.acts.push(name)
    if (this.failing !== null && name.startsWith(this.failing))
      throw new ShoukouError('control-unavailable', 'the kernel refused')
  }

  async #slowly(name: string): Promise<void> {
    this.#act(name)
    while (this.hanging !== null && name.startsWith(this.hanging))
      await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function isCounted({ act }: ConnectionEvent): boolean {
  return act === 'connect' || act === 'send' || act === 'socket'
}

function always(): boolean {
  return true
}
