/**
 * What left the guest, by QEMU's own record of its network card (filter-dump, a pcap file on the host): the judge of
 * whether a packet got out. Nothing in the guest can keep a packet from it.
 */
import { readFile } from 'node:fs/promises'

/** One frame, as far as it is IP. Ports are null where the protocol has none, or in a later fragment. */
export interface Frame {
  readonly source: string
  readonly destination: string
  /** IANA protocol number. */
  readonly protocol: number
  readonly sourcePort: number | null
  readonly destinationPort: number | null
  readonly payload: Buffer
}

export interface PacketTap {
  /** For `GuestOptions.qemu`. */
  readonly qemu: readonly string[]
  /** IP frames so far, in both directions, oldest first. */
  frames(): Promise<Frame[]>
  /** Frames to an address so far. */
  countTo(address: string): Promise<number>
}

const PCAP_MAGIC = 0xa1b2c3d4
const FILE_HEADER_BYTES = 24
const FRAME_HEADER_BYTES = 16
const ETHERNET_BYTES = 14
const withPorts = new Set([6, 17, 132])

/** Taps the netdev of this id; `file` is made by QEMU. */
export function tapPackets(netdev: string, file: string): PacketTap {
  const frames = async () => parsePcap(await readFile(file))
  return {
    qemu: ['-object', `filter-dump,id=tap-${netdev},netdev=${netdev},file=${file},maxlen=256`],
    frames,
    countTo: async (address) => (await frames()).filter(({ destination }) => destination === address).length,
  }
}

/** Reads what is whole of a file that is still written. @throws Error for a file that is no pcap of this machine. */
export function parsePcap(bytes: Buffer): Frame[] {
  if (bytes.length < FILE_HEADER_BYTES) return []
  if (bytes.readUInt32LE(0) !== PCAP_MAGIC) throw new Error('not a little-endian pcap file')
  const frames: Frame[] = []
  for (let at = FILE_HEADER_BYTES; at + FRAME_HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8)
    const start = at + FRAME_HEADER_BYTES
    if (start + length > bytes.length) break
    const frame = parseFrame(bytes.subarray(start, start + length))
    if (frame !== null) frames.push(frame)
    at = start + length
  }
  return frames
}

function parseFrame(bytes: Buffer): Frame | null {
  if (bytes.length < ETHERNET_BYTES) return null
  const type = bytes.readUInt16BE(12)
  const packet = bytes.subarray(ETHERNET_BYTES)
  if (type === 0x0800 && packet.length >= 20) return parseIpv4(packet)
  return type === 0x86dd && packet.length >= 40 ? parseIpv6(packet) : null
}

function parseIpv4(packet: Buffer): Frame {
  const text = (at: number) => [...packet.subarray(at, at + 4)].join('.')
  const isLaterFragment = (packet.readUInt16BE(6) & 0x1fff) !== 0
  const payload = packet.subarray((packet.readUInt8(0) & 15) * 4)
  const protocol = packet.readUInt8(9)
  return { source: text(12), destination: text(16), protocol, ...portsOf(protocol, payload, isLaterFragment) }
}

function parseIpv6(packet: Buffer): Frame {
  const text = (at: number) =>
    Array.from({ length: 8 }, (_, group) => packet.readUInt16BE(at + 2 * group).toString(16)).join(':')
  const protocol = packet.readUInt8(6)
  return {
    source: text(8),
    destination: text(24),
    protocol,
    ...portsOf(protocol, packet.subarray(40), false),
  }
}

function portsOf(protocol: number, payload: Buffer, isLaterFragment: boolean) {
  const hasPorts = withPorts.has(protocol) && payload.length >= 4 && !isLaterFragment
  return {
    sourcePort: hasPorts ? payload.readUInt16BE(0) : null,
    destinationPort: hasPorts ? payload.readUInt16BE(2) : null,
    payload,
  }
}
