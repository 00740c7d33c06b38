/**
 * Whether every address that a policy approves lies in the ceiling's networks. Pure.
 *
 * So whoever holds the console can't approve the Internet, nor a gateway, a name server or a probe out there. A prefix has to
 * lie wholly in one of them; the union of two is not looked for.
 */
import { covers, hostPrefix, type Prefix, parseAddress, parsePrefix } from '../network/addresses.ts'
import type { NetworkRules } from '../network/rules.ts'
import type { Beyond } from './beyond.ts'

/** Returns what lies outside; rules that are not there approve nothing. */
export function judgeNetwork(rules: NetworkRules | undefined, within: readonly string[]): Beyond[] {
  if (rules === undefined) return []
  const networks = networksOf(within)
  const at = 'settings.network'
  const found: (Beyond | null)[] = [
    ...rules.prefixes.map((text, n) => judgePrefix(`${at}.prefixes.${n}`, text, networks)),
    ...rules.destinations.map(({ prefix }, n) =>
      judgePrefix(`${at}.destinations.${n}.prefix`, prefix, networks),
    ),
    ...rules.listeners.map(({ prefix }, n) => judgePrefix(`${at}.listeners.${n}.prefix`, prefix, networks)),
    ...rules.gateways.map(({ address }, n) => judgeHost(`${at}.gateways.${n}.address`, address, networks)),
    ...rules.dnsServers.map((address, n) => judgeHost(`${at}.dnsServers.${n}`, address, networks)),
    ...rules.dhcpServers.map((address, n) => judgeHost(`${at}.dhcpServers.${n}`, address, networks)),
    rules.probe === null ? null : judgeHost(`${at}.probe.address`, rules.probe.address, networks),
  ]
  return found.filter((one) => one !== null)
}

/** Returns the rules with all that lies outside left out. */
export function withinNetworks(rules: NetworkRules, within: readonly string[]): NetworkRules {
  const networks = networksOf(within)
  const isPrefixIn = (text: string) => judgePrefix('', text, networks) === null
  const isHostIn = (text: string) => judgeHost('', text, networks) === null
  return {
    ...rules,
    prefixes: rules.prefixes.filter(isPrefixIn),
    destinations: rules.destinations.filter(({ prefix }) => isPrefixIn(prefix)),
    listeners: rules.listeners.filter(({ prefix }) => isPrefixIn(prefix)),
    gateways: rules.gateways.filter(({ address }) => isHostIn(address)),
    dnsServers: rules.dnsServers.filter(isHostIn),
    dhcpServers: rules.dhcpServers.filter(isHostIn),
    probe: rules.probe !== null && isHostIn(rules.probe.address) ? rules.probe : null,
  }
}

interface Networks {
  readonly prefixes: readonly Prefix[]
  /** For a person: the first few. */
  readonly words: string
}

const namedMax = 6

function networksOf(within: readonly string[]): Networks {
  const prefixes = within.flatMap((text) => parsePrefix(text) ?? [])
  const named = within.slice(0, namedMax).join(', ')
  const words = within.length === 0 ? '-' : within.length > namedMax ? `${named} …` : named
  return { prefixes, words }
}

function judgePrefix(field: string, text: string, networks: Networks): Beyond | null {
  return judge(field, text, parsePrefix(text), networks)
}

function judgeHost(field: string, text: string, networks: Networks): Beyond | null {
  const address = parseAddress(text)
  return judge(field, text, address === null ? null : hostPrefix(address), networks)
}

function judge(
  field: string,
  text: string,
  prefix: Prefix | null,
  { prefixes, words }: Networks,
): Beyond | null {
  if (prefix === null) return { field, rule: 'address-unreadable', found: text, allowed: '' }
  if (prefixes.some((network) => covers(network, prefix))) return null
  return { field, rule: 'address-outside', found: text, allowed: words }
}
