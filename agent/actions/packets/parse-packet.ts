/**
 * Who speaks to whom in the first bytes of a packet: IPv4, IPv6 with its extension headers, and the ports of what they
 * carry. Pure, never throws: a packet is whatever somebody sent.
 */
import { formatAddress, fromBytes, PROTOCOL_NUMBERS } from '@shoukou/protocol'
import type { PacketEvent } from './packet-net.ts'

export type PacketRead = Pick<PacketEvent, 'family' | 'protocol' | 'source' | 'destination'>

export const ETHERTYPE_IPV4 = 0x0800
export const ETHERTYPE_IPV6 = 0x86dd
const ethertypesOfVlan = new Set([0x8100, 0x88a8])
const UDPLITE = 136
const DCCP = 33
const { tcp, udp, sctp } = PROTOCOL_NUMBERS
const withPorts = new Set<number>([tcp, udp, sctp, UDPLITE, DCCP])
/** Hop-by-hop, routing, destination options, mobility, HIP, shim6: length in 8-byte units after the first 8. */
const extensions = new Set([0, 43, 60, 135, 139, 140])
const FRAGMENT = 44
const AUTHENTICATION = 51
const extensionsMax = 8

/** Reads a packet that begins with its IP header; `etherType` decides which, and is what is told of anything else. */
export function parsePacket(bytes: Buffer, etherType: number): PacketRead {
  if (etherType === ETHERTYPE_IPV4) return readIpv4(bytes) ?? other(etherType)
  if (etherType === ETHERTYPE_IPV6) return readIpv6(bytes) ?? other(etherType)
  return other(etherType)
}

/** Reads an Ethernet frame, with or without VLAN tags. */
export function parseFrame(bytes: Buffer): PacketRead {
  let at = 12
  while (at + 4 < bytes.length && ethertypesOfVlan.has(bytes.readUInt16BE(at))) at += 4
  if (at + 2 > bytes.length) return other(0)
  return parsePacket(bytes.subarray(at + 2), bytes.readUInt16BE(at))
}

function readIpv4(bytes: Buffer): PacketRead | null {
  const first = bytes[0] ?? 0
  const headerBytes = (first & 0x0f) * 4
  if (bytes.length < 20 || first >> 4 !== 4 || headerBytes < 20) return null
  const protocol = bytes[9] ?? 0
  const isFirst = (bytes.readUInt16BE(6) & 0x1fff) === 0
  return {
    family: 'ipv4',
    protocol,
    ...ends(
      bytes.subarray(12, 16),
      bytes.subarray(16, 20),
      isFirst ? portsAt(bytes, headerBytes, protocol) : null,
    ),
  }
}

function readIpv6(bytes: Buffer): PacketRead | null {
  if (bytes.length < 40 || (bytes[0] ?? 0) >> 4 !== 6) return null
  let protocol = bytes[6] ?? 0
  let at = 40
  let isFirst = true
  for (let count = 0; count < extensionsMax && at + 8 <= bytes.length; count += 1) {
    const units = bytes[at + 1] ?? 0
    if (extensions.has(protocol)) {
      protocol = bytes[at] ?? 0
      at += 8 + units * 8
    } else if (protocol === FRAGMENT) {
      isFirst &&= (bytes.readUInt16BE(at + 2) & 0xfff8) === 0
      protocol = bytes[at] ?? 0
      at += 8
      // What follows in a later fragment is the middle of something.
      if (!isFirst) break
    } else if (protocol === AUTHENTICATION) {
      protocol = bytes[at] ?? 0
      at += (units + 2) * 4
    } else break
  }
  const ports = isFirst ? portsAt(bytes, at, protocol) : null
  return { family: 'ipv6', protocol, ...ends(bytes.subarray(8, 24), bytes.subarray(24, 40), ports) }
}

interface Ports {
  readonly source: number
  readonly destination: number
}

function portsAt(bytes: Buffer, at: number, protocol: number): Ports | null {
  if (!withPorts.has(protocol) || at + 4 > bytes.length) return null
  return { source: bytes.readUInt16BE(at), destination: bytes.readUInt16BE(at + 2) }
}

function ends(
  source: Buffer,
  destination: Buffer,
  ports: Ports | null,
): Pick<PacketRead, 'source' | 'destination'> {
  return {
    source: { address: formatAddress(fromBytes(source)), port: ports?.source ?? null },
    destination: { address: formatAddress(fromBytes(destination)), port: ports?.destination ?? null },
  }
}

function other(etherType: number): PacketRead {
  return { family: 'other', protocol: etherType, source: null, destination: null }
}
