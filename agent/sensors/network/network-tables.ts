/**
 * The interfaces and routes as the sensor knows them, and what it tells when they differ. Pure: messages and dumps come
 * in, facts go out by `emit`.
 */
import type { Fact, NetworkInterface, Origin, Route } from '@shoukou/protocol'
import { originOfThing } from '../origin.ts'
import { interfaceFacts } from './interface-facts.ts'
import { interfaceInstanceKey, interfaceKey } from './interface-place.ts'
import {
  applyMessages,
  diffInterfaces,
  type InterfaceChange,
  type InterfaceDetails,
  tableOf,
} from './interface-state.ts'
import { messageRuns } from './message-runs.ts'
import type { LinkMessage, NetDump, NetMessage } from './net-messages.ts'
import { applyRoutes, diffRoutes, type RouteChanges, routeFacts, routeKey, routeTableOf } from './routes.ts'

export interface NetworkTablesOptions {
  readonly emit: (fact: Fact) => void
  readonly originAtStart: (key: string) => Origin
}

export type DetailsOf = (message: LinkMessage) => InterfaceDetails

export class NetworkTables {
  readonly #options: NetworkTablesOptions
  readonly #startOrigins = new Map<number, Origin>()
  #interfaces = new Map<number, NetworkInterface>()
  #routes = new Map<string, Route>()
  #isStarting = true
  #areKeysNew = true

  constructor(options: NetworkTablesOptions) {
    this.#options = options
  }

  get interfaces(): ReadonlyMap<number, NetworkInterface> {
    return this.#interfaces
  }

  get routes(): ReadonlyMap<string, Route> {
    return this.#routes
  }

  /** Nothing has been told yet: the first dump is the start, and what came before it is in it. */
  get isStarting(): boolean {
    return this.#isStarting
  }

  /** Tells every state that the messages carry, in their order; returns how many changes that were. */
  play(messages: readonly NetMessage[], detailsOf: DetailsOf): number {
    if (this.#isStarting) return 0
    let told = 0
    for (const run of messageRuns(messages)) {
      if (run.kind === 'routes') {
        for (const change of applyRoutes(this.#routes, run.messages, this.#interfaces)) {
          told += this.#tellRoutes(change, 'appeared')
        }
      } else {
        const changes = applyMessages(this.#interfaces, run.messages, detailsOf)
        for (const change of changes) this.#tell(change)
        told += changes.length
      }
    }
    return told
  }

  /** Takes a dump that is younger than all that was played: tells what differs, and returns how much that was. */
  reconcile(dump: NetDump, detailsOf: DetailsOf): number {
    const interfaces = tableOf(dump.links, dump.addresses, detailsOf)
    const changes = diffInterfaces(this.#interfaces, interfaces)
    this.#interfaces = interfaces
    for (const change of changes) this.#tell(change)
    const routes = routeTableOf(dump.routes, interfaces)
    const difference = diffRoutes(this.#routes, routes)
    this.#routes = routes
    const told = this.#isStarting
      ? this.#tellStartRoutes(difference.added)
      : this.#tellRoutes(difference, 'appeared')
    this.#isStarting = false
    return changes.length + told
  }

  /** Returns the keys of all that is present, where they are others than those returned last. */
  takeNewKeys(): Set<string> | null {
    if (!this.#areKeysNew) return null
    this.#areKeysNew = false
    return new Set([...[...this.#interfaces.values()].map(interfaceInstanceKey), ...this.#routes.keys()])
  }

  #tell(change: InterfaceChange): void {
    this.#areKeysNew = true
    for (const fact of interfaceFacts(change, this.#originOf(change))) this.#options.emit(fact)
  }

  #originOf(change: InterfaceChange): Origin {
    if (!this.#isStarting || change.kind !== 'added') return 'appeared'
    const keys = { identity: interfaceKey(change.after), instance: interfaceInstanceKey(change.after) }
    const origin = originOfThing(keys, this.#options.originAtStart)
    this.#startOrigins.set(change.after.index, origin)
    return origin
  }

  #tellRoutes(changes: RouteChanges, origin: Origin): number {
    const facts = routeFacts(changes, origin)
    if (facts.length > 0) this.#areKeysNew = true
    for (const fact of facts) this.#options.emit(fact)
    return facts.length
  }

  /** A route of an interface that was there at enrolment was there with it. */
  #tellStartRoutes(routes: readonly Route[]): number {
    const byOrigin = Map.groupBy(routes, (route): Origin => {
      const origin = this.#options.originAtStart(routeKey(route))
      const ofInterface = this.#startOrigins.get(route.interfaceIndex ?? -1)
      return origin === 'present-at-start' && ofInterface === 'baseline' ? 'baseline' : origin
    })
    let told = 0
    for (const [origin, added] of byOrigin) told += this.#tellRoutes({ added, removed: [] }, origin)
    return told
  }
}
