/**
 * One run of the network sensor: rtnetlink messages as hints that carry states, told at once; dumps as truth behind them,
 * a sweep behind both; without rtnetlink the sweep alone, over sysfs and /proc/net. What the tables make of it is
 * `network-tables.ts`; when everything is asked for again, `settle-schedule.ts`.
 */
import { OverflowWatch } from '../overflow-watch.ts'
import type { SensorContext } from '../sensor.ts'
import { SensorRun } from '../sensor-run.ts'
import { GatewayListener } from './gateway-listener.ts'
import { KnownDetails } from './known-details.ts'
import { MessageInbox } from './message-inbox.ts'
import type { NetDump } from './net-messages.ts'
import type { NetworkSensorOptions } from './network-sensor.ts'
import { NetworkTables } from './network-tables.ts'
import type { PictureTables } from './picture-tables.ts'
import { PictureTaker } from './picture-taker.ts'
import { readNetwork } from './read-network-linux.ts'
import { readPictureTables } from './read-picture-tables-linux.ts'
import { Rtnetlink } from './rtnetlink-linux.ts'
import { SettleSchedule } from './settle-schedule.ts'

const dumpRoundsMax = 4
const roundsMsMax = 20
/** The messages alone are no full watch where no dump comes through for so long. */
const noDumpMsMax = 5_000
const reopenMs = 30_000
const remedy = 'needs a koffi build for this processor and permission to open AF_NETLINK sockets'

export class NetworkRun {
  readonly #options: NetworkSensorOptions
  readonly #context: SensorContext
  readonly #run: SensorRun
  readonly #overflows = new OverflowWatch()
  readonly #schedule = new SettleSchedule()
  readonly #details: KnownDetails
  readonly #tables: NetworkTables
  readonly #pictures: PictureTaker | null
  readonly #neighbours: GatewayListener
  readonly #inbox: MessageInbox
  #rtnetlink: Rtnetlink | undefined
  #refusal: string | null = null
  #openedMs = Number.NEGATIVE_INFINITY
  /** When the last dump came through. */
  #dumpedMs = Number.NEGATIVE_INFINITY
  /** Everything is to be asked for at the next look, whatever was heard. */
  #isAsked = true
  /** When the next look that a settling waits for is timed. */
  #timedMs = Number.POSITIVE_INFINITY

  constructor(options: NetworkSensorOptions, context: SensorContext) {
    this.#options = options
    this.#context = context
    this.#run = new SensorRun(context, () => this.#look())
    this.#details = new KnownDetails(options.sys ?? '/sys')
    this.#tables = new NetworkTables({
      emit: (fact) => context.emit(fact),
      originAtStart: (key) => context.originAtStart(key),
    })
    this.#inbox = new MessageInbox(this.#overflows, context.log)
    this.#pictures = this.#pictureTaker()
    this.#neighbours = new GatewayListener({
      onChange: () => this.#pictures?.request(),
      onFault: (error) => context.log.warn({ reason: messageOf(error) }, 'the neighbours cannot be read'),
      after: (ms, look) => this.#run.lookAfter(ms, look),
    })
  }

  async run(): Promise<void> {
    const { sweepMs = 2_000 } = this.#options
    await this.#open()
    try {
      await this.#run.task.request()
      this.#context.ready()
      this.#pictures?.request()
      this.#run.sweepEvery(sweepMs, () => {
        if (this.#schedule.maySweep(performance.now())) this.#isAsked = true
        void this.#run.task.request()
      })
      await this.#run.untilEnd()
    } finally {
      this.#rtnetlink?.close()
      this.#rtnetlink = undefined
      await this.#pictures?.stop()
    }
  }

  rescan(): Promise<void> {
    this.#isAsked = true
    return this.#run.task.request()
  }

  currentTables(): PictureTables | null {
    if (this.#tables.isStarting) return null
    const tables = readPictureTables(this.#tables, this.#rtnetlink, (part, error) =>
      this.#context.log.warn({ part, reason: messageOf(error) }, 'a kernel table cannot be read'),
    )
    this.#neighbours.gateways.learn(tables.neighbours)
    return tables
  }

  #pictureTaker(): PictureTaker | null {
    const { readPicture } = this.#options
    if (readPicture === undefined) return null
    return new PictureTaker({
      read: () => {
        const tables = this.currentTables()
        if (tables === null) throw new Error('the network was never read')
        return readPicture(tables)
      },
      tell: (picture, isFirst) => {
        const cause = isFirst ? 'start' : 'changed'
        this.#context.emit({ kind: 'network.picture', cause, picture })
      },
      onFailure: (error) =>
        this.#context.log.error({ reason: messageOf(error) }, 'no picture of the network could be taken'),
    })
  }

  async #open(): Promise<void> {
    const { poller, receiveBufferBytes = 8_388_608 } = this.#options
    this.#openedMs = performance.now()
    try {
      this.#rtnetlink = await Rtnetlink.open({
        poller,
        receiveBufferBytes,
        onReady: () => {
          this.#receive()
          void this.#run.task.request()
        },
        onNeighbours: () => this.#hearNeighbours(),
      })
      this.#isAsked = true
    } catch (error) {
      this.#refusal = `rtnetlink cannot be used: ${messageOf(error)}`
    }
  }

  #receive(): void {
    try {
      const taken = this.#rtnetlink?.take()
      if (taken === undefined) return
      const nowMs = performance.now()
      this.#inbox.put(taken, nowMs)
      if (taken.messages.length > 0) this.#schedule.heard(nowMs)
    } catch (error) {
      this.#fallBack(error)
    }
  }

  #hearNeighbours(): void {
    try {
      if (this.#rtnetlink !== undefined) this.#neighbours.hear(this.#rtnetlink)
    } catch (error) {
      this.#fallBack(error)
    }
  }

  #fallBack(error: unknown): void {
    this.#rtnetlink?.close()
    this.#rtnetlink = undefined
    this.#refusal = `rtnetlink failed: ${messageOf(error)}`
    this.#openedMs = performance.now()
    this.#isAsked = true
    void this.#run.task.request()
    this.#context.log.error({ reason: messageOf(error) }, 'rtnetlink lost, only the sweep is left')
  }

  async #look(): Promise<void> {
    if (this.#rtnetlink === undefined && performance.now() - this.#openedMs > reopenMs) await this.#open()
    if (this.#rtnetlink === undefined) {
      await this.#lookSlowly()
      return
    }
    this.#receive()
    const played = await this.#play()
    const nowMs = performance.now()
    const lostMs = this.#overflows.waitMs(nowMs)
    const heardMs = this.#schedule.waitMs(nowMs)
    if (this.#isAsked || lostMs === 0 || heardMs === 0) await this.#settle(played)
    else this.#lookIn(Math.min(lostMs ?? Number.POSITIVE_INFINITY, heardMs ?? Number.POSITIVE_INFINITY))
  }

  #lookIn(ms: number): void {
    const dueMs = performance.now() + Math.max(1, ms)
    if (dueMs >= this.#timedMs) return
    this.#timedMs = dueMs
    this.#run.lookAfter(Math.max(1, ms), () => {
      if (this.#timedMs === dueMs) this.#timedMs = Number.POSITIVE_INFINITY
      void this.#run.task.request()
    })
  }

  /** Tells what the waiting messages carry, each a state that stood; returns how many changes that were. */
  async #play(): Promise<number> {
    const messages = this.#inbox.empty()
    if (messages.length === 0) return 0
    await this.#details.learn(messages.filter((message) => message.kind === 'link'))
    const told = this.#tables.play(messages, this.#details.of)
    const isPictureDue = messages.some(({ kind }) => kind === 'rule' || kind === 'setting')
    this.#afterTelling(told, told > 0 || isPictureDue)
    return told
  }

  #afterTelling(told: number, isPictureDue: boolean): void {
    if (told > 0) this.#neighbours.gateways.follow(this.#tables.routes.values())
    const keys = this.#tables.takeNewKeys()
    if (keys !== null) this.#context.remember(keys)
    if (isPictureDue && !this.#context.signal.aborted) this.#pictures?.request()
  }

  /**
   * Dumps until no message came meanwhile: only then is the dump younger than all that was heard, and what it lacks is
   * truly gone. In a storm without end the messages alone are told, and settling is tried again.
   */
  async #settle(played: number): Promise<void> {
    const startedMs = performance.now()
    const lost = this.#overflows.take(startedMs)
    let told = played
    let dump: NetDump | null = null
    let isWhole = false
    for (let round = 0; round < dumpRoundsMax && !isWhole; round += 1) {
      // Where a dump takes long, what comes meanwhile is told rather than waited for.
      if (round > 0 && performance.now() - startedMs > roundsMsMax) break
      if (round > 0) told += await this.#play()
      dump = this.#dump()
      this.#receive()
      isWhole = dump !== null && this.#inbox.isEmpty
    }
    const mustSettle = this.#tables.isStarting || lost.length > 0
    if (!isWhole && mustSettle) told += await this.#play()
    const isSettled = dump !== null && (isWhole || mustSettle)
    if (dump !== null && isSettled) told += await this.#reconcile(dump)
    this.#schedule.settled(startedMs, performance.now())
    this.#isAsked = false
    if (!isWhole) {
      const nowMs = performance.now()
      this.#schedule.heard(nowMs)
      this.#lookIn(this.#schedule.waitMs(nowMs) ?? 0)
    }
    for (const { queue, noticedMs } of lost) {
      if (!isSettled) {
        this.#overflows.noticed(queue, noticedMs)
        continue
      }
      const rescanMs = Math.max(0, Math.round(performance.now() - noticedMs))
      this.#context.emit({ kind: 'sensor.overflow', sensor: 'network', queue, rescanMs, changesFound: told })
    }
  }

  async #reconcile(dump: NetDump): Promise<number> {
    await this.#details.learn(dump.links)
    const wasStarting = this.#tables.isStarting
    const told = this.#tables.reconcile(dump, this.#details.of)
    this.#details.keep(this.#tables.interfaces)
    this.#afterTelling(told, told > 0 && !wasStarting)
    return told
  }

  #dump(): NetDump | null {
    let dump: NetDump | null = null
    let reason = 'The kernel gave no whole dump.'
    try {
      dump = this.#rtnetlink?.dump() ?? null
      if (dump === null && performance.now() - this.#dumpedMs < noDumpMsMax) return null
    } catch (error) {
      reason = messageOf(error)
    }
    if (dump === null) {
      this.#context.log.warn({ reason }, 'rtnetlink dump failed, asking again')
      // The messages still come, the truth behind them does not.
      this.#run.cover({ state: 'fallback', method: 'rtnetlink-messages', reason, remedy: null })
      return null
    }
    this.#dumpedMs = performance.now()
    this.#run.cover({ state: 'watching', method: 'rtnetlink', reason: null, remedy: null })
    return dump
  }

  async #lookSlowly(): Promise<void> {
    const { sys = '/sys', proc = '/proc' } = this.#options
    this.#inbox.empty()
    this.#isAsked = false
    try {
      const dump = await readNetwork(sys, proc)
      this.#run.cover({ state: 'fallback', method: 'sysfs-sweep', reason: this.#refusal, remedy })
      await this.#reconcile(dump)
    } catch (error) {
      this.#run.cover({ state: 'not-watched', method: 'none', reason: messageOf(error), remedy })
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
