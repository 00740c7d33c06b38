/**
 * Sockets out of the kernel's two ways of telling them: sock_diag(7) messages (linux/inet_diag.h) and the text tables
 * of proc(5) (/proc/net/tcp …, /proc/net/packet). Pure, never throws.
 */

/** A socket as the kernel has it; addresses are 4 or 16 bytes in network order. */
export interface KernelSocket {
  /** IANA number; the EtherType (3: all) of a packet socket. */
  readonly protocol: number
  readonly family: 'inet' | 'packet'
  /** TCP_* of the kernel, for every protocol: 1 established (connected), 7 closed (unconnected), 10 listen. */
  readonly state: number
  readonly local: Uint8Array
  readonly localPort: number
  readonly peer: Uint8Array
  readonly peerPort: number
  /** 0: bound to none. */
  readonly interfaceIndex: number
  readonly uid: number
  readonly inode: number
}

export const SOCK_DIAG_BY_FAMILY = 20
export const TCP_ESTABLISHED = 1
export const TCP_SYN_SENT = 2
export const TCP_SYN_RECEIVED = 3
export const TCP_CLOSED = 7
export const TCP_LISTEN = 10
export const TCP_NEW_SYN_RECEIVED = 12
export const IPPROTO_TCP = 6
export const IPPROTO_UDP = 17
export const IPPROTO_RAW = 255
const AF_INET = 2
const AF_INET6 = 10
const diagBytes = 72
const none = new Uint8Array(0)

/** Writes `struct inet_diag_req_v2`: all sockets of one family and protocol in any of `states` (a mask). */
export function inetDiagRequest(isIpv6: boolean, protocol: number, states: number): Buffer {
  const bytes = Buffer.alloc(56)
  bytes[0] = isIpv6 ? AF_INET6 : AF_INET
  bytes[1] = protocol
  bytes.writeUInt32LE(states >>> 0, 4)
  return bytes
}

/** Reads `struct inet_diag_msg`; null for what is too short or of another family. */
export function parseInetDiag(body: Buffer, protocol: number): KernelSocket | null {
  const family = body[0]
  if (body.length < diagBytes || (family !== AF_INET && family !== AF_INET6)) return null
  const length = family === AF_INET ? 4 : 16
  const localPort = body.readUInt16BE(4)
  const isRaw = protocol === IPPROTO_RAW
  return {
    // A raw socket has its protocol's number where others have their port.
    protocol: isRaw ? localPort : protocol,
    family: 'inet',
    state: body[1] ?? 0,
    local: body.subarray(8, 8 + length),
    localPort: isRaw ? 0 : localPort,
    peer: body.subarray(24, 24 + length),
    peerPort: isRaw ? 0 : body.readUInt16BE(6),
    interfaceIndex: body.readUInt32LE(40),
    uid: body.readUInt32LE(64),
    inode: body.readUInt32LE(68),
  }
}

const endpoint = '([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})'
const inetLine = new RegExp(
  `^ *\\d+: ${endpoint} ${endpoint} ([0-9A-F]{2}) [0-9A-F]{8}:[0-9A-F]{8} [0-9A-F]{2}:[0-9A-F]{8} [0-9A-F]{8} +(\\d{1,10}) +\\d+ (\\d{1,15})(?: |$)`,
)

/** Reads /proc/net/{tcp,udp,udplite,raw,icmp} and their IPv6 kin. `protocol` is 255 for `raw`. */
export function parseProcSockets(text: string, protocol: number): KernelSocket[] {
  return text.split('\n').flatMap((line): KernelSocket[] => {
    const found = inetLine.exec(line)
    if (found === null) return []
    const [, local = '', localPort = '', peer = '', peerPort = '', state = '', uid = '', inode = ''] = found
    const isRaw = protocol === IPPROTO_RAW
    const port = Number.parseInt(localPort, 16)
    return [
      {
        protocol: isRaw ? port : protocol,
        family: 'inet',
        state: Number.parseInt(state, 16),
        local: wordsToBytes(local),
        localPort: isRaw ? 0 : port,
        peer: wordsToBytes(peer),
        peerPort: isRaw ? 0 : Number.parseInt(peerPort, 16),
        interfaceIndex: 0,
        uid: Number(uid),
        inode: Number(inode),
      },
    ]
  })
}

/** Columns: sk RefCnt Type Proto Iface R Rmem User Inode. */
const packetLine = /^[0-9a-f]+ +\d+ +\d+ +([0-9a-f]{4}) +(\d{1,10}) +\d+ +\d+ +(\d{1,10}) +(\d{1,15}) *$/

/** Reads /proc/net/packet: who reads or writes frames below IP. */
export function parsePacketSockets(text: string): KernelSocket[] {
  return text.split('\n').flatMap((line): KernelSocket[] => {
    const found = packetLine.exec(line)
    if (found === null) return []
    const [, protocol = '', index = '', uid = '', inode = ''] = found
    return [
      {
        protocol: Number.parseInt(protocol, 16),
        family: 'packet',
        state: TCP_CLOSED,
        local: none,
        localPort: 0,
        peer: none,
        peerPort: 0,
        interfaceIndex: Number(index),
        uid: Number(uid),
        inode: Number(inode),
      },
    ]
  })
}

/** The kernel prints each 32-bit word in its own byte order: little-endian on every computer this runs on. */
function wordsToBytes(hex: string): Uint8Array {
  const bytes = Buffer.from(hex, 'hex')
  return bytes.swap32()
}
