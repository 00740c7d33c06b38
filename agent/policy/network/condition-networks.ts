/**
 * Two live links on different networks. Pure.
 *
 * A link is what leaves the computer: the ports of one bond or bridge are one, VLANs belong to the adapter under them,
 * and what stays inside (container bridges, veths) is none. Tunnels are told by themselves.
 */
import {
  type Address,
  covers,
  kindOf,
  type NetworkInterface,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '@shoukou/protocol'
import { isInnerBridge, isKnownWay, isLive, mediumOf, waysOutOf } from './adapters.ts'
import type { Found } from './condition.ts'
import { interfaceToward } from './route-lookup.ts'
import { responseTo, type View } from './view.ts'

interface Link {
  /** The interface that stands for it: the adapter, or the bond over its ports. */
  readonly adapter: NetworkInterface
  readonly prefixes: readonly Prefix[]
  readonly isKnown: boolean
}

export function findNetworks(view: View): Found[] {
  const links = linksOf(view).sort((a, b) => rank(a, view) - rank(b, view))
  const [main, ...others] = links
  if (main === undefined) return []
  return others.flatMap((other): Found[] => {
    if (areOneNetwork(main, other)) return []
    const pair = [main.adapter.index, other.adapter.index].sort((a, b) => a - b)
    return [
      {
        code: 'two-networks',
        parts: pair,
        interface: other.adapter,
        others: [main.adapter],
        confidence: 'link-up',
        response: other.isKnown ? 'isolate' : responseTo(other.adapter, view),
        allowedBy: areBothOwn(main, other, view) ? 'approved-networks' : null,
      },
    ]
  })
}

function linksOf(view: View): Link[] {
  const links = new Map<number, { adapter: NetworkInterface; prefixes: Prefix[]; isKnown: boolean }>()
  for (const adapter of view.picture.interfaces) {
    const medium = mediumOf(adapter)
    if (!isLive(adapter) || medium === 'tunnel' || medium === 'vpn') continue
    if (isInnerBridge(adapter, view.adapters, view.policy)) continue
    const prefixes = prefixesOf(adapter)
    const ways = prefixes.length === 0 ? [] : waysOutOf(adapter, view.adapters)
    const root = rootOf(ways, view)
    if (root === null) continue
    const isKnown = isKnownWay(adapter, view.adapters, view.policy)
    const link = links.get(root.index)
    if (link === undefined) links.set(root.index, { adapter: root, prefixes, isKnown })
    else link.prefixes.push(...prefixes)
  }
  return [...links.values()]
}

/** The master over the ways where they have one: two ports of a bond are one link. */
function rootOf(ways: readonly NetworkInterface[], { adapters }: View): NetworkInterface | null {
  const first = ways[0]
  if (first === undefined) return null
  return adapters.get(first.masterIndex ?? -1) ?? first
}

/** Networks that its addresses say it is on; what every interface has by itself says nothing. */
function prefixesOf(adapter: NetworkInterface): Prefix[] {
  return adapter.addresses.flatMap(({ address, prefixLength }): Prefix[] => {
    const parsed: Address | null = parseAddress(address)
    if (parsed === null) return []
    const kind = kindOf(parsed)
    if (kind !== 'private' && kind !== 'public' && kind !== 'special') return []
    const prefix = parsePrefix(`${address}/${prefixLength}`)
    return prefix === null ? [] : [prefix]
  })
}

/** Where both have addresses of one family and none of them meet, they are two; else nothing says that they are. */
function areOneNetwork(a: Link, b: Link): boolean {
  const meets = a.prefixes.some((one) => b.prefixes.some((other) => covers(one, other) || covers(other, one)))
  if (meets) return true
  const families = new Set(a.prefixes.map(({ family }) => family))
  return !b.prefixes.some(({ family }) => families.has(family))
}

/** Two networks of the unit's own, over adapters that it knows, are how the unit wired it. */
function areBothOwn(a: Link, b: Link, { rules }: View): boolean {
  const own = (rules?.prefixes ?? []).map(parsePrefix).filter((prefix) => prefix !== null)
  if (!a.isKnown || !b.isKnown || own.length === 0) return false
  return [...a.prefixes, ...b.prefixes].every((prefix) => own.some((each) => covers(each, prefix)))
}

/** The unit's own link first, then the one towards the console, then by number: the rest is the second network. */
function rank({ adapter, isKnown }: Link, view: View): number {
  const isToConsole = view.console.some(({ address }) => {
    const parsed = parseAddress(address)
    return parsed !== null && interfaceToward(parsed, view.picture) === adapter.index
  })
  return (isKnown ? 0 : 4e9) + (isToConsole ? 0 : 2e9) + Math.min(1e9, adapter.index)
}
