/**
 * Whether the rules of a network are ones that an agent can hold: everything that the schema can't say. Pure.
 *
 * Each refusal names the field and what to write there: a rule that means nothing would leave a way open, or shut the
 * unit's own.
 */
import { type NetworkRules, type PolicySettings, ShoukouError } from '@shoukou/protocol'
import {
  type Address,
  contains,
  formatPrefix,
  kindOf,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '@shoukou/protocol/network/addresses.ts'

/** @throws ShoukouError `invalid-request`, naming the first field that is wrong and the remedy. */
export function assertNetworkRules({ network: rules, modes }: PolicySettings): void {
  if (rules === undefined) {
    if (modes.network === 'observe') return
    throw refused(
      'modes.network',
      `"${modes.network}" needs settings.network: say which network may be used, or set "observe"`,
    )
  }
  const prefixes = rules.prefixes.map((text, at) => prefixAt(`network.prefixes[${at}]`, text))
  assertDestinations(rules)
  assertListeners(rules)
  for (const [at, { address }] of rules.gateways.entries()) hostAt(`network.gateways[${at}].address`, address)
  for (const [at, address] of rules.dnsServers.entries()) hostAt(`network.dnsServers[${at}]`, address)
  for (const [at, address] of rules.dhcpServers.entries()) hostAt(`network.dhcpServers[${at}]`, address)
  assertProbe(rules, prefixes)
}

function assertDestinations({ destinations }: NetworkRules): void {
  for (const [at, { prefix, protocol, ports }] of destinations.entries()) {
    const field = `network.destinations[${at}]`
    prefixAt(`${field}.prefix`, prefix)
    if (ports === null) continue
    if (protocol === 'any' || protocol === 'icmp') {
      throw refused(`${field}.ports`, `${protocol} has no ports: leave them out, or name tcp, udp or sctp`)
    }
    assertSpan(`${field}.ports`, ports)
  }
}

function assertListeners({ listeners }: NetworkRules): void {
  for (const [at, { prefix, ports }] of listeners.entries()) {
    prefixAt(`network.listeners[${at}].prefix`, prefix)
    assertSpan(`network.listeners[${at}].ports`, ports)
  }
}

/** Asked is an address of the unit's own: approved as a destination, and no public one unless that was written down. */
function assertProbe({ probe, destinations }: NetworkRules, prefixes: readonly Prefix[]): void {
  if (probe === null) return
  const field = 'network.probe'
  const address = hostAt(`${field}.address`, probe.address)
  if (probe.port === 0) throw refused(`${field}.port`, 'no service answers at port 0: name its port')
  const approving = destinations.filter(({ prefix: text, protocol, ports }) => {
    const prefix = parsePrefix(text)
    const isTcp = protocol === 'tcp' || protocol === 'any'
    const isPort = ports === null || (ports.first <= probe.port && probe.port <= ports.last)
    return prefix !== null && contains(prefix, address) && isTcp && isPort
  })
  if (approving.length === 0) {
    throw refused(
      field,
      `${probe.address} port ${probe.port} is no approved destination: add it to network.destinations with tcp, or choose another`,
    )
  }
  const isListed = prefixes.some((prefix) => contains(prefix, address))
  if (kindOf(address) === 'public' && !isListed) {
    throw refused(
      `${field}.address`,
      `${probe.address} is a public address and lies in none of network.prefixes: probe only the unit's own`,
    )
  }
}

function assertSpan(field: string, { first, last }: { readonly first: number; readonly last: number }): void {
  if (first <= last) return
  throw refused(field, `the first port (${first}) is above the last (${last}): exchange them`)
}

function prefixAt(field: string, text: string): Prefix {
  const prefix = parsePrefix(text)
  if (prefix === null)
    throw refused(field, `${text} is no network: write an address, a slash and a length, as 10.1.0.0/16`)
  const written = parseAddress(text.slice(0, text.lastIndexOf('/')))
  // A host's address with a network's length is read as the whole network: whoever wrote it may have meant the host.
  if (written !== null && !isSame(written, prefix)) {
    throw refused(
      field,
      `${text} has bits behind its length: write ${formatPrefix(prefix)}, or the address with its full length`,
    )
  }
  return prefix
}

function hostAt(field: string, text: string): Address {
  const address = parseAddress(text)
  if (address === null)
    throw refused(field, `${text} is no address: write it as 10.1.0.1 or fd00::1, without a zone`)
  const kind = kindOf(address)
  if (kind === 'unspecified' || kind === 'multicast' || kind === 'link-multicast' || kind === 'broadcast') {
    throw refused(field, `${text} is the address of no one computer (${kind}): name the server's own`)
  }
  return address
}

function isSame(a: Address, b: Address): boolean {
  return a.family === b.family && a.bytes.every((byte, at) => byte === b.bytes[at])
}

function refused(field: string, what: string): ShoukouError {
  return new ShoukouError('invalid-request', `${field}: ${what}.`, { context: { field } })
}
