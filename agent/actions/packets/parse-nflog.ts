/**
 * Messages of nfnetlink_log (linux/netfilter/nfnetlink_log.h): what a rule with `log group N` hands over. Pure, never
 * throws: what makes no sense is null, and is counted as lost.
 */
import { attribute, attributeMap, type NetlinkMessage } from '../../base/parse-netlink.ts'
import type { PacketEvent } from './packet-net.ts'
import { ACTS } from './packet-ruleset.ts'
import { type PacketRead, parseFrame, parsePacket } from './parse-packet.ts'

export const NFNL_SUBSYS_ULOG = 4
const NFULNL_MSG_PACKET = 0
const NFULNL_MSG_CONFIG = 1
const PACKET_HDR = 1
const IFINDEX_INDEV = 4
const IFINDEX_OUTDEV = 5
const PAYLOAD = 9
const PREFIX = 10
const UID = 11
const SEQ = 12

/** One packet as the kernel told of it; interfaces by their number. */
export interface LoggedPacket extends PacketRead {
  readonly act: PacketEvent['act']
  readonly isDropped: boolean
  /** Counted by the kernel for this listener, from 0; null where it is not told. */
  readonly sequence: number | null
  readonly inIndex: number | null
  readonly outIndex: number | null
  readonly uid: number | null
}

/** Reads one message; null for a packet that makes no sense. */
export function parseLoggedPacket(message: NetlinkMessage): LoggedPacket | 'no-packet' | null {
  if (message.type !== ((NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_PACKET)) return 'no-packet'
  if (message.body.length < 4) return null
  const attributes = attributeMap(message.body, 4)
  const words = textOf(attributes.get(PREFIX)).split(' ')
  const act = ACTS.find((one) => one === words[1])
  const payload = attributes.get(PAYLOAD) ?? Buffer.alloc(0)
  const header = attributes.get(PACKET_HDR)
  if (act === undefined || words[0] !== 'shoukou' || header === undefined || header.length < 2) return null
  const etherType = header.readUInt16BE(0)
  return {
    act,
    isDropped: words[2] === 'dropped',
    sequence: numberOf(attributes.get(SEQ)),
    inIndex: numberOf(attributes.get(IFINDEX_INDEV)),
    outIndex: numberOf(attributes.get(IFINDEX_OUTDEV)),
    uid: numberOf(attributes.get(UID)),
    ...(act === 'frame' ? readBelowIp(payload, etherType) : parsePacket(payload, etherType)),
  }
}

/** A frame comes with its link's header; an interface that has none (tun) gives the packet alone. */
function readBelowIp(bytes: Buffer, etherType: number): PacketRead {
  const bare = parsePacket(bytes, etherType)
  if (bare.family !== 'other') return bare
  const framed = parseFrame(bytes)
  return framed.family === 'other' ? bare : framed
}

function numberOf(bytes: Buffer | undefined): number | null {
  return bytes === undefined || bytes.length < 4 ? null : bytes.readUInt32BE(0)
}

function textOf(bytes: Buffer | undefined): string {
  if (bytes === undefined) return ''
  const end = bytes.indexOf(0)
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end)
}

/** The message type of a configuration. */
export const NFULNL_CONFIG_TYPE = (NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_CONFIG
const CFG_CMD = 1
const CFG_MODE = 2
const CFG_TIMEOUT = 4
const CFG_QTHRESH = 5
const CFG_FLAGS = 6
const CMD_BIND = 1
const COPY_PACKET = 2
const FLAG_SEQ = 1

/** Writes what makes this socket the listener of a group. */
export function bindRequest(group: number): Buffer {
  return Buffer.concat([nfgenmsg(group), attribute(CFG_CMD, Uint8Array.of(CMD_BIND))])
}

/**
 * Writes how packets are handed over: `copyBytes` of each, numbered, at most 32 in a message and none later than
 * 10 ms.
 */
export function modeRequest(group: number, copyBytes: number): Buffer {
  const mode = Buffer.alloc(6)
  mode.writeUInt32BE(copyBytes, 0)
  mode[4] = COPY_PACKET
  const flags = Buffer.alloc(2)
  flags.writeUInt16BE(FLAG_SEQ)
  return Buffer.concat([
    nfgenmsg(group),
    attribute(CFG_MODE, mode),
    attribute(CFG_TIMEOUT, be32(1)),
    attribute(CFG_QTHRESH, be32(32)),
    attribute(CFG_FLAGS, flags),
  ])
}

function nfgenmsg(group: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16BE(group, 2)
  return bytes
}

function be32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
