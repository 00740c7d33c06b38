/** rtnetlink of the running kernel: change messages as they come, and dumps on request. Only asks, never sets. */
import { ShoukouError } from '@shoukou/protocol'
import { NETLINK_ROUTE, type NetlinkSocket, openNetlink } from '../../base/netlink-linux.ts'
import { type LazyPoller, POLLIN } from '../../base/poll-linux.ts'
import {
  type AddressMessage,
  type LinkMessage,
  type NetMessage,
  parseRtnetlink,
  type RouteMessage,
} from './parse-rtnetlink.ts'

export interface NetDump {
  readonly links: readonly LinkMessage[]
  readonly addresses: readonly AddressMessage[]
  readonly routes: readonly RouteMessage[]
}

export interface TakenMessages {
  readonly messages: readonly NetMessage[]
  readonly overflowed: boolean
  readonly dropped: number
}

/** RTMGRP_LINK | IPV4_IFADDR | IPV4_ROUTE | IPV6_IFADDR | IPV6_ROUTE. */
const groups = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
const RTM_GETLINK = 18
const RTM_GETADDR = 22
const RTM_GETROUTE = 26
const NLM_F_REQUEST_DUMP = 0x301
const dumpAttemptsMax = 6
/** Datagrams of one dump: at 32 KiB each far beyond any table of a desktop or server. */
const dumpDatagramsMax = 20_000

export class Rtnetlink {
  readonly #events: NetlinkSocket
  readonly #asks: NetlinkSocket
  readonly #unwatch: () => void
  #sequence = 1

  private constructor(events: NetlinkSocket, asks: NetlinkSocket, unwatch: () => void) {
    this.#events = events
    this.#asks = asks
    this.#unwatch = unwatch
  }

  /** Opens both sockets. @throws ShoukouError where koffi or the kernel refuses. */
  static async open(poller: LazyPoller, receiveBufferBytes: number, onReady: () => void): Promise<Rtnetlink> {
    const thread = await poller.get()
    const events = await openNetlink({ protocol: NETLINK_ROUTE, groups, receiveBufferBytes })
    try {
      const asks = await openNetlink({ protocol: NETLINK_ROUTE, groups: 0, receiveBufferBytes: 1_048_576 })
      return new Rtnetlink(events, asks, thread.watch(events.fd, POLLIN, onReady))
    } catch (error) {
      events.close()
      throw error
    }
  }

  /** Takes the change messages that are queued now. */
  take(): TakenMessages {
    const drained = this.#events.drain()
    const messages: NetMessage[] = []
    let dropped = drained.foreign + drained.truncated
    for (const datagram of drained.datagrams) {
      const parsed = parseRtnetlink(datagram)
      messages.push(...parsed.messages)
      dropped += parsed.faults
    }
    return { messages, overflowed: drained.overflowed, dropped }
  }

  /** Asks for all links, addresses and routes. @throws ShoukouError where the kernel gives no whole answer. */
  dump(): NetDump {
    return {
      links: this.#dumpOf(RTM_GETLINK).filter((message) => message.kind === 'link'),
      addresses: this.#dumpOf(RTM_GETADDR).filter((message) => message.kind === 'address'),
      routes: this.#dumpOf(RTM_GETROUTE).filter((message) => message.kind === 'route'),
    }
  }

  close(): void {
    this.#unwatch()
    this.#events.close()
    this.#asks.close()
  }

  #dumpOf(type: number): NetMessage[] {
    for (let attempt = 1; attempt <= dumpAttemptsMax; attempt += 1) {
      const messages = this.#dumpOnce(type)
      if (messages !== null) return messages
    }
    throw new ShoukouError('internal-error', 'The kernel gave no whole dump.', { context: { type } })
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
        messages.push(...parsed.messages)
        if (parsed.errno > 0) {
          throw new ShoukouError('internal-error', `The kernel refused a dump with errno ${parsed.errno}.`)
        }
        if (parsed.isDone) return wasInterrupted || parsed.faults > 0 ? null : messages
      }
    }
    return null
  }
}

/** `struct nlmsghdr` and `struct rtmsg`, the longest of the three that the kernel may want here, all zero. */
function request(type: number, sequence: number): Buffer {
  const bodyLength = type === RTM_GETLINK ? 16 : type === RTM_GETADDR ? 8 : 12
  const bytes = Buffer.alloc(16 + bodyLength)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt16LE(type, 4)
  bytes.writeUInt16LE(NLM_F_REQUEST_DUMP, 6)
  bytes.writeUInt32LE(sequence, 8)
  return bytes
}
