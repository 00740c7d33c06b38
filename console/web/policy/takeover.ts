/** What a computer's network shows now, as a proposal for its rules: what is so, never what should be. Pure. */
import type { NetworkRules } from '@shoukou/protocol'
import {
  formatAddress,
  formatPrefix,
  kindOf,
  parseAddress,
  parsePrefix,
} from '@shoukou/protocol/network/addresses.ts'
import type { Picture } from '@shoukou/protocol/network/shapes.ts'
import type { RawText } from '@shoukou/protocol/raw-text.ts'
import { macOfGateway } from '../network/gateway-mac.ts'

export type Proposal = {
  readonly key: string
  /** The interface that shows it. */
  readonly over: RawText | null
  /** Routed on the Internet: as a rule a classified computer should not have it. */
  readonly isPublic: boolean
} & (
  | { readonly list: 'prefixes'; readonly prefix: string }
  | { readonly list: 'gateways'; readonly address: string; readonly mac: string | null }
  | { readonly list: 'dnsServers' | 'dhcpServers'; readonly address: string }
)

const ethernetMac = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/

/** Returns what the picture shows and the rules do not have, each once: prefixes, gateways, DNS, DHCP. */
export function proposalsOf(picture: Picture, rules: NetworkRules): Proposal[] {
  const found = [
    ...prefixesOf(picture),
    ...gatewaysOf(picture),
    ...serversOf('dnsServers', [
      ...picture.dnsServers.map((text) => [text, null] as const),
      ...picture.leases.flatMap((one) => one.dnsServers.map((text) => [text, one.interfaceName] as const)),
    ]),
    ...serversOf(
      'dhcpServers',
      picture.leases.flatMap((one) =>
        one.server === null ? [] : [[one.server, one.interfaceName] as const],
      ),
    ),
  ]
  const known = new Set(knownKeys(rules))
  return found.filter(({ key }) => {
    if (known.has(key)) return false
    known.add(key)
    return true
  })
}

/** Returns the rules with the chosen proposals added; each says in its note where it came from, where it has one. */
export function withProposals(rules: NetworkRules, chosen: readonly Proposal[], note: string): NetworkRules {
  const add = <T>(list: Proposal['list'], make: (one: Proposal) => T | null): T[] =>
    chosen.filter((one) => one.list === list).flatMap((one) => make(one) ?? [])
  return {
    ...rules,
    prefixes: [...rules.prefixes, ...add('prefixes', (one) => ('prefix' in one ? one.prefix : null))],
    gateways: [
      ...rules.gateways,
      ...add('gateways', (one) => ('mac' in one ? { address: one.address, mac: one.mac, note } : null)),
    ],
    dnsServers: [...rules.dnsServers, ...add('dnsServers', addressOf)],
    dhcpServers: [...rules.dhcpServers, ...add('dhcpServers', addressOf)],
  }
}

function addressOf(one: Proposal): string | null {
  return 'address' in one ? one.address : null
}

function prefixesOf({ interfaces }: Picture): Proposal[] {
  return interfaces
    .filter(({ nature }) => nature !== 'loopback')
    .flatMap(({ name, addresses }) =>
      addresses.flatMap(({ address, prefixLength }): Proposal[] => {
        const prefix = parsePrefix(`${address}/${prefixLength}`)
        if (prefix === null || prefix.length === 0 || isLocal(address)) return []
        const text = formatPrefix(prefix)
        const isPublic = kindOf(prefix) === 'public'
        return [{ list: 'prefixes', key: `prefix ${text}`, over: name, isPublic, prefix: text }]
      }),
    )
}

function gatewaysOf({ routes, neighbours }: Picture): Proposal[] {
  return routes.flatMap((route): Proposal[] => {
    if (route.prefixLength !== 0 || route.gateway === null) return []
    const address = parseAddress(route.gateway)
    if (address === null) return []
    const mac = macOfGateway(route, neighbours)
    return [
      {
        list: 'gateways',
        key: `gateways ${formatAddress(address)}`,
        over: route.interfaceName,
        isPublic: kindOf(address) === 'public',
        address: formatAddress(address),
        mac: mac !== null && ethernetMac.test(mac) ? mac : null,
      },
    ]
  })
}

function serversOf(
  list: 'dnsServers' | 'dhcpServers',
  servers: readonly (readonly [string, RawText | null])[],
): Proposal[] {
  return servers.flatMap(([text, over]): Proposal[] => {
    const address = parseAddress(text)
    // A resolver of the computer's own asks another one: that one is in the leases.
    if (address === null || kindOf(address) === 'loopback') return []
    const shown = formatAddress(address)
    return [{ list, key: `${list} ${shown}`, over, isPublic: kindOf(address) === 'public', address: shown }]
  })
}

function knownKeys(rules: NetworkRules): string[] {
  const canonical = (text: string) => {
    const address = parseAddress(text)
    return address === null ? text : formatAddress(address)
  }
  return [
    ...rules.prefixes.map((text) => {
      const prefix = parsePrefix(text)
      return `prefix ${prefix === null ? text : formatPrefix(prefix)}`
    }),
    ...rules.gateways.map(({ address }) => `gateways ${canonical(address)}`),
    ...rules.dnsServers.map((text) => `dnsServers ${canonical(text)}`),
    ...rules.dhcpServers.map((text) => `dhcpServers ${canonical(text)}`),
  ]
}

/** Link-local and loopback are no network of a unit. */
function isLocal(text: string): boolean {
  const address = parseAddress(text)
  const kind = address === null ? null : kindOf(address)
  return kind === 'link-local' || kind === 'loopback' || kind === 'unspecified'
}
