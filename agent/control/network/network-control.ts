/**
 * Network control: what follows from the facts of the network, in the order in which the pipeline decided.
 *
 * It works out what is so of the network and tells what begins and ends, drains the nets, and, where policy says so,
 * cuts what must not be there or leaves the computer nothing but its console. In observe mode it looks on.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  alwaysReachable,
  approvedDestinations,
  type Command,
  type Coverage,
  type Decision,
  type DestinationPolicy,
  type Fact,
  type NetworkInterface,
  type Picture,
  type Policy,
  type Position,
} from '@shoukou/protocol'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { isWayOut } from '../../policy/network/adapters.ts'
import type { Condition } from '../../policy/network/condition.ts'
import { conditionsOf } from '../../policy/network/conditions.ts'
import { networkModeOf } from '../../policy/network/network-mode.ts'
import { baselineOf, ConditionKeeper } from './condition-keeper.ts'
import { ConditionTeller } from './condition-teller.ts'
import { ConsolePlace } from './console-place.ts'
import { fitInterface } from './fit-picture.ts'
import { FlowReporter } from './flow-reporter.ts'
import { FlowRules } from './flow-rules.ts'
import { IsolationKeeper } from './isolation.ts'
import { type Acted, LinkKeeper } from './link-keeper.ts'
import { LivePicture } from './live-picture.ts'
import { NetForce } from './net-force.ts'
import { type LayerReport, Nets, type WantedNets } from './nets.ts'
import type { NetworkBook } from './network-book.ts'
import type { NetworkKernel } from './network-kernel.ts'
import { Prober } from './prober.ts'
import { tamperFacts } from './tamper-facts.ts'

export interface NetworkControlOptions {
  readonly kernel: NetworkKernel
  /** The policy that holds here: where control was released by hand, one that only observes. */
  readonly policy: () => Policy
  /** Control was released by hand or at boot: an order to isolate waits too. */
  readonly isReleased: () => boolean
  readonly book: NetworkBook
  readonly tell: (
    sensor: 'network' | 'connections',
    fact: Fact,
    decision: Decision | null,
  ) => Promise<Position | null>
  readonly console: {
    readonly port: number
    readonly webPort?: number
    readonly resolve: () => Promise<readonly string[]>
  }
  /** What is there before the sensors look: so that a restart leaves no interface unwatched, and no cut undone. */
  readonly interfacesAtStart: readonly NetworkInterface[]
  /** The agent's first start after enrolment: what is so of the computer's own set-up is its baseline. */
  readonly isFirstStart: boolean
  /** Told of each picture of the sensor. */
  readonly onPicture: (picture: Picture) => void
  /** Names a series: no two alike, in no run. */
  readonly newSeries: () => string
  readonly clock: Clock
  readonly log: Log
  readonly onChange: () => void
}

export interface NetworkStatus {
  readonly mode: ReturnType<typeof networkModeOf>
  readonly isIsolated: boolean
  readonly isolationReason: string | null
  readonly layers: readonly LayerReport[]
  readonly conditions: number
}

const inspectEveryMs = 2_000
/** Sockets come without any change of the network: looked at again each, ms. */
const lookEveryMs = 60_000
/** Looked at once for all that begins within this, ms. */
const lookSoonMs = 1_000
const consoleEveryMs = 600_000
/** How long an end waits for the records of conditions, ms. */
const keepMsMax = 1_000

export class NetworkControl {
  readonly #options: NetworkControlOptions
  readonly #live = new LivePicture()
  readonly #keeper: ConditionKeeper
  readonly #teller: ConditionTeller
  readonly #reporter: FlowReporter
  readonly #nets: Nets
  readonly #force: NetForce
  readonly #links: LinkKeeper
  readonly #console: ConsolePlace
  readonly #isolation: IsolationKeeper
  readonly #prober: Prober
  readonly #timers: NodeJS.Timeout[] = []
  #flowRules: FlowRules
  #saidInterfaces = ''
  #soon: NodeJS.Timeout | null = null
  #isInspecting = false
  #evaluating: NodeJS.Timeout | null = null
  #evaluatedMs = 0
  #evaluationMs = 0
  #isStarted = false
  #isStopped = false
  #background: Promise<unknown> = Promise.resolve()
  #mustKeep = false
  #keeping: Promise<void> | null = null

  constructor(options: NetworkControlOptions) {
    this.#options = options
    const { kernel, book, clock, log, tell } = options
    const tellNetwork = (fact: Fact, decision: Decision | null) => tell('network', fact, decision)
    this.#teller = new ConditionTeller({ kernel, tell: tellNetwork, log })
    this.#keeper = new ConditionKeeper({
      kept: book.state.conditions,
      wallMs: () => clock.wallMs(),
      tell: (fact, decision) => this.#teller.tell(fact, decision),
    })
    this.#isolation = new IsolationKeeper({
      ...{ book, isReleased: options.isReleased, wallMs: () => clock.wallMs() },
      stillAsking: this.#keeper.stillIsolating,
      apply: (cause) => this.#isolationChanged(cause),
      tellActed: (acted) => this.#tellActed(acted),
    })
    this.#console = new ConsolePlace({
      ...{ ...options.console, book, log },
      isIsolated: () => this.#isIsolated,
      onChange: () => this.#rulesChanged('console-moved'),
    })
    this.#flowRules = this.#makeFlowRules()
    this.#reporter = new FlowReporter({
      ...{ kernel, book, clock, log, newSeries: options.newSeries },
      rules: () => this.#flowRules,
      picture: () => this.#live.proof(),
      tell: (fact, decision) => tell('connections', fact, decision),
      onListener: () => this.#lookSoon(),
    })
    this.#nets = new Nets({ kernel, book, reporter: this.#reporter, log })
    this.#force = new NetForce({
      nets: this.#nets,
      wanted: () => this.#wanted(),
      tell,
      onChange: options.onChange,
    })
    this.#links = new LinkKeeper({
      ...{ kernel, policy: options.policy, live: this.#live, force: this.#force },
      console: () => this.#console.places,
      conditions: () => this.#keeper.conditions,
      tellActed: (acted) => this.#tellActed(acted),
    })
    this.#prober = new Prober({
      ...{ kernel, log },
      picture: () => this.#live.now(),
      tell: (fact) => tell('network', fact, null),
    })
  }

  get coverage(): readonly Coverage[] {
    return [this.#force.coverage]
  }

  get status(): NetworkStatus {
    return {
      mode: networkModeOf(this.#options.policy()),
      isIsolated: this.#isIsolated,
      isolationReason: this.#isolation.reason,
      layers: this.#force.layers,
      conditions: this.#keeper.conditions.filter(({ decision }) => decision.outcome !== 'allowed').length,
    }
  }

  /** Puts the nets into force before the sensors look. Never throws; what does not stand is told. */
  async start(): Promise<void> {
    // A console that is known by its last address is reached while the name is asked for.
    if (this.#console.places.length === 0) await this.#console.look()
    else void this.#console.look()
    this.#flowRules = this.#makeFlowRules()
    this.#reporter.start()
    this.#live.seed(this.#options.interfacesAtStart)
    this.#isStarted = true
    const applied = this.#force.apply('start')
    this.#links.judgeAll()
    await applied
    this.#prober.follow(this.#destinationPolicy(), this.#isIsolated)
    this.#every(inspectEveryMs, () => this.#inspect())
    this.#every(lookEveryMs, () => this.#look())
    this.#every(consoleEveryMs, () => this.#console.look())
  }

  /** Ends the timers, tells what waits, lets go of the nets as the mode says. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const timer of this.#timers) clearInterval(timer)
    if (this.#soon !== null) clearTimeout(this.#soon)
    if (this.#evaluating !== null) clearTimeout(this.#evaluating)
    this.#prober.stop()
    await this.#background
    await this.#teller.idle()
    await this.#nets.close()
    await this.#reporter.stop()
    // On a full disk nothing ever stands in a record.
    await Promise.race([this.#keeping, sleep(keepMsMax, undefined, { ref: false })])
    await this.#options.book.saved()
  }

  /** Does what a decided fact asks for. Called in the order of the records; never throws, never waits. */
  onDecided(fact: Fact, decision: Decision | null): void {
    if (this.#isStopped || !this.#live.note(fact)) return
    if (fact.kind === 'network.interface-added') this.#links.came(fact.interface, decision)
    else if (fact.kind === 'network.interface-changed') this.#links.changed(fact.interface, decision)
    else if (fact.kind === 'network.interface-removed') this.#links.went(fact.interface)
    if (fact.kind === 'network.routes-changed') this.#evaluateInTurn()
    else this.#evaluate()
    if (fact.kind !== 'network.picture') return
    this.#options.onPicture(fact.picture)
    if (fact.cause === 'start') this.#links.judgeAll()
    if (fact.cause === 'start') this.#inBackground(this.#look())
  }

  /** A newer policy holds: the nets first, then everything that is so. */
  onPolicy(): void {
    this.#rulesChanged('policy')
    this.#evaluate()
    this.#links.judgeAll()
    this.#links.reconsider()
  }

  /** Returns where the console may be, the last good answer where none can be had. @throws the resolver's error. */
  consoleAddresses(): Promise<readonly string[]> {
    return this.#console.addresses()
  }

  /** The console was not reached: it may have moved. */
  onLinkTrouble(): void {
    if (!this.#isStopped) void this.#console.look()
  }

  /** Carries out an order about the network; returns the outcome as a code. */
  carryOut(command: Extract<Command, { name: 'isolate' | 'end-isolation' }>): Promise<string> {
    return this.#isolation.carryOut(command)
  }

  /** Looks at everything again now. */
  async rescan(): Promise<void> {
    await this.#look()
    await this.#teller.idle()
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    await this.#background
    await this.#teller.idle()
  }

  get #isIsolated(): boolean {
    return this.#isolation.isOn
  }

  #destinationPolicy(): DestinationPolicy {
    const { settings } = this.#options.policy()
    return {
      networkMode: settings.networkMode,
      rules: settings.network ?? null,
      console: this.#console.places,
    }
  }

  #makeFlowRules(): FlowRules {
    return new FlowRules(this.#destinationPolicy(), this.#isIsolated)
  }

  #wanted(): WantedNets {
    const policy = this.#destinationPolicy()
    const isIsolated = this.#isIsolated
    const cut = this.#links.targets
    const watched = this.#watchedInterfaces()
    return {
      mode: networkModeOf(this.#options.policy()),
      isIsolated,
      isStandalone: policy.networkMode === 'standalone',
      approved: isIsolated ? alwaysReachable(policy) : approvedDestinations(policy),
      listeners: policy.rules?.listeners ?? [],
      cut: cut.map(({ name }) => name),
      interfaces: watched.map(({ name }) => name),
      numbers: [...cut, ...watched].map(({ index }) => index),
    }
  }

  #watchedInterfaces(): readonly NetworkInterface[] {
    return this.#live.interfaces.filter((adapter) => isWayOut(adapter) && adapter.isAdminUp)
  }

  #rulesChanged(cause: string): void {
    if (this.#isStopped || !this.#isStarted) return
    this.#flowRules = this.#makeFlowRules()
    this.#inBackground(this.#force.apply(cause))
    this.#prober.follow(this.#destinationPolicy(), this.#isIsolated)
  }

  /** Routes may come by the thousand: working it out takes no more than a tenth of the time. */
  #evaluateInTurn(): void {
    const waitMs = this.#evaluatedMs + this.#evaluationMs * 10 - performance.now()
    if (waitMs <= 0) this.#evaluate()
    else this.#evaluating ??= setTimeout(() => this.#evaluate(), waitMs)
  }

  /** Works out what is so, tells what began and ended, and acts on it. */
  #evaluate(): void {
    const startedMs = performance.now()
    if (this.#evaluating !== null) clearTimeout(this.#evaluating)
    this.#evaluating = null
    const picture = this.#live.now()
    if (picture === null || this.#isStopped) return
    const { book, policy } = this.#options
    const work = (baseline: readonly string[]): Condition[] =>
      conditionsOf(picture, policy(), { baseline: new Set(baseline), console: this.#console.places })
    if (book.state.baseline === null) {
      const baseline = this.#options.isFirstStart ? [...new Set(baselineOf(work([])))].slice(0, 1_024) : []
      void book.change({ baseline })
    }
    const now = work(book.state.baseline ?? [])
    this.#evaluatedMs = performance.now()
    this.#evaluationMs = this.#evaluatedMs - startedMs
    const { began, ended, hasChanged } = this.#keeper.update(now, (condition) =>
      this.#live.proof(indexesOf(condition)),
    )
    if (hasChanged) {
      this.#mustKeep = true
      this.#keeping ??= this.#keepConditions()
    }
    this.#followInterfaces()
    this.#links.follow(began)
    this.#inBackground(this.#isolation.follow(this.#keeper.conditions, [...ended, ...began]))
    if (hasChanged) this.#options.onChange()
  }

  /** Kept as told once it stands in a record: an agent that is killed before that tells it again rather than never. */
  async #keepConditions(): Promise<void> {
    while (this.#mustKeep) {
      this.#mustKeep = false
      const conditions = this.#keeper.kept.slice(0, 1_024)
      await this.#teller.stored()
      void this.#options.book.change({ conditions })
    }
    this.#keeping = null
  }

  /** The net below IP watches each interface by its name: told of those that came, went and were renamed. */
  #followInterfaces(): void {
    const text = JSON.stringify(this.#watchedInterfaces().map(({ index, name }) => [index, name]))
    if (text === this.#saidInterfaces) return
    this.#saidInterfaces = text
    this.#inBackground(this.#force.apply('interfaces'))
  }

  async #isolationChanged(cause: string): Promise<readonly LayerReport[]> {
    this.#flowRules = this.#makeFlowRules()
    this.#prober.follow(this.#destinationPolicy(), this.#isIsolated)
    return await this.#force.apply(cause)
  }

  #tellActed(acted: Acted): void {
    const adapter = acted.interface === null ? null : fitInterface(acted.interface)
    void this.#options.tell('network', { kind: 'network.acted', ...acted, interface: adapter }, null)
    this.#options.onChange()
  }

  async #inspect(): Promise<void> {
    if (this.#isInspecting) return
    this.#isInspecting = true
    try {
      const found = await this.#nets.inspect()
      for (const fact of tamperFacts(found)) {
        const decision = { outcome: 'detected', would: 'block', rule: 'agent-tamper' } as const
        void this.#options.tell('network', fact, decision)
      }
      this.#force.refresh(found.length > 0 ? 'tampered' : 'again')
    } finally {
      this.#isInspecting = false
    }
  }

  /** A program waits for others: what it is shows in the sockets, a moment later. */
  #lookSoon(): void {
    if (this.#soon !== null || this.#isStopped) return
    this.#soon = setTimeout(() => {
      this.#soon = null
      this.#inBackground(this.#look())
    }, lookSoonMs)
  }

  /** Reads the whole picture: sockets come and go without any change of the network. */
  async #look(): Promise<void> {
    const { kernel, log } = this.#options
    // What did not stand is tried again: a file system that was not mounted yet, a module that is loaded by now.
    if (this.#force.layers.some(({ state }) => state !== 'in-force')) await this.#force.apply('again')
    try {
      this.#live.take(await kernel.readPicture())
      this.#evaluate()
    } catch (fault) {
      log.warn({ fault: String(fault) }, 'the network could not be looked at')
    }
  }

  #every(ms: number, work: () => Promise<unknown>): void {
    const timer = setInterval(() => this.#inBackground(work()), ms)
    this.#timers.push(timer)
  }

  #inBackground(work: Promise<unknown>): void {
    const told = work.catch((fault: unknown) => {
      this.#options.log.error({ fault: String(fault) }, 'network control failed at something')
    })
    this.#background = Promise.all([this.#background, told])
  }
}

function indexesOf({ interface: adapter, others }: Condition): number[] {
  return [adapter, ...others].flatMap((each) => (each === null ? [] : [each.index]))
}
