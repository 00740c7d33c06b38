/**
 * The network sensor: interfaces with addresses, and routes. rtnetlink messages as hints that carry states, dumps as truth,
 * a sweep behind both; without rtnetlink the sweep alone, over sysfs and /proc/net.
 */
import type { NetworkInterface, Origin, Route } from '@shoukou/protocol'
import type { LazyPoller } from '../../base/poll-linux.ts'
import { originOfThing } from '../origin.ts'
import { OverflowWatch } from '../overflow-watch.ts'
import type { Sensor, SensorContext } from '../sensor.ts'
import { SensorRun } from '../sensor-run.ts'
import { interfaceInstanceKey, interfaceKey } from './interface-place.ts'
import {
  applyMessages,
  diffInterfaces,
  type InterfaceChange,
  type InterfaceDetails,
  type InterfaceTable,
  tableOf,
} from './interface-state.ts'
import type { LinkMessage, NetMessage, RouteMessage } from './parse-rtnetlink.ts'
import { detailsFromMessage, readInterfaceDetails } from './read-interface-linux.ts'
import { readNetwork } from './read-network-linux.ts'
import {
  applyRoutes,
  diffRoutes,
  type RouteChanges,
  type RouteTable,
  routeFacts,
  routeKey,
  routeTableOf,
} from './routes.ts'
import { type NetDump, Rtnetlink } from './rtnetlink-linux.ts'

export interface NetworkSensorOptions {
  readonly poller: LazyPoller
  readonly sys?: string
  readonly proc?: string
  readonly sweepMs?: number
  readonly receiveBufferBytes?: number
}

/** Returns the sensor; it runs once at a time. */
export function createNetworkSensor(options: NetworkSensorOptions): Sensor {
  let current: NetworkRun | undefined
  return {
    name: 'network',
    async run(context) {
      current = new NetworkRun(options, context)
      try {
        await current.run()
      } finally {
        current = undefined
      }
    },
    async rescan() {
      await current?.rescan()
    },
  }
}

/** Reads all interfaces once, as the sensor does at its start. */
export async function readAllInterfaces(sys: string, proc: string): Promise<NetworkInterface[]> {
  const dump = await readNetwork(sys, proc)
  const details = new Map(
    await Promise.all(
      dump.links.map(async (link) => [link.index, await readInterfaceDetails(sys, link)] as const),
    ),
  )
  const table = tableOf(
    dump.links,
    dump.addresses,
    (link) => details.get(link.index) ?? detailsFromMessage(link),
  )
  return [...table.values()]
}

/** A dump and all messages that came until nothing more came. */
interface Sight {
  readonly dump: NetDump | null
  readonly messages: readonly NetMessage[]
}

const dumpRoundsMax = 4
const inboxMessagesMax = 200_000
const retryMs = 100

class NetworkRun {
  readonly #options: NetworkSensorOptions
  readonly #context: SensorContext
  readonly #run: SensorRun
  readonly #overflows = new OverflowWatch()
  readonly #details = new Map<number, InterfaceDetails>()
  readonly #startOrigins = new Map<number, Origin>()
  #inbox: NetMessage[] = []
  #rtnetlink: Rtnetlink | undefined
  #refusal: string | null = null
  #interfaces: InterfaceTable = new Map()
  #routes: RouteTable = new Map()
  #isStarting = true

  constructor(options: NetworkSensorOptions, context: SensorContext) {
    this.#options = options
    this.#context = context
    this.#run = new SensorRun(context, () => this.#look())
  }

  async run(): Promise<void> {
    const { poller, sweepMs = 2_000, receiveBufferBytes = 8_388_608 } = this.#options
    try {
      this.#rtnetlink = await Rtnetlink.open(poller, receiveBufferBytes, () => {
        this.#receive()
        void this.#run.task.request()
      })
    } catch (error) {
      this.#refusal = `rtnetlink cannot be used: ${messageOf(error)}`
    }
    try {
      await this.#run.task.request()
      this.#context.ready()
      this.#run.sweepEvery(sweepMs, () => void this.#run.task.request())
      await this.#run.untilEnd()
    } finally {
      this.#rtnetlink?.close()
      this.#rtnetlink = undefined
    }
  }

  rescan(): Promise<void> {
    return this.#run.task.request()
  }

  #receive(): void {
    try {
      const taken = this.#rtnetlink?.take()
      if (taken === undefined) return
      if (taken.dropped > 0) this.#context.log.warn({ dropped: taken.dropped }, 'rtnetlink messages dropped')
      if (taken.overflowed) this.#overflows.noticed('netlink-route', performance.now())
      if (this.#inbox.length + taken.messages.length > inboxMessagesMax) {
        this.#inbox = []
        this.#overflows.noticed('pending-messages', performance.now())
        return
      }
      for (const message of taken.messages) this.#inbox.push(message)
    } catch (error) {
      this.#fallBack(error)
    }
  }

  #fallBack(error: unknown): void {
    this.#rtnetlink?.close()
    this.#rtnetlink = undefined
    this.#refusal = `rtnetlink failed: ${messageOf(error)}`
    this.#context.log.error({ reason: messageOf(error) }, 'rtnetlink lost, only the sweep is left')
  }

  async #look(): Promise<void> {
    const sight = this.#rtnetlink === undefined ? await this.#readSlowly() : this.#ask()
    if (sight === null) return
    await this.#learnDetails(sight)
    const overflows = sight.dump === null ? [] : this.#overflows.take(performance.now())
    const waitMs = this.#overflows.waitMs(performance.now())
    if (waitMs !== null) this.#run.lookAfter(Math.max(waitMs, 1), () => void this.#run.task.request())
    // What came before the first dump is in the dump.
    let told = this.#isStarting ? 0 : this.#play(sight.messages)
    if (sight.dump !== null) told += this.#reconcile(sight.dump)
    if (told > 0 || this.#isStarting) this.#remember()
    if (sight.dump !== null) this.#isStarting = false
    this.#forgetDetails()
    for (const { queue, noticedMs } of overflows) {
      const rescanMs = Math.max(0, Math.round(performance.now() - noticedMs))
      this.#context.emit({ kind: 'sensor.overflow', sensor: 'network', queue, rescanMs, changesFound: told })
    }
  }

  /**
   * Dumps until no message came meanwhile: only then is the dump younger than all that was heard, and what it lacks is
   * truly gone. In a storm without end the messages alone are played, each being a state that stood.
   */
  #ask(): Sight | null {
    let dump: NetDump | null = null
    const messages: NetMessage[] = []
    for (let round = 0; round < dumpRoundsMax; round += 1) {
      this.#receive()
      messages.push(...this.#inbox.splice(0))
      if (this.#rtnetlink === undefined) return null
      dump = this.#dump()
      this.#receive()
      if (dump !== null && this.#inbox.length === 0) return { dump, messages }
    }
    messages.push(...this.#inbox.splice(0))
    this.#run.lookAfter(retryMs, () => void this.#run.task.request())
    const mustSettle = this.#isStarting || this.#overflows.waitMs(performance.now()) !== null
    return { dump: mustSettle ? dump : null, messages }
  }

  #dump(): NetDump | null {
    try {
      const dump = this.#rtnetlink?.dump() ?? null
      this.#run.cover({ state: 'watching', method: 'rtnetlink', reason: null, remedy: null })
      return dump
    } catch (error) {
      const reason = messageOf(error)
      this.#context.log.warn({ reason }, 'rtnetlink dump failed, asking again')
      // The messages still come, the truth behind them does not.
      this.#run.cover({ state: 'fallback', method: 'rtnetlink-messages', reason, remedy: null })
      return null
    }
  }

  async #readSlowly(): Promise<Sight | null> {
    const { sys = '/sys', proc = '/proc' } = this.#options
    const remedy = 'needs a koffi build for this processor and permission to open AF_NETLINK sockets'
    try {
      const dump = await readNetwork(sys, proc)
      this.#run.cover({ state: 'fallback', method: 'sysfs-sweep', reason: this.#refusal, remedy })
      return { dump, messages: this.#inbox.splice(0) }
    } catch (error) {
      this.#run.cover({ state: 'not-watched', method: 'none', reason: messageOf(error), remedy })
      return null
    }
  }

  /** Reads from sysfs what is not known yet of the interfaces named; by the name that they bear now. */
  async #learnDetails(sight: Sight): Promise<void> {
    const wanted = new Map<number, LinkMessage>()
    for (const message of sight.messages) {
      if (message.kind === 'link' && !message.isRemoval) wanted.set(message.index, message)
    }
    for (const link of sight.dump?.links ?? []) wanted.set(link.index, link)
    const unknown = [...wanted.values()].filter((link) => this.#details.get(link.index)?.isRead !== true)
    const { sys = '/sys' } = this.#options
    await Promise.all(
      unknown.map(async (link) => this.#details.set(link.index, await readInterfaceDetails(sys, link))),
    )
  }

  #detailsOf(message: LinkMessage): InterfaceDetails {
    return this.#details.get(message.index) ?? detailsFromMessage(message)
  }

  #play(messages: readonly NetMessage[]): number {
    let told = 0
    for (const run of runsOf(messages)) {
      if (run.kind === 'routes') {
        const { table, changes } = applyRoutes(this.#routes, run.messages, this.#interfaces)
        this.#routes = table
        for (const change of changes) told += this.#tellRoutes(change, 'appeared')
      } else {
        const { table, changes } = applyMessages(this.#interfaces, run.messages, (link) =>
          this.#detailsOf(link),
        )
        this.#interfaces = table
        for (const change of changes) this.#tell(change)
        told += changes.length
      }
    }
    return told
  }

  #reconcile(dump: NetDump): number {
    const interfaces = tableOf(dump.links, dump.addresses, (link) => this.#detailsOf(link))
    const changes = diffInterfaces(this.#interfaces, interfaces)
    this.#interfaces = interfaces
    for (const change of changes) this.#tell(change)
    const routes = routeTableOf(dump.routes, interfaces)
    const difference = diffRoutes(this.#routes, routes)
    this.#routes = routes
    const told = this.#isStarting
      ? this.#tellStartRoutes(difference.added)
      : this.#tellRoutes(difference, 'appeared')
    return changes.length + told
  }

  #tell(change: InterfaceChange): void {
    switch (change.kind) {
      case 'added': {
        const keys = { identity: interfaceKey(change.after), instance: interfaceInstanceKey(change.after) }
        const origin = this.#isStarting
          ? originOfThing(keys, (key) => this.#context.originAtStart(key))
          : 'appeared'
        if (this.#isStarting) this.#startOrigins.set(change.after.index, origin)
        const sighting = change.isRead ? 'snapshot' : 'event-only'
        this.#context.emit({ kind: 'network.interface-added', origin, sighting, interface: change.after })
        return
      }
      case 'changed':
        this.#context.emit({
          kind: 'network.interface-changed',
          before: change.before,
          interface: change.after,
        })
        return
      case 'removed':
        this.#context.emit({ kind: 'network.interface-removed', interface: change.before })
        return
    }
  }

  #tellRoutes(changes: RouteChanges, origin: Origin): number {
    const facts = routeFacts(changes, origin)
    for (const fact of facts) this.#context.emit(fact)
    return facts.length
  }

  /** A route of an interface that was there at enrolment was there with it. */
  #tellStartRoutes(routes: readonly Route[]): number {
    const byOrigin = Map.groupBy(routes, (route): Origin => {
      const origin = this.#context.originAtStart(routeKey(route))
      const ofInterface = this.#startOrigins.get(route.interfaceIndex ?? -1)
      return origin === 'present-at-start' && ofInterface === 'baseline' ? 'baseline' : origin
    })
    let told = 0
    for (const [origin, added] of byOrigin) told += this.#tellRoutes({ added, removed: [] }, origin)
    return told
  }

  #remember(): void {
    const keys = [...this.#interfaces.values()].map(interfaceInstanceKey)
    this.#context.remember(new Set([...keys, ...this.#routes.keys()]))
  }

  #forgetDetails(): void {
    for (const index of this.#details.keys()) {
      if (!this.#interfaces.has(index)) this.#details.delete(index)
    }
  }
}

type MessageRun =
  | { readonly kind: 'routes'; readonly messages: RouteMessage[] }
  | { readonly kind: 'interfaces'; readonly messages: Exclude<NetMessage, RouteMessage>[] }

/** Splits messages where their subject changes, so that facts come in the order of the kernel's messages. */
function runsOf(messages: readonly NetMessage[]): MessageRun[] {
  const runs: MessageRun[] = []
  for (const message of messages) {
    const last = runs.at(-1)
    if (message.kind === 'route') {
      if (last?.kind === 'routes') last.messages.push(message)
      else runs.push({ kind: 'routes', messages: [message] })
    } else if (last?.kind === 'interfaces') last.messages.push(message)
    else runs.push({ kind: 'interfaces', messages: [message] })
  }
  return runs
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
