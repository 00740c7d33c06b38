/**
 * For tests of the first net: one cgroup, one poller, and the nets that a test opens, gone when it ends.
 */
import { type Destination, type NetTotals, parsePrefix } from '@shoukou/protocol'
import { expect } from 'vitest'
import { openPoller, type Poller } from '../../../base/poll-linux.ts'
import type { ConnectionEvent, ConnectionRules } from '../connection-net.ts'
import { type ConnectionNetOptions, openConnectionNet, removeConnectionNet } from '../connection-net-linux.ts'
import type { LiveConnectionNet } from '../connection-net-live-linux.ts'
import { ConnectingCgroup, type Storm, type StormShape } from './connecting-cgroup.ts'

export const EPERM = 1
export const nothing: ConnectionRules = { approved: [], refuses: false, refusesRaw: false }
export const refusing: ConnectionRules = { approved: [], refuses: true, refusesRaw: true }
/** 20,000 of them, by 50 processes, to 100 destinations. */
export const greatStorm: StormShape = { way: 'tcp', hosts: '127.0.1.%d', processes: 50, each: 400 }

export class NetLab {
  readonly area: ConnectingCgroup
  readonly poller: Poller
  readonly #open: LiveConnectionNet[] = []

  private constructor(area: ConnectingCgroup, poller: Poller) {
    this.area = area
    this.poller = poller
  }

  static async begin(): Promise<NetLab> {
    return new NetLab(new ConnectingCgroup(), await openPoller())
  }

  async end(): Promise<void> {
    for (const net of this.#open.splice(0)) net.close({ keep: false })
    await removeConnectionNet({ pins: this.area.pins })
    await this.poller.close()
    this.area[Symbol.dispose]()
  }

  attempt(more: Partial<ConnectionNetOptions> = {}) {
    const { cgroup, pins } = this.area
    return openConnectionNet({ poller: this.poller, cgroup, pins, ...more })
  }

  async open(more: Partial<ConnectionNetOptions> = {}): Promise<LiveConnectionNet> {
    const opened = await this.attempt(more)
    if (opened.net === null) throw new Error(`${opened.reason} ${opened.remedy}`)
    this.#open.push(opened.net)
    return opened.net
  }

  async netWith(
    rules: ConnectionRules,
    more: Partial<ConnectionNetOptions> = {},
  ): Promise<LiveConnectionNet> {
    const net = await this.open(more)
    await net.setRules(rules)
    return net
  }

  /** As the agent ends in order. */
  leave(net: LiveConnectionNet): void {
    this.#open.splice(this.#open.indexOf(net), 1)
    net.close({ keep: true })
  }

  /** A reader as network control has one, and a storm beside it. */
  async stormBeside(
    net: LiveConnectionNet,
    shape: StormShape,
  ): Promise<{ readonly events: readonly ConnectionEvent[]; readonly storm: Storm }> {
    const events: ConnectionEvent[] = []
    net.onReady(() => {
      events.push(...drainAll(net))
    })
    const storm = await this.area.storm(shape)
    await expect.poll(() => net.totals().prohibited - net.totals().lost - events.length).toBe(0)
    return { events, storm }
  }
}

export function drainAll(net: LiveConnectionNet): ConnectionEvent[] {
  const events: ConnectionEvent[] = []
  for (let some = net.drain(5_000); some.length > 0; some = net.drain(5_000)) events.push(...some)
  return events
}

export function all(text: string, more: Partial<Destination> = {}): Destination {
  const prefix = parsePrefix(text)
  if (prefix === null) throw new Error(text)
  return { prefix, protocol: null, firstPort: 0, lastPort: 65_535, rule: 'approved-destination', ...more }
}

/** Of attempts that were all prohibited, and all told. */
export function totalsOf(prohibited: number, refused = 0): NetTotals {
  return { counted: prohibited, approved: 0, prohibited, reported: prohibited, lost: 0, refused }
}
