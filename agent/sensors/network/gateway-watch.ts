/**
 * The hardware addresses of gateways: the one thing that a neighbour's message is looked at for. Pure.
 *
 * A busy network sends thousands of neighbour messages a second, and none but this one can be evidence at once: that
 * another device answers in a gateway's place. All neighbours are read anew for each picture.
 */
import { LIMITS, type Neighbour, type Route } from '@shoukou/protocol'
import type { NeighbourMessage } from './net-messages.ts'

/** Gateways of all routes: no computer has more than a few. */
const gatewaysWatchedMax = LIMITS.pictureItemsMax * 8

export class GatewayWatch {
  /** The hardware address last known, by interface and address of the gateway; null where none has answered yet. */
  #macs = new Map<string, string | null>()

  /** Takes the routes that stand now; what is known of gateways that stay is kept. */
  follow(routes: Iterable<Route>): void {
    const macs = new Map<string, string | null>()
    for (const { gateway, interfaceIndex } of routes) {
      if (gateway === null || interfaceIndex === null || macs.size >= gatewaysWatchedMax) continue
      const key = keyOf(gateway, interfaceIndex)
      macs.set(key, this.#macs.get(key) ?? null)
    }
    this.#macs = macs
  }

  /** Reports whether another hardware address than the last known, or a first one, answers for a gateway. */
  hears({ neighbour, isRemoval }: NeighbourMessage): boolean {
    return !isRemoval && this.#learn(neighbour)
  }

  /** Takes all neighbours as they stand; reports whether a gateway's hardware address differs. */
  learn(neighbours: readonly Neighbour[]): boolean {
    let differs = false
    for (const neighbour of neighbours) differs = this.#learn(neighbour) || differs
    return differs
  }

  #learn({ address, interfaceIndex, mac }: Neighbour): boolean {
    if (mac === null) return false
    const key = keyOf(address, interfaceIndex)
    const known = this.#macs.get(key)
    if (known === undefined || known === mac) return false
    this.#macs.set(key, mac)
    return true
  }
}

function keyOf(address: string, interfaceIndex: number): string {
  return `${interfaceIndex} ${address}`
}
