/** The listener of one nfnetlink_log group: which packets came, and how many of them the kernel could not hand over. */
import { ShoukouError } from '@shoukou/protocol'
import { ERRNO } from '../../base/libc-linux.ts'
import { type NetlinkSocket, openNetlink } from '../../base/netlink-linux.ts'
import {
  errnoOf,
  NLM_F_REQUEST,
  NLMSG_ERROR,
  netlinkMessage,
  parseNetlink,
} from '../../base/parse-netlink.ts'
import { SNAP_BYTES } from './packet-ruleset.ts'
import {
  bindRequest,
  type LoggedPacket,
  modeRequest,
  NFULNL_CONFIG_TYPE,
  parseLoggedPacket,
} from './parse-nflog.ts'

export const NETLINK_NETFILTER = 12
const NLM_F_ACK = 0x4
const receiveBufferBytes = 8_388_608
/** Groups that are tried: another program may listen to one. */
const groupsMax = 8
/** A flood leaves the event loop its turns. */
const drainMsMax = 20

export interface LogDrained {
  readonly packets: readonly LoggedPacket[]
  readonly isEmptied: boolean
}

export class PacketLog {
  readonly group: number
  readonly #socket: NetlinkSocket
  /** The number that the next packet has, if none is lost. */
  #next = 0
  #lost = 0

  private constructor(socket: NetlinkSocket, group: number) {
    this.#socket = socket
    this.group = group
  }

  /** Becomes the listener of the first free group from `first` on. @throws ShoukouError where none can be had. */
  static async open(first: number): Promise<PacketLog> {
    for (let group = first; group < first + groupsMax; group += 1) {
      const socket = await openNetlink({ protocol: NETLINK_NETFILTER, groups: 0, receiveBufferBytes })
      const log = new PacketLog(socket, group)
      const errno = log.#ask(bindRequest(group)) || log.#ask(modeRequest(group, SNAP_BYTES))
      if (errno === 0) return log
      socket.close()
      if (errno !== ERRNO_EBUSY) throw refused(errno)
    }
    throw refused(ERRNO_EBUSY)
  }

  get fd(): number {
    return this.#socket.fd
  }

  /** Packets that the kernel numbered for us: those that came and those that did not. */
  get numbered(): number {
    return this.#next
  }

  /** Of those, what was not handed over or made no sense. */
  get lost(): number {
    return this.#lost
  }

  /** Takes what is there. @throws ShoukouError where the socket itself failed. */
  drain(): LogDrained {
    // A full queue (ENOBUFS) or a datagram cut off is a hole in the numbers, counted when the next packet comes.
    const { datagrams, isEmptied } = this.#socket.drain(drainMsMax)
    const packets: LoggedPacket[] = []
    for (const datagram of datagrams) {
      for (const message of parseNetlink(datagram).messages) {
        const packet = parseLoggedPacket(message)
        if (packet === 'no-packet') continue
        this.#count(packet?.sequence ?? null)
        if (packet === null) this.#lost += 1
        else packets.push(packet)
      }
    }
    return { packets, isEmptied }
  }

  close(): void {
    this.#socket.close()
  }

  #count(sequence: number | null): void {
    if (sequence === null) {
      this.#next += 1
      return
    }
    // 32 bits of a number that may go on for years.
    const missed = (sequence - (this.#next >>> 0)) >>> 0
    if (missed < 0x8000_0000) {
      this.#lost += missed
      this.#next += missed
    }
    this.#next += 1
  }

  #ask(body: Buffer): number {
    this.#socket.send(netlinkMessage(NFULNL_CONFIG_TYPE, NLM_F_REQUEST | NLM_F_ACK, 1, body))
    for (const datagram of this.#socket.drain().datagrams) {
      const answer = parseNetlink(datagram).messages.find(({ type }) => type === NLMSG_ERROR)
      if (answer !== undefined) return errnoOf(answer)
    }
    return ERRNO.EAGAIN
  }
}

const ERRNO_EBUSY = 16

function refused(errno: number): ShoukouError {
  return new ShoukouError('internal-error', `No group of nfnetlink_log could be had: errno ${errno}.`, {
    context: { errno },
  })
}
