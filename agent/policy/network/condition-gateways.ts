/** Gateways that are not the registered ones, and a second way by default. Pure. */
import {
  type ApprovedGateway,
  kindOf,
  type Neighbour,
  type NetworkInterface,
  parseAddress,
  type Route,
} from '@shoukou/protocol'
import { isKnownWay, isLive, leadsOut } from './adapters.ts'
import type { Found } from './condition.ts'
import { sameAddress } from './route-lookup.ts'
import { responseTo, type View } from './view.ts'

export function findGateways(view: View): Found[] {
  return [...findUnapproved(view), ...findSecondDefaults(view)]
}

function findUnapproved(view: View): Found[] {
  const { rules, picture } = view
  if (rules === null) return []
  const found: Found[] = []
  for (const route of picture.routes) {
    const adapter = view.adapters.get(route.interfaceIndex ?? -1)
    if (route.gateway === null || adapter === undefined) continue
    if (!isLive(adapter) || !leadsOut(adapter, view.adapters)) continue
    found.push(...judgeGateway(route.gateway, adapter, rules.gateways, view))
  }
  return found
}

function judgeGateway(
  gateway: string,
  adapter: NetworkInterface,
  approved: readonly ApprovedGateway[],
  view: View,
): Found[] {
  const address = parseAddress(gateway)
  const peerMac = macOf(gateway, adapter, view.picture.neighbours)
  const ofAddress = approved.filter((each) => sameAddress(parseAddress(each.address), address))
  const about = {
    interface: adapter,
    peer: { address: gateway, port: null },
    peerMac,
    confidence: peerMac === null ? ('link-up' as const) : ('confirmed-reachability' as const),
    response: responseTo(adapter, view),
  }
  if (ofAddress.length === 0) {
    // A router advertises itself by its link-local address; the register may know it by its MAC alone, or leave it to
    // whoever answers for the registered address.
    const { neighbours } = view.picture
    const isKnown = ({ mac, address: own }: ApprovedGateway): boolean =>
      (mac ?? macOf(own, adapter, neighbours)) === peerMac
    if (peerMac !== null && approved.some(isKnown)) return []
    // Until it has answered, nothing says which of the routers it is; one that never answers carries nothing.
    const mayBeKnown = peerMac === null && address !== null && kindOf(address) === 'link-local'
    if (mayBeKnown && approved.length > 0) return []
    const expected = approved
      .map((each) => each.address)
      .join(', ')
      .slice(0, 1_000)
    return [
      {
        code: 'unapproved-gateway',
        parts: [adapter.index, gateway],
        ...about,
        text: gateway,
        expected: expected === '' ? null : expected,
      },
    ]
  }
  const isMacApproved = peerMac === null || ofAddress.some(({ mac }) => mac === null || mac === peerMac)
  if (isMacApproved) return []
  const expected = ofAddress.flatMap(({ mac }) => (mac === null ? [] : [mac])).join(', ')
  return [
    {
      code: 'gateway-mac-differs',
      parts: [adapter.index, gateway, peerMac],
      ...about,
      text: peerMac,
      expected,
    },
  ]
}

/** What answers for an address on an interface; null where nothing has answered. */
function macOf(gateway: string, adapter: NetworkInterface, neighbours: readonly Neighbour[]): string | null {
  const wanted = parseAddress(gateway)
  const found = neighbours.find(
    ({ address, interfaceIndex, state }) =>
      interfaceIndex === adapter.index &&
      state !== 'failed' &&
      state !== 'incomplete' &&
      sameAddress(parseAddress(address), wanted),
  )
  return found?.mac ?? null
}

/** Default routes over two interfaces: each family by itself, as IPv6's come by router advertisement. */
function findSecondDefaults(view: View): Found[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const defaults = view.picture.routes.filter(
      (route) => route.family === family && route.prefixLength === 0 && isOver(route, view),
    )
    const first = [...defaults].sort((a, b) => rank(a, view) - rank(b, view))[0]
    const main = view.adapters.get(first?.interfaceIndex ?? -1)
    if (main === undefined) return []
    const others = new Map(
      defaults
        .filter(({ interfaceIndex }) => interfaceIndex !== main.index)
        .map((r) => [r.interfaceIndex, r]),
    )
    return [...others.values()].flatMap((route): Found[] => {
      const adapter = view.adapters.get(route.interfaceIndex ?? -1)
      if (adapter === undefined) return []
      const pair = [main.index, adapter.index].sort((a, b) => a - b)
      return [
        {
          code: 'second-default-route',
          parts: [family, ...pair],
          interface: adapter,
          others: [main],
          peer: route.gateway === null ? null : { address: route.gateway, port: null },
          peerMac: route.gateway === null ? null : macOf(route.gateway, adapter, view.picture.neighbours),
          text: family,
          confidence: 'link-up',
          response: isKnownWay(adapter, view.adapters, view.policy) ? 'isolate' : responseTo(adapter, view),
        },
      ]
    })
  })
}

function isOver(route: Route, view: View): boolean {
  const adapter = view.adapters.get(route.interfaceIndex ?? -1)
  return adapter !== undefined && isLive(adapter) && leadsOut(adapter, view.adapters)
}

/** The unit's own way comes first; then what the kernel would take. */
function rank(route: Route, view: View): number {
  const adapter = view.adapters.get(route.interfaceIndex ?? -1)
  const isKnown = adapter !== undefined && isKnownWay(adapter, view.adapters, view.policy)
  return (isKnown ? 0 : 2 ** 40) + (route.metric ?? 0) * 256 + Math.min(255, route.interfaceIndex ?? 255)
}
