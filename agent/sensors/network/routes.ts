/** Routes as facts: what was added and removed, in pieces that fit one fact. Pure. */
import { type FactNamed, LIMITS, type NetworkInterface, type Origin, type Route } from '@shoukou/protocol'
import type { RouteMessage } from './net-messages.ts'

export type RouteTable = ReadonlyMap<string, Route>

export interface RouteChanges {
  readonly added: readonly Route[]
  readonly removed: readonly Route[]
}

/** Returns the key of one route: two that share it are one. Its interface's name is not part of it. */
export function routeKey(route: Route): string {
  const { family, destination, prefixLength, gateway, interfaceIndex, table, metric } = route
  return JSON.stringify(['route', family, destination, prefixLength, gateway, interfaceIndex, table, metric])
}

export function routeOf(message: RouteMessage, interfaces: ReadonlyMap<number, NetworkInterface>): Route {
  const { family, destination, prefixLength, gateway, table, metric, index } = message
  const interfaceName = index === null ? null : (interfaces.get(index)?.name ?? null)
  return { family, destination, prefixLength, gateway, interfaceIndex: index, interfaceName, table, metric }
}

export function routeTableOf(
  messages: readonly RouteMessage[],
  interfaces: ReadonlyMap<number, NetworkInterface>,
): Map<string, Route> {
  return new Map(
    messages.map((message) => routeOf(message, interfaces)).map((route) => [routeKey(route), route]),
  )
}

export function diffRoutes(before: RouteTable, after: RouteTable): RouteChanges {
  return {
    added: [...after].filter(([key]) => !before.has(key)).map(([, route]) => route),
    removed: [...before].filter(([key]) => !after.has(key)).map(([, route]) => route),
  }
}

/**
 * Plays route messages one by one on a table, in place; returns a change for each that had an effect, so that a brief
 * route is told too.
 */
export function applyRoutes(
  table: Map<string, Route>,
  messages: readonly RouteMessage[],
  interfaces: ReadonlyMap<number, NetworkInterface>,
): readonly RouteChanges[] {
  const changes: RouteChanges[] = []
  for (const message of messages) {
    const route = routeOf(message, interfaces)
    const key = routeKey(route)
    const old = table.get(key)
    if (message.isRemoval === (old === undefined)) continue
    if (message.isRemoval) table.delete(key)
    else table.set(key, route)
    changes.push(message.isRemoval ? { added: [], removed: [old ?? route] } : { added: [route], removed: [] })
  }
  return joinRuns(changes)
}

/** Makes one change of those in a row that only add or only remove. */
function joinRuns(changes: readonly RouteChanges[]): RouteChanges[] {
  const joined: { added: Route[]; removed: Route[] }[] = []
  for (const change of changes) {
    const last = joined.at(-1)
    const isSameWay = last !== undefined && last.added.length > 0 === change.added.length > 0
    if (isSameWay) {
      last.added.push(...change.added)
      last.removed.push(...change.removed)
    } else joined.push({ added: [...change.added], removed: [...change.removed] })
  }
  return joined
}

/** Returns the facts that tell a change: one, or as many as the limit of one fact makes of it. */
export function routeFacts(changes: RouteChanges, origin: Origin): FactNamed<'network.routes-changed'>[] {
  const max = LIMITS.routesPerFactMax
  const pieces = Math.ceil(Math.max(changes.added.length, changes.removed.length) / max)
  return Array.from({ length: pieces }, (_, piece) => ({
    kind: 'network.routes-changed',
    origin,
    added: changes.added.slice(piece * max, (piece + 1) * max),
    removed: changes.removed.slice(piece * max, (piece + 1) * max),
    continues: piece + 1 < pieces,
  }))
}
