/**
 * Messages of connection tracking (linux/netfilter/nfnetlink_conntrack.h): which flow began. Pure, never throws.
 */
import { formatAddress, fromBytes, PROTOCOL_NUMBERS } from '@shoukou/protocol'
import { attributeMap, type NetlinkMessage } from '../../base/parse-netlink.ts'

const NFNL_SUBSYS_CTNETLINK = 1
const IPCTNL_MSG_CT_NEW = 0
const NLM_F_CREATE = 0x400
const TUPLE_ORIG = 1
const TUPLE_IP = 1
const TUPLE_PROTO = 2
const PROTO_NUM = 1
const PROTO_SRC_PORT = 2
const PROTO_DST_PORT = 3
/** Source and destination, of IPv4 and of IPv6. */
const ipAttributes = [
  [1, 2],
  [3, 4],
] as const

export interface FlowEnd {
  readonly address: string
  readonly port: number | null
}

/** A flow as its first packet had it. */
export interface NewFlow {
  readonly family: 'ipv4' | 'ipv6'
  readonly protocol: number
  readonly source: FlowEnd
  readonly destination: FlowEnd
}

/** Reads the message of a flow that began; null for any other message and for what makes no sense. */
export function parseNewFlow({ type, flags, body }: NetlinkMessage): NewFlow | null {
  if (type !== ((NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_NEW) || (flags & NLM_F_CREATE) === 0) return null
  const tuple = body.length < 4 ? undefined : attributeMap(body, 4).get(TUPLE_ORIG)
  if (tuple === undefined) return null
  const parts = attributeMap(tuple)
  const ip = attributeMap(parts.get(TUPLE_IP) ?? Buffer.alloc(0))
  const proto = attributeMap(parts.get(TUPLE_PROTO) ?? Buffer.alloc(0))
  const protocol = proto.get(PROTO_NUM)?.[0]
  const addresses = ipAttributes.map(
    ([source, destination]) => [ip.get(source), ip.get(destination)] as const,
  )
  const [source, destination] = addresses.find(([one]) => one !== undefined) ?? []
  if (protocol === undefined || source === undefined || destination?.length !== source.length) return null
  if (source.length !== 4 && source.length !== 16) return null
  const hasPorts = withPorts.has(protocol)
  return {
    family: source.length === 4 ? 'ipv4' : 'ipv6',
    protocol,
    source: endOf(source, hasPorts ? proto.get(PROTO_SRC_PORT) : undefined),
    destination: endOf(destination, hasPorts ? proto.get(PROTO_DST_PORT) : undefined),
  }
}

const { tcp, udp, sctp } = PROTOCOL_NUMBERS
/** With UDP-Lite and DCCP. */
const withPorts = new Set<number>([tcp, udp, sctp, 136, 33])

function endOf(address: Buffer, port: Buffer | undefined): FlowEnd {
  const number = port === undefined || port.length < 2 ? null : port.readUInt16BE(0)
  return { address: formatAddress(fromBytes(address)), port: number }
}
