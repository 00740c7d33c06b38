/** Who answers for a gateway: pure. */
import type { Route } from '@shoukou/protocol/events/shapes.ts'
import type { Neighbour } from '@shoukou/protocol/network/shapes.ts'

/** Returns the MAC that answers for a route's gateway on that interface; null where none is known to. */
export function macOfGateway(
  { gateway, interfaceIndex }: Pick<Route, 'gateway' | 'interfaceIndex'>,
  neighbours: readonly Neighbour[],
): string | null {
  const found = neighbours.find(
    (one) => one.address === gateway && (interfaceIndex === null || one.interfaceIndex === interfaceIndex),
  )
  return found?.mac ?? null
}
