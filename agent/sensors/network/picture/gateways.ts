/** Which neighbours are gateways: the ones that a finding is about. Pure. */
import { type Neighbour, type Picture, type RawText, type Route, rawTextKey } from '@shoukou/protocol'

/** The gateway of a default route, and who answers for it. */
export interface Gateway {
  readonly interfaceName: RawText | null
  readonly address: string
  /** Null where nobody has asked for it lately. */
  readonly mac: string | null
}

/** Returns the gateways of the default routes, each once. */
export function gatewaysOf({ routes, neighbours }: Pick<Picture, 'routes' | 'neighbours'>): Gateway[] {
  const found = new Map<string, Gateway>()
  for (const { prefixLength, gateway, interfaceIndex, interfaceName } of routes) {
    if (prefixLength !== 0 || gateway === null) continue
    const neighbour = neighbours.find(
      (one) => one.interfaceIndex === interfaceIndex && one.address === gateway,
    )
    const one = { interfaceName, address: gateway, mac: neighbour?.mac ?? null }
    found.set(gatewayKey(one), one)
  }
  return [...found.values()]
}

/** What tells one gateway from another: the interface's name (an index is given anew at each start) and its address. */
export function gatewayKey({ interfaceName, address }: Pick<Gateway, 'interfaceName' | 'address'>): string {
  return `${interfaceName === null ? '' : rawTextKey(interfaceName)} ${address}`
}

/** Returns `index address` for the next hop of each route, to know their neighbours by. */
export function nextHopsOf(routes: readonly Route[]): ReadonlySet<string> {
  return new Set(
    routes.flatMap(({ gateway, interfaceIndex }) =>
      gateway === null ? [] : [`${interfaceIndex ?? 0} ${gateway}`],
    ),
  )
}

/** Reports whether a neighbour is one of them. */
export function isNextHop({ interfaceIndex, address }: Neighbour, nextHops: ReadonlySet<string>): boolean {
  return nextHops.has(`${interfaceIndex} ${address}`)
}
