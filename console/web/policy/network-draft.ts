/** The network rules while they are edited: what is wrong with them, by list and row. Pure; the console decides in the end. */
import type { NetworkRules, PolicySettings } from '@shoukou/protocol'
import {
  type AddressKind,
  contains,
  formatPrefix,
  kindOf,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '@shoukou/protocol/network/addresses.ts'

export type NetworkList =
  | 'prefixes'
  | 'destinations'
  | 'listeners'
  | 'gateways'
  | 'dnsServers'
  | 'dhcpServers'

/** `right`: what it should be, where that is known. */
export type NetworkFault =
  | {
      readonly field: 'network'
      readonly list: NetworkList
      readonly at: number
      readonly what:
        | 'prefix'
        | 'host-bits'
        | 'prefix-too-wide'
        | 'address'
        | 'address-kind'
        | 'mac'
        | 'ports'
        | 'ports-needed'
        | 'ports-not'
        | 'twice'
      readonly right: string
    }
  | {
      readonly field: 'network'
      readonly list: 'probe'
      readonly what: 'probe-address' | 'probe-outside' | 'probe-unapproved' | 'probe-port' | 'probe-every'
    }
  | { readonly field: 'network'; readonly list: 'mode'; readonly what: 'mode-without-rules' }

export type Ports = NetworkRules['destinations'][number]['ports']

/** Nothing approved, nothing asked: what rules begin as. */
export const emptyNetworkRules: NetworkRules = {
  prefixes: [],
  destinations: [],
  listeners: [],
  gateways: [],
  dnsServers: [],
  dhcpServers: [],
  probe: null,
}

/** What an input holds that is no span of ports. */
export const wrongPorts = { first: -1, last: -1 } as const
export const probeBounds = { everyMin: 5, everyMax: 10_080, portMin: 1, portMax: 65_535 } as const

/** Addresses of no one computer. */
const ofNobody: ReadonlySet<AddressKind> = new Set([
  'unspecified',
  'multicast',
  'link-multicast',
  'broadcast',
])
const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/

/** Reads `443` or `8000-8010`; null for nothing typed (all ports), `wrongPorts` for what is no span. */
export function parsePorts(text: string): Ports {
  const trimmed = text.trim()
  if (trimmed === '') return null
  const match = /^(\d{1,5})(?:\s*[-–]\s*(\d{1,5}))?$/.exec(trimmed)
  if (match === null) return wrongPorts
  const first = Number(match[1])
  const last = Number(match[2] ?? match[1])
  return first <= last && last <= 65_535 ? { first, last } : wrongPorts
}

/** Writes a span of ports; nothing for all of them and for what is none. */
export function formatPorts(ports: Ports): string {
  if (ports === null || ports.first < 0) return ''
  return ports.first === ports.last ? String(ports.first) : `${ports.first}-${ports.last}`
}

/** Returns what is wrong with the rules, and with a mode that has none. */
export function networkFaults({ network, modes }: Pick<PolicySettings, 'network' | 'modes'>): NetworkFault[] {
  if (network === undefined) {
    return modes.network === 'observe' ? [] : [{ field: 'network', list: 'mode', what: 'mode-without-rules' }]
  }
  return [
    ...rowFaults('prefixes', network.prefixes, (one) => [prefixFault(one, true), keyOfPrefix(one)]),
    ...rowFaults('destinations', network.destinations, (one) => [
      prefixFault(one.prefix, true) ?? portsFault(one.protocol, one.ports),
      JSON.stringify([keyOfPrefix(one.prefix), one.protocol, one.ports]),
    ]),
    ...rowFaults('listeners', network.listeners, (one) => [
      prefixFault(one.prefix, false) ?? (one.ports.first < 0 ? { what: 'ports-needed' } : null),
      JSON.stringify([keyOfPrefix(one.prefix), one.protocol, one.ports]),
    ]),
    ...rowFaults('gateways', network.gateways, (one) => [
      addressFault(one.address) ?? (one.mac !== null && !macPattern.test(one.mac) ? { what: 'mac' } : null),
      JSON.stringify([one.address, one.mac]),
    ]),
    ...rowFaults('dnsServers', network.dnsServers, (one) => [addressFault(one), one]),
    ...rowFaults('dhcpServers', network.dhcpServers, (one) => [addressFault(one), one]),
    ...probeFaults(network),
  ]
}

/** Returns the prefix as it should be written; null for what is none. */
export function rightPrefix(text: string): string | null {
  const parsed = parsePrefix(text)
  return parsed === null ? null : formatPrefix(parsed)
}

type RowWhat = Extract<NetworkFault, { at: number }>['what']
interface RowFault {
  readonly what: RowWhat
  readonly right?: string
}

function rowFaults<T>(
  list: NetworkList,
  rows: readonly T[],
  judge: (row: T) => readonly [RowFault | null, string],
): NetworkFault[] {
  const seen = new Set<string>()
  return rows.flatMap((row, at): NetworkFault[] => {
    const [fault, key] = judge(row)
    const found = fault ?? (seen.has(key) ? { what: 'twice' as const } : null)
    seen.add(key)
    return found === null ? [] : [{ field: 'network', list, at, what: found.what, right: found.right ?? '' }]
  })
}

function prefixFault(text: string, isBounded: boolean): RowFault | null {
  const prefix = parsePrefix(text)
  if (prefix === null) return { what: 'prefix' }
  // `10.1.2.3/16` may mean that one computer or that whole network: a person says which.
  if (hasHostBits(text, prefix)) return { what: 'host-bits', right: formatPrefix(prefix) }
  return isBounded && prefix.length === 0 ? { what: 'prefix-too-wide' } : null
}

function hasHostBits(text: string, prefix: Prefix): boolean {
  const address = parseAddress(text.slice(0, text.lastIndexOf('/')))
  return address !== null && address.bytes.some((byte, index) => byte !== prefix.bytes[index])
}

function addressFault(text: string): RowFault | null {
  const address = parseAddress(text)
  if (address === null) return { what: 'address' }
  return ofNobody.has(kindOf(address)) ? { what: 'address-kind' } : null
}

function portsFault(
  protocol: NetworkRules['destinations'][number]['protocol'],
  ports: Ports,
): RowFault | null {
  if (ports === null) return null
  if (ports.first < 0) return { what: 'ports' }
  return protocol === 'icmp' || protocol === 'any' ? { what: 'ports-not' } : null
}

function keyOfPrefix(text: string): string {
  return rightPrefix(text) ?? text
}

function probeFaults({ probe, prefixes, destinations }: NetworkRules): NetworkFault[] {
  if (probe === null) return []
  const fault = (what: Extract<NetworkFault, { list: 'probe' }>['what']): NetworkFault[] => [
    { field: 'network', list: 'probe', what },
  ]
  const address = parseAddress(probe.address)
  if (address === null || ofNobody.has(kindOf(address))) return fault('probe-address')
  const isOwn = prefixes.some((text) => {
    const prefix = parsePrefix(text)
    return prefix !== null && contains(prefix, address)
  })
  if (kindOf(address) === 'public' && !isOwn) return fault('probe-outside')
  const { everyMin, everyMax, portMin, portMax } = probeBounds
  if (!isWithin(probe.port, portMin, portMax)) return fault('probe-port')
  const isApproved = destinations.some(({ prefix: text, protocol, ports }) => {
    const prefix = parsePrefix(text)
    const isTcp = protocol === 'tcp' || protocol === 'any'
    const isPort = ports === null || (ports.first <= probe.port && probe.port <= ports.last)
    return prefix !== null && contains(prefix, address) && isTcp && isPort
  })
  if (!isApproved) return fault('probe-unapproved')
  return isWithin(probe.everyMinutes, everyMin, everyMax) ? [] : fault('probe-every')
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}
