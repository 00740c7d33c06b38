/**
 * New flows as connection tracking tells them (NETLINK_NETFILTER, group 1). Tracking works only while some rule in this
 * network namespace asks for it: whether it does is found out by a packet to ourselves.
 */
import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { PROTOCOL_NUMBERS } from '@shoukou/protocol'
import { type NetlinkSocket, openNetlink } from '../../base/netlink-linux.ts'
import { parseNetlink } from '../../base/parse-netlink.ts'
import { POLLIN, type Poller } from '../../base/poll-linux.ts'
import { type OwnedSocket, readSockets } from '../../base/sock-diag-linux.ts'
import type { ConnectionEvent } from '../connections/connection-net.ts'
import { describeProcess } from './describe-process-linux.ts'
import { OwnAddresses } from './own-addresses-linux.ts'
import { type NewFlow, parseNewFlow } from './parse-conntrack.ts'

const NETLINK_NETFILTER = 12
const groupNew = 1
const receiveBufferBytes = 8_388_608
/** Flows that came meanwhile are looked up together: a walk over all sockets costs milliseconds. */
const gatherMs = 20
/** An event comes within a millisecond; a slow computer has other things to do first. */
const probeWaitMs = 1_000
const probePort = 9
/** Flows that wait to be looked up; beyond that they are declared lost. */
const waitingMax = 50_000
const socketsMax = 65_536
const { tcp, udp } = PROTOCOL_NUMBERS

export interface FeedSink {
  push(events: readonly ConnectionEvent[]): void
  /** Flows that were seen and could not be looked at; 0 where nobody knows how many. */
  onLoss(count: number): void
  bootNs(): bigint
}

interface SeenFlow {
  readonly flow: NewFlow
  readonly bootNs: bigint
}

export class ConntrackFeed {
  readonly #socket: NetlinkSocket
  readonly #addresses: OwnAddresses
  readonly #sink: FeedSink
  readonly #unwatch: () => void
  #waiting: SeenFlow[] = []
  #gathering: Promise<void> | null = null
  #probesSeen = 0
  #probeFrom = -1
  #isClosed = false

  private constructor(socket: NetlinkSocket, addresses: OwnAddresses, poller: Poller, sink: FeedSink) {
    this.#socket = socket
    this.#addresses = addresses
    this.#sink = sink
    this.#unwatch = poller.watch(socket.fd, POLLIN, () => this.#take())
  }

  /** @throws ShoukouError where the kernel refuses. */
  static async open(poller: Poller, sink: FeedSink): Promise<ConntrackFeed> {
    const socket = await openNetlink({
      protocol: NETLINK_NETFILTER,
      groups: 1 << (groupNew - 1),
      receiveBufferBytes,
    })
    try {
      return new ConntrackFeed(socket, await OwnAddresses.open(), poller, sink)
    } catch (error) {
      socket.close()
      throw error
    }
  }

  /** Reports whether the kernel tells of new flows now: one datagram to ourselves must come back as an event. */
  async isTold(): Promise<boolean> {
    const before = this.#probesSeen
    await this.#probe()
    for (let waitedMs = 0; waitedMs < probeWaitMs && this.#probesSeen === before; waitedMs += 10) {
      await sleep(10)
      if (!this.#isClosed) this.#take()
    }
    return this.#probesSeen > before
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#unwatch()
    await this.#gathering
    this.#socket.close()
    this.#addresses.close()
  }

  #probe(): Promise<void> {
    const socket = createSocket('udp4')
    return new Promise((resolve) => {
      // Nobody need listen there, and a refusal is an answer too.
      socket.on('error', () => undefined)
      socket.bind(0, '127.0.0.1', () => {
        this.#probeFrom = socket.address().port
        socket.send('', probePort, '127.0.0.1', () => {
          socket.close()
          resolve()
        })
      })
    })
  }

  #take(): void {
    const { datagrams, overflowed } = this.#socket.drain()
    if (overflowed) this.#sink.onLoss(0)
    for (const datagram of datagrams) {
      for (const message of parseNetlink(datagram).messages) {
        const flow = parseNewFlow(message)
        if (flow === null) continue
        if (this.#isProbe(flow)) this.#probesSeen += 1
        // What stays within the computer is nobody's connection outwards.
        if (isLoopback(flow)) continue
        if (this.#waiting.length >= waitingMax) this.#sink.onLoss(1)
        else this.#waiting.push({ flow, bootNs: this.#sink.bootNs() })
      }
    }
    if (this.#waiting.length > 0) this.#gathering ??= this.#gather()
  }

  #isProbe({ source, destination }: NewFlow): boolean {
    return source.port === this.#probeFrom && destination.port === probePort
  }

  async #gather(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#isClosed) {
      await sleep(gatherMs)
      await this.#tell(this.#waiting.splice(0))
    }
    this.#gathering = null
  }

  async #tell(flows: readonly SeenFlow[]): Promise<void> {
    const sockets = new Map<string, OwnedSocket>()
    const read = await readSockets({ limit: socketsMax })
    for (const socket of read.sockets) for (const key of keysOf(socket)) sockets.set(key, socket)
    this.#sink.push(flows.flatMap((seen) => this.#describe(seen, sockets)))
  }

  /** Forwarded flows are the packet net's. */
  #describe({ flow, bootNs }: SeenFlow, sockets: ReadonlyMap<string, OwnedSocket>): ConnectionEvent[] {
    const { family, protocol, source, destination } = flow
    const isOutgoing = this.#addresses.has(source.address)
    if (!isOutgoing && !this.#addresses.has(destination.address)) return []
    const [near, far] = isOutgoing ? [source, destination] : [destination, source]
    const socket = sockets.get(fullKey(protocol, near, far)) ?? sockets.get(nearKey(protocol, near.port))
    return [
      {
        act: isOutgoing ? (protocol === tcp ? 'connect' : 'send') : 'accepted',
        family,
        protocol,
        socketType: protocol === tcp ? 1 : protocol === udp ? 2 : 3,
        peer: { address: far.address, port: far.port ?? 0 },
        local: { address: near.address, port: near.port ?? 0 },
        process: ownerOf(socket),
        cookie: BigInt(socket?.inode ?? 0),
        isRefused: false,
        bootNs,
      },
    ]
  }
}

function isLoopback({ source, destination }: NewFlow): boolean {
  return [source, destination].some(({ address }) => address === '::1' || address.startsWith('127.'))
}

function ownerOf(socket: OwnedSocket | undefined): ConnectionEvent['process'] {
  if (socket === undefined || socket.pid === null) return null
  return describeProcess({ pid: socket.pid, program: socket.program, path: socket.path })
}

interface End {
  readonly address: string
  readonly port: number | null
}

/** A socket by both its ends, and by its own port where it has no peer. */
function keysOf({ protocol, local, peer }: OwnedSocket): string[] {
  if (local === null) return []
  return peer === null ? [nearKey(protocol, local.port)] : [fullKey(protocol, local, peer)]
}

function fullKey(protocol: number, near: End, far: End): string {
  return `${protocol} ${near.address} ${near.port} ${far.address} ${far.port}`
}

function nearKey(protocol: number, port: number | null): string {
  return `${protocol} ${port}`
}
