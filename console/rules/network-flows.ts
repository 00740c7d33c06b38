/**
 * Reads one flow: where it goes, whether it says something against this computer, what came of it. Pure.
 *
 * Accused is what this computer did and what may leave its own link. What others send to it, what never leaves the link
 * (multicast, link-local, ARP and the like), a socket that nothing was sent by, a port that is only opened, what policy
 * approves and only isolation holds back: recorded, and no violation.
 */
import type { Flow } from '@shoukou/protocol'
import { type AddressKind, kindOf, parseAddress } from '@shoukou/protocol/network/addresses.ts'

/** Never past the next router (RFC 4291, RFC 3927, RFC 5771), or to nobody at all. */
const linkKinds: ReadonlySet<AddressKind> = new Set([
  'unspecified',
  'loopback',
  'link-local',
  'link-multicast',
  'multicast',
  'broadcast',
])

/** EtherTypes that keep a link alive and that no bridge or router passes on: ARP, EAPOL, LLDP, PTP. */
const linkProtocols: ReadonlySet<number> = new Set([0x0806, 0x888e, 0x88cc, 0x88f7])
/** Below it, the number is a length: spanning tree and its like (IEEE 802.3 §3.2.6). */
const etherTypeMin = 0x0600

const udp = 17
/** Servers of DHCP and DHCPv6: which of them answers is a condition of its own. */
const dhcpPorts: ReadonlySet<number | null> = new Set([67, 547])

/** Returns what kind of address the peer has; null where none is known. A text that is no address is taken for one that may lead out. */
export function peerKindOf({ peer }: Pick<Flow, 'peer'>): AddressKind | null {
  if (peer === null) return null
  const address = parseAddress(peer.address.split('%', 1)[0] ?? '')
  return address === null ? 'special' : kindOf(address)
}

/** Reports whether the flow is a connection out of this computer, tried or made, that may leave its link. */
export function isOutward(flow: Flow): boolean {
  switch (flow.act) {
    case 'connect':
    case 'send':
    case 'established':
    case 'accepted':
      return mayLeaveLink(flow)
    case 'outgoing':
    case 'frame':
      return flow.peer === null ? !isLinkProtocol(flow) : mayLeaveLink(flow)
    case 'socket':
      return flow.peer !== null && mayLeaveLink(flow)
    case 'bind':
    case 'incoming':
    case 'forwarded':
      return false
  }
}

/** Reports whether somebody's packets were passed on. */
export function isPassedOn(flow: Flow): boolean {
  return flow.act === 'forwarded' && mayLeaveLink(flow)
}

/** Reports whether something on the Internet answered, or came in from there. */
export function isConfirmedPublic(flow: Flow): boolean {
  return flow.confidence === 'confirmed-reachability' && peerKindOf(flow) === 'public'
}

function mayLeaveLink(flow: Flow): boolean {
  const kind = peerKindOf(flow)
  // Approved, but for the isolation that was ordered: its programs go on trying what they always did.
  if (kind === null || linkKinds.has(kind) || flow.rule === 'isolated') return false
  return kind === 'public' || !isDhcp(flow)
}

function isDhcp({ protocol, peer }: Flow): boolean {
  return protocol === udp && dhcpPorts.has(peer?.port ?? null)
}

function isLinkProtocol({ family, protocol }: Flow): boolean {
  return family === 'other' && (linkProtocols.has(protocol) || protocol < etherTypeMin)
}

const protocolNames: Readonly<{ [number: number]: string }> = {
  1: 'icmp',
  2: 'igmp',
  6: 'tcp',
  17: 'udp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  58: 'icmpv6',
  132: 'sctp',
  255: 'raw',
}

/** Names the protocol as people do; its number where it has no such name. */
export function protocolInWords({ family, protocol }: Pick<Flow, 'family' | 'protocol'>): string {
  if (family === 'other') return `ethertype 0x${protocol.toString(16).padStart(4, '0')}`
  return protocolNames[protocol] ?? `protocol ${protocol}`
}

export interface Sums {
  readonly attempts: number
  readonly refused: number
  readonly firstAtMs: number
  readonly lastAtMs: number
}

/** Sums flows up; at least one. */
export function sumsOf(flows: readonly Flow[]): Sums {
  const [first] = flows
  const start: Sums = {
    attempts: 0,
    refused: 0,
    firstAtMs: first?.firstWallMs ?? 0,
    lastAtMs: first?.lastWallMs ?? 0,
  }
  return flows.reduce(
    (sum, flow) => ({
      // Each is bounded by itself; so is what they come to.
      attempts: Math.min(Number.MAX_SAFE_INTEGER, sum.attempts + flow.count),
      refused: Math.min(Number.MAX_SAFE_INTEGER, sum.refused + flow.refused),
      firstAtMs: Math.min(sum.firstAtMs, flow.firstWallMs),
      lastAtMs: Math.max(sum.lastAtMs, flow.lastWallMs),
    }),
    start,
  )
}

/** The peer that is named first: a public one before others, for it is what matters most. */
export function foremost(flows: readonly Flow[]): Flow | null {
  return (
    flows.find((flow) => peerKindOf(flow) === 'public') ??
    flows.find(({ peer }) => peer !== null) ??
    flows[0] ??
    null
  )
}
