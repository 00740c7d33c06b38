/** Sends what ordinary programs do not: raw IP packets and frames of packet sockets. For tests alone. */
import koffi from 'koffi'

const library = koffi.load(null)
const socket = library.func('int socket(int domain, int type, int protocol)')
const sendto = library.func(
  'long sendto(int fd, void *bytes, size_t size, int flags, void *address, uint32_t length)',
)
const close = library.func('int close(int fd)')

const AF_INET = 2
const AF_INET6 = 10
const AF_PACKET = 17
const SOCK_RAW = 3

/** Sends one packet of this IP protocol: the kernel writes the IP header, `payload` is what follows. */
export function sendIp(to: Uint8Array, protocol: number, payload: Uint8Array): number {
  const isIpv4 = to.length === 4
  const address = Buffer.alloc(isIpv4 ? 16 : 28)
  address.writeUInt16LE(isIpv4 ? AF_INET : AF_INET6, 0)
  address.set(to, isIpv4 ? 4 : 8)
  return send(isIpv4 ? AF_INET : AF_INET6, protocol, payload, address)
}

/** Sends one whole frame, link header and all. */
export function sendFrame(interfaceIndex: number, frame: Uint8Array): number {
  const address = Buffer.alloc(20)
  address.writeUInt16LE(AF_PACKET, 0)
  address.set(frame.subarray(12, 14), 2)
  address.writeInt32LE(interfaceIndex, 4)
  return send(AF_PACKET, 0, frame, address)
}

/** An ICMP echo request (RFC 792), or an ICMPv6 one, whose checksum the kernel writes. */
export function echoRequest(isIpv4: boolean): Buffer {
  const bytes = Buffer.from([isIpv4 ? 8 : 128, 0, 0, 0, 0, 7, 0, 1])
  if (isIpv4) bytes.writeUInt16BE(0xffff - 0x0808, 2)
  return bytes
}

/** A UDP packet in an Ethernet frame, without a checksum (RFC 768 allows that over IPv4). */
export function udpFrame(from: Uint8Array, to: Uint8Array, port: number): Buffer {
  const ip = Buffer.alloc(28)
  ip.set([0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0])
  ip.set(from, 12)
  ip.set(to, 16)
  ip.writeUInt16BE(40_000, 20)
  ip.writeUInt16BE(port, 22)
  ip.writeUInt16BE(8, 24)
  let sum = 0
  for (let at = 0; at < 20; at += 2) sum += ip.readUInt16BE(at)
  ip.writeUInt16BE(0xffff - ((sum & 0xffff) + (sum >> 16)), 10)
  return Buffer.concat([frameHeader(0x0800), ip])
}

/** A frame that is no IP. */
export function strangeFrame(etherType: number): Buffer {
  return Buffer.concat([frameHeader(etherType), Buffer.alloc(46, 0x61)])
}

function frameHeader(etherType: number): Buffer {
  const header = Buffer.alloc(14, 0xff)
  header.set([2, 0, 0, 0, 0, 1], 6)
  header.writeUInt16BE(etherType, 12)
  return header
}

function send(domain: number, protocol: number, bytes: Uint8Array, address: Buffer): number {
  const fd = Number(socket(domain, SOCK_RAW, protocol))
  if (fd < 0) throw new Error(`socket failed with errno ${koffi.errno()}`)
  const sent = Number(sendto(fd, Buffer.from(bytes), bytes.length, 0, address, address.length))
  const errno = koffi.errno()
  close(fd)
  return sent < 0 ? -errno : sent
}
