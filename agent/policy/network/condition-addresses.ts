/** Addresses of this computer that lie outside the unit's own networks, or on the Internet. Pure. */
import {
  type Address,
  contains,
  type InterfaceAddress,
  kindOf,
  type NetworkInterface,
  type Prefix,
  parseAddress,
  parsePrefix,
} from '@shoukou/protocol'
import { isInnerBridge, isLive, leadsOut } from './adapters.ts'
import type { Found } from './condition.ts'
import { responseTo, type View } from './view.ts'

/** One finding for each interface: addresses that come and go by themselves (RFC 8981) are one story. */
export function findAddresses(view: View): Found[] {
  const own = (view.rules?.prefixes ?? []).map(parsePrefix).filter((prefix) => prefix !== null)
  return view.picture.interfaces.flatMap((adapter) => addressesOf(adapter, own, view))
}

function addressesOf(adapter: NetworkInterface, own: readonly Prefix[], view: View): Found[] {
  if (!isLive(adapter) || !maySpeakOut(adapter, view)) return []
  const outside = adapter.addresses
    .map((each) => ({ each, address: parseAddress(each.address) }))
    .filter((pair): pair is { each: InterfaceAddress; address: Address } => pair.address !== null)
    .filter(({ address }) => !own.some((prefix) => contains(prefix, address)))
    .sort((a, b) => (a.each.address < b.each.address ? -1 : 1))
  const open = outside.find(({ address }) => kindOf(address) === 'public')
  const foreign = outside.find(({ address }) => isForeign(address))
  const found: Found[] = []
  const expected = expectedOf(view)
  if (open !== undefined) found.push(finding('public-address', adapter, open.each, expected, view))
  // A unit that has named no network of its own has nothing to differ from.
  else if (own.length > 0 && foreign !== undefined)
    found.push(finding('foreign-network', adapter, foreign.each, expected, view))
  return found
}

/** A dummy, or the own bridge of what runs containers or virtual machines, has addresses that nobody outside sees; unless packets leave by it. */
function maySpeakOut(adapter: NetworkInterface, { adapters, picture, policy }: View): boolean {
  const isDefault = picture.routes.some(
    ({ prefixLength, interfaceIndex }) => prefixLength === 0 && interfaceIndex === adapter.index,
  )
  return isDefault || (leadsOut(adapter, adapters) && !isInnerBridge(adapter, adapters, policy))
}

function isForeign(address: Address): boolean {
  const kind = kindOf(address)
  return kind === 'private' || kind === 'special'
}

function finding(
  code: 'public-address' | 'foreign-network',
  adapter: NetworkInterface,
  { address, prefixLength }: InterfaceAddress,
  expected: string | null,
  view: View,
): Found {
  return {
    code,
    parts: [adapter.index],
    interface: adapter,
    text: `${address}/${prefixLength}`,
    expected,
    confidence: 'link-up',
    response: responseTo(adapter, view),
  }
}

function expectedOf({ rules }: View): string | null {
  const prefixes = rules?.prefixes ?? []
  return prefixes.length === 0 ? null : prefixes.join(', ').slice(0, 1_000)
}
