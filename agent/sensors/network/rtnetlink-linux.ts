/** rtnetlink of the running kernel: change messages as they come, and dumps on request. Only asks, never sets. */
import { type Neighbour, type RouteRule, ShoukouError } from '@shoukou/protocol'
import { NETLINK_ROUTE, type NetlinkSocket, openNetlink } from '../../base/netlink-linux.ts'
import { type LazyPoller, POLLIN, type Poller } from '../../base/poll-linux.ts'
import type { NeighbourMessage, NetDump, NetMessage } from './net-messages.ts'
import { parseRtnetlink } from './parse-rtnetlink.ts'

export interface TakenMessages {
  readonly messages: readonly NetMessage[]
  readonly overflowed: boolean
  /** Not from the kernel: any process may send to this socket, and is not heard. */
  readonly foreign: number
  /** From the kernel and not to be understood: something changed and what is not known. */
  readonly unreadable: number
}

export interface TakenNeighbours {
  readonly messages: readonly NeighbourMessage[]
  readonly isIncomplete: boolean
}

export interface RtnetlinkOptions {
  readonly poller: LazyPoller
  readonly receiveBufferBytes: number
  /** Messages of links, addresses, routes or rules wait for `take`. */
  readonly onReady: () => void
  /** Messages of neighbours wait for `takeNeighbours`; told at most every `neighbourPauseMs`. */
  readonly onNeighbours?: () => void
}

/**
 * RTMGRP_LINK | IPV4_IFADDR | IPV4_ROUTE | IPV4_RULE | IPV6_IFADDR | IPV6_ROUTE, and RTNLGRP_IPV6_RULE (19),
 * IPV4_NETCONF (24), IPV6_NETCONF (25).
 */
const groups = 0x1 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | 0x4_0000 | 0x80_0000 | 0x100_0000
/** RTMGRP_NEIGH, on a socket of its own: a storm of neighbours must not push out what matters. */
const neighbourGroups = 0x4
const neighbourBufferBytes = 524_288
const neighbourPauseMs = 50

const RTM_GETLINK = 18
const RTM_GETADDR = 22
const RTM_GETROUTE = 26
const RTM_GETNEIGH = 30
const RTM_GETRULE = 34
const NLM_F_REQUEST_DUMP = 0x301
/** Bytes of `struct ifinfomsg`, `ifaddrmsg`, `rtmsg`, `ndmsg`, `fib_rule_hdr`. */
const bodyBytes: ReadonlyMap<number, number> = new Map([
  [RTM_GETLINK, 16],
  [RTM_GETADDR, 8],
])
const dumpAttemptsMax = 6
/** Where tables are long and change all the time, asking again and again would hold up what the messages tell. */
const dumpMsMax = 60
/** Datagrams of one dump: at 32 KiB each far beyond any table of a desktop or server. */
const dumpDatagramsMax = 20_000

export class Rtnetlink {
  readonly #events: NetlinkSocket
  readonly #neighbours: NetlinkSocket
  readonly #asks: NetlinkSocket
  readonly #stops = new Set<() => void>()
  #sequence = 1
  #isClosed = false

  private constructor(sockets: readonly [NetlinkSocket, NetlinkSocket, NetlinkSocket]) {
    const [events, neighbours, asks] = sockets
    this.#events = events
    this.#neighbours = neighbours
    this.#asks = asks
  }

  /** Opens the sockets. @throws ShoukouError where koffi or the kernel refuses. */
  static async open(options: RtnetlinkOptions): Promise<Rtnetlink> {
    const { receiveBufferBytes, onReady, onNeighbours } = options
    const poller = await options.poller.get()
    const opened: NetlinkSocket[] = []
    const open = async (ofGroups: number, bytes: number): Promise<NetlinkSocket> => {
      const socket = await openNetlink({
        protocol: NETLINK_ROUTE,
        groups: ofGroups,
        receiveBufferBytes: bytes,
      })
      opened.push(socket)
      return socket
    }
    try {
      const made = new Rtnetlink([
        await open(groups, receiveBufferBytes),
        await open(onNeighbours === undefined ? 0 : neighbourGroups, neighbourBufferBytes),
        await open(0, 1_048_576),
      ])
      made.#stops.add(poller.watch(made.#events.fd, POLLIN, onReady))
      if (onNeighbours !== undefined) made.#watchNeighbours(poller, onNeighbours)
      return made
    } catch (error) {
      for (const socket of opened) socket.close()
      throw error
    }
  }

  /** Takes the change messages that are queued now. */
  take(): TakenMessages {
    const drained = this.#events.drain()
    const messages: NetMessage[] = []
    let unreadable = drained.truncated
    for (const datagram of drained.datagrams) {
      const parsed = parseRtnetlink(datagram)
      for (const message of parsed.messages) messages.push(message)
      unreadable += parsed.faults
    }
    return { messages, overflowed: drained.overflowed, foreign: drained.foreign, unreadable }
  }

  /** Takes the messages of neighbours that are queued now. */
  takeNeighbours(): TakenNeighbours {
    const { datagrams, overflowed, truncated } = this.#neighbours.drain()
    const parsed = datagrams.map(parseRtnetlink)
    return {
      messages: parsed.flatMap(({ messages }) => messages.filter((message) => message.kind === 'neighbour')),
      isIncomplete: overflowed || truncated > 0 || parsed.some(({ faults }) => faults > 0),
    }
  }

  /**
   * Asks for all links, addresses and routes. Null where they change so often that no whole answer comes.
   *
   * @throws ShoukouError where the kernel refuses.
   */
  dump(): NetDump | null {
    const links = this.#dumpOf(RTM_GETLINK)
    const addresses = links === null ? null : this.#dumpOf(RTM_GETADDR)
    const routes = addresses === null ? null : this.#dumpOf(RTM_GETROUTE)
    if (links === null || addresses === null || routes === null) return null
    return {
      links: links.filter((message) => message.kind === 'link'),
      addresses: addresses.filter((message) => message.kind === 'address'),
      routes: routes.filter((message) => message.kind === 'route'),
    }
  }

  /** Asks for all neighbours. @throws ShoukouError where the kernel gives no whole answer. */
  dumpNeighbours(): Neighbour[] {
    const found = this.#wholeOf(RTM_GETNEIGH).filter((message) => message.kind === 'neighbour')
    return found.map((message) => message.neighbour)
  }

  /** Asks for all policy rules, in the kernel's order. @throws ShoukouError where it gives no whole answer. */
  dumpRules(): RouteRule[] {
    const found = this.#wholeOf(RTM_GETRULE).filter((message) => message.kind === 'rule')
    return found.map((message) => message.rule)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  close(): void {
    this.#isClosed = true
    for (const stop of this.#stops) stop()
    this.#stops.clear()
    for (const socket of [this.#events, this.#neighbours, this.#asks]) socket.close()
  }

  /** After each call nothing is heard for a while: what comes waits in the kernel, up to its bound. */
  #watchNeighbours(poller: Poller, onNeighbours: () => void): void {
    const stop = poller.watch(this.#neighbours.fd, POLLIN, () => {
      stop()
      this.#stops.delete(stop)
      onNeighbours()
      // Whoever heard of it may have closed this.
      if (this.#isClosed) return
      const timer = setTimeout(() => {
        this.#stops.delete(cancel)
        this.#watchNeighbours(poller, onNeighbours)
      }, neighbourPauseMs)
      const cancel = (): void => clearTimeout(timer)
      this.#stops.add(cancel)
    })
    this.#stops.add(stop)
  }

  #wholeOf(type: number): NetMessage[] {
    const messages = this.#dumpOf(type)
    if (messages !== null) return messages
    throw new ShoukouError('internal-error', 'The kernel gave no whole dump.', { context: { type } })
  }

  #dumpOf(type: number): NetMessage[] | null {
    const endMs = performance.now() + dumpMsMax
    for (let attempt = 1; attempt <= dumpAttemptsMax; attempt += 1) {
      const messages = this.#dumpOnce(type)
      if (messages !== null) return messages
      if (performance.now() > endMs) break
    }
    return null
  }

  /**
   * The kernel writes a dump's next part while the last is read, so that a non-blocking read always finds one until the
   * end. Returns null where the dump was interrupted by a change.
   */
  #dumpOnce(type: number): NetMessage[] | null {
    this.#asks.drain()
    this.#sequence += 1
    this.#asks.send(request(type, this.#sequence))
    const messages: NetMessage[] = []
    let wasInterrupted = false
    for (let count = 0; count < dumpDatagramsMax; ) {
      const { datagrams, overflowed } = this.#asks.drain()
      if (overflowed || datagrams.length === 0) return null
      for (const datagram of datagrams) {
        count += 1
        const parsed = parseRtnetlink(datagram)
        wasInterrupted ||= parsed.wasInterrupted
        for (const message of parsed.messages) messages.push(message)
        if (parsed.errno > 0) {
          throw new ShoukouError('internal-error', `The kernel refused a dump with errno ${parsed.errno}.`)
        }
        if (parsed.isDone) return wasInterrupted || parsed.faults > 0 ? null : messages
      }
    }
    return null
  }
}

/** `struct nlmsghdr` and the head that the kernel wants for this kind, all zero: every family, everything. */
function request(type: number, sequence: number): Buffer {
  const bytes = Buffer.alloc(16 + (bodyBytes.get(type) ?? 12))
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt16LE(type, 4)
  bytes.writeUInt16LE(NLM_F_REQUEST_DUMP, 6)
  bytes.writeUInt32LE(sequence, 8)
  return bytes
}
