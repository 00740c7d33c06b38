/**
 * Whether a computer may speak to an address, by its policy: the one place where that is decided. The maps in the kernel
 * are made from `approvedDestinations`; the rule that a record names is worked out here. Pure.
 */
import type { NetworkMode } from '../policy.ts'
import {
  type Address,
  contains,
  hostPrefix,
  kindOf,
  type Prefix,
  parseAddress,
  parsePrefix,
} from './addresses.ts'
import type { NetworkRules } from './rules.ts'

/** IANA protocol numbers. */
export const PROTOCOL_NUMBERS = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132, raw: 255 } as const

/** One thing that may be connected to. `protocol` null: all of them; ports 0-65535 where they do not matter. */
export interface Destination {
  readonly prefix: Prefix
  readonly protocol: number | null
  readonly firstPort: number
  readonly lastPort: number
  /** The rule that a record names. */
  readonly rule: string
}

/** What the policy is asked with. `console`: where this agent's console stands, as resolved. */
export interface DestinationPolicy {
  readonly networkMode: NetworkMode
  readonly rules: NetworkRules | null
  readonly console: readonly { readonly address: string; readonly port: number }[]
}

export interface DestinationVerdict {
  readonly isApproved: boolean
  /** `approved-destination`, `console-link`, `loopback`, … or, refused, `standalone`, `public-address`, `outside-approved`, `public-dns`. */
  readonly rule: string
}

const allPorts = { firstPort: 0, lastPort: 65_535 } as const

/**
 * Returns what stays reachable when a computer is isolated: itself, its console, and on the classified LAN the servers
 * that lend it its address: without one it would lose its console with the lease.
 */
export function alwaysReachable(policy: DestinationPolicy): Destination[] {
  const own = ['127.0.0.0/8', '::1/128', '0.0.0.0/32', '::/128'].map((text) => all(text, 'loopback'))
  const consoles = policy.console.flatMap(({ address, port }): Destination[] => {
    const parsed = parseAddress(address)
    if (parsed === null) return []
    const prefix = hostPrefix(parsed)
    return [{ prefix, protocol: PROTOCOL_NUMBERS.tcp, firstPort: port, lastPort: port, rule: 'console-link' }]
  })
  return [...own, ...consoles, ...(policy.networkMode === 'standalone' ? [] : leaseServers(policy.rules))]
}

/**
 * Returns everything that may be connected to. On a standalone computer: only what `alwaysReachable` has. Without rules
 * a computer of the classified LAN may speak to private addresses: nothing else can be told from a prohibited one.
 */
export function approvedDestinations(policy: DestinationPolicy): Destination[] {
  const always = alwaysReachable(policy)
  if (policy.networkMode === 'standalone') return always
  const local = linkLocal.map((text) => all(text, 'link-local'))
  if (policy.rules === null)
    return [...always, ...local, ...privatePrefixes.map((text) => all(text, 'private-address'))]
  return [...always, ...local, ...fromRules(policy.rules)]
}

/** Judges one destination; `port` null where the protocol has none. */
export function judgeDestination(
  approved: readonly Destination[],
  to: { readonly address: Address; readonly port: number | null; readonly protocol: number },
  policy: Pick<DestinationPolicy, 'networkMode' | 'rules'>,
): DestinationVerdict {
  const found = approved.find((one) => isMatch(one, to))
  if (found !== undefined) return { isApproved: true, rule: found.rule }
  return { isApproved: false, rule: refusalOf(to, policy) }
}

/** Names why a destination is not approved. */
export function refusalOf(
  to: { readonly address: Address; readonly port: number | null },
  { networkMode }: Pick<DestinationPolicy, 'networkMode'>,
): string {
  const kind = kindOf(to.address)
  const isDns = to.port === 53 || to.port === 853
  if (kind === 'public') return isDns ? 'public-dns' : 'public-address'
  if (kind === 'link-multicast' || kind === 'broadcast' || kind === 'multicast') return 'multicast'
  if (networkMode === 'standalone') return 'standalone'
  return isDns ? 'unapproved-dns' : 'outside-approved'
}

function isMatch(
  one: Destination,
  to: { readonly address: Address; readonly port: number | null; readonly protocol: number },
): boolean {
  if (!contains(one.prefix, to.address)) return false
  if (one.protocol !== null && one.protocol !== to.protocol) return false
  if (to.port === null) return true
  return one.firstPort <= to.port && to.port <= one.lastPort
}

const linkLocal = [
  '169.254.0.0/16',
  'fe80::/10',
  '224.0.0.0/24',
  '239.255.255.250/32',
  'ff01::/16',
  'ff02::/16',
  '255.255.255.255/32',
]
const privatePrefixes = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  'ff05::/16',
  'ff08::/16',
  '239.0.0.0/8',
]

function fromRules(rules: NetworkRules): Destination[] {
  const { tcp, udp, icmp, icmpv6, sctp } = PROTOCOL_NUMBERS
  const listed = rules.destinations.flatMap(({ prefix: text, protocol, ports }): Destination[] => {
    const prefix = parsePrefix(text)
    if (prefix === null) return []
    const icmpNumber = prefix.family === 'ipv4' ? icmp : icmpv6
    const number = { any: null, tcp, udp, sctp, icmp: icmpNumber }[protocol]
    const span = ports === null ? allPorts : { firstPort: ports.first, lastPort: ports.last }
    return [{ prefix, protocol: number, ...span, rule: 'approved-destination' }]
  })
  const dns = rules.dnsServers.flatMap((text) => [
    ...service(text, udp, 53, 'approved-dns'),
    ...service(text, tcp, 53, 'approved-dns'),
  ])
  return [...listed, ...dns]
}

/** The approved DHCP servers, and the groups at which a client without an address asks for one (RFC 2131, RFC 8415). */
function leaseServers(rules: NetworkRules | null): Destination[] {
  const { udp } = PROTOCOL_NUMBERS
  const listed = (rules?.dhcpServers ?? []).flatMap((text) => [
    ...service(text, udp, 67, 'approved-dhcp'),
    ...service(text, udp, 547, 'approved-dhcp'),
  ])
  const asked = [
    ...service('255.255.255.255', udp, 67, 'approved-dhcp'),
    ...service('ff02::1:2', udp, 547, 'approved-dhcp'),
  ]
  return [...listed, ...asked]
}

function service(text: string, protocol: number, port: number, rule: string): Destination[] {
  const address = parseAddress(text)
  return address === null
    ? []
    : [{ prefix: hostPrefix(address), protocol, firstPort: port, lastPort: port, rule }]
}

function all(text: string, rule: string): Destination {
  const prefix = parsePrefix(text)
  if (prefix === null) throw new RangeError(`${text} is no prefix`)
  return { prefix, protocol: null, ...allPorts, rule }
}
