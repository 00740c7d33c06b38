/**
 * A netlink socket of the kernel: open, subscribe to groups, receive without blocking, send a request.
 *
 * Knows nothing of what the datagrams say. Any process may send to a netlink address, so whatever does not come from
 * the kernel itself (nl_pid 0) is dropped here and counted.
 */
import { callError, ERRNO, type Libc, loadLibc } from './libc-linux.ts'

export const NETLINK_ROUTE = 0
export const NETLINK_KOBJECT_UEVENT = 15

const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SO_RCVBUF = 8
const SO_RCVBUFFORCE = 33
const MSG_DONTWAIT = 0x40
const MSG_TRUNC = 0x20

/** One datagram's room: the kernel's own dumps stay within 32 KiB, uevents within 4 KiB. */
const datagramBytesMax = 65_536
/** Datagrams taken in one go, so that a storm does not starve the event loop; the rest stays ready in the poller. */
const datagramsPerDrainMax = 4_096

export interface NetlinkOptions {
  readonly protocol: number
  readonly groups: number
  /** Bytes asked of the kernel for the queue; beyond the system's bound only with CAP_NET_ADMIN. */
  readonly receiveBufferBytes: number
}

export interface Drained {
  readonly datagrams: readonly Buffer[]
  /**
   * The kernel's queue was full and something was lost (ENOBUFS). It says so once, and then drops everything until the
   * queue has been emptied (net/netlink/af_netlink.c, NETLINK_S_CONGESTED).
   */
  readonly overflowed: boolean
  /** Nothing was left when it ended. */
  readonly isEmptied: boolean
  /** Not sent by the kernel. */
  readonly foreign: number
  /** Longer than the buffer: dropped whole. */
  readonly truncated: number
}

export class NetlinkSocket {
  readonly fd: number
  readonly #libc: Libc
  readonly #buffer = Buffer.alloc(datagramBytesMax)
  readonly #sender = Buffer.alloc(12)
  #isClosed = false

  constructor(libc: Libc, fd: number) {
    this.#libc = libc
    this.fd = fd
  }

  /**
   * Takes what is queued now, for about `msMax` ms; the rest stays ready in the poller.
   *
   * @throws ShoukouError where the socket itself failed.
   */
  drain(msMax = Number.POSITIVE_INFINITY): Drained {
    const endMs = performance.now() + msMax
    const datagrams: Buffer[] = []
    let overflowed = false
    let isEmptied = false
    let foreign = 0
    let truncated = 0
    while (!this.#isClosed && datagrams.length < datagramsPerDrainMax) {
      if (datagrams.length > 0 && performance.now() > endMs) break
      const got = this.#libc.recvfrom(this.fd, this.#buffer, MSG_DONTWAIT | MSG_TRUNC, this.#sender)
      if (got.value < 0) {
        if (got.errno === ERRNO.EINTR) continue
        if (got.errno === ERRNO.EAGAIN) {
          isEmptied = true
          break
        }
        if (got.errno !== ERRNO.ENOBUFS) throw callError('recvfrom(netlink)', got)
        overflowed = true
        continue
      }
      if (this.#sender.readUInt32LE(4) !== 0) foreign += 1
      else if (got.value > datagramBytesMax) truncated += 1
      else datagrams.push(Buffer.from(this.#buffer.subarray(0, got.value)))
    }
    return { datagrams, overflowed, isEmptied, foreign, truncated }
  }

  send(bytes: Buffer): void {
    const sent = this.#libc.send(this.fd, bytes, 0)
    if (sent.value < 0) throw callError('send(netlink)', sent)
  }

  /** The queue's size in bytes as the kernel granted it (it doubles what was asked). */
  receiveBufferBytes(): number {
    const value = Buffer.alloc(4)
    const got = this.#libc.getsockopt(this.fd, SOL_SOCKET, SO_RCVBUF, value)
    if (got.value < 0) throw callError('getsockopt(SO_RCVBUF)', got)
    return value.readUInt32LE(0)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#libc.close(this.fd)
  }
}

/** Opens and subscribes. @throws ShoukouError where koffi or the kernel refuses. */
export async function openNetlink(options: NetlinkOptions): Promise<NetlinkSocket> {
  const libc = await loadLibc()
  const opened = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, options.protocol)
  if (opened.value < 0) throw callError('socket(AF_NETLINK)', opened)
  const fd = opened.value
  const size = Buffer.alloc(4)
  size.writeUInt32LE(options.receiveBufferBytes)
  if (libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, size).value < 0) {
    libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, size)
  }
  const address = Buffer.alloc(12)
  address.writeUInt16LE(AF_NETLINK, 0)
  address.writeUInt32LE(options.groups, 8)
  const bound = libc.bind(fd, address)
  if (bound.value < 0) {
    libc.close(fd)
    throw callError('bind(AF_NETLINK)', bound)
  }
  return new NetlinkSocket(libc, fd)
}
