/**
 * Keeps the sensors running: gives each its context, restarts one that died, and says at every moment what is watched
 * and what is not. A dead sensor is never a silent one.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { type Baseline, type Coverage, type Origin, type SensorName, showRawText } from '@shoukou/protocol'
import { fullJitterDelayMs } from './base/backoff.ts'
import type { Log } from './base/log.ts'
import type { Pipeline } from './pipeline.ts'
import type { PresentThings } from './present-things.ts'
import { originAtStart } from './sensors/origin.ts'
import type { Sensor, SensorContext } from './sensors/sensor.ts'

export interface SupervisorOptions {
  readonly sensors: readonly Sensor[]
  readonly pipeline: Pipeline
  readonly present: PresentThings
  readonly baseline: Baseline
  readonly baselineKeys: ReadonlySet<string>
  readonly isFirstStart: boolean
  readonly log: Log
  readonly signal: AbortSignal
  readonly onCoverage: () => void
  readonly restartDelay?: { readonly delayMsMin: number; readonly delayMsMax: number }
}

const defaultRestartDelay = { delayMsMin: 1_000, delayMsMax: 60_000 }
/** Run this long without dying, a sensor counts as well again. */
const stableMs = 300_000

export class SensorSupervisor {
  readonly #options: SupervisorOptions
  readonly #coverage = new Map<SensorName, Coverage>()
  readonly #ready = new Set<SensorName>()
  readonly #allReady = Promise.withResolvers<void>()
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: SupervisorOptions) {
    this.#options = options
    if (options.sensors.length === 0) this.#allReady.resolve()
  }

  /** What each sensor vouches for now. */
  get coverage(): readonly Coverage[] {
    return [...this.#coverage.values()]
  }

  /** Resolves when each sensor has told what was there at the start, or has died trying. */
  get ready(): Promise<void> {
    return this.#allReady.promise
  }

  start(): void {
    this.#running = Promise.all(this.#options.sensors.map((sensor) => this.#supervise(sensor)))
  }

  /** Resolves when all have returned, after the signal was aborted. */
  async stopped(): Promise<void> {
    await this.#running
  }

  /** Has every sensor look again. Returns the names of those that could not. */
  async rescan(): Promise<readonly SensorName[]> {
    const outcomes = await Promise.allSettled(this.#options.sensors.map((sensor) => sensor.rescan()))
    return this.#options.sensors
      .filter((_, index) => outcomes[index]?.status === 'rejected')
      .map(({ name }) => name)
  }

  async #supervise(sensor: Sensor): Promise<void> {
    const { signal, log } = this.#options
    const bounds = this.#options.restartDelay ?? defaultRestartDelay
    let attempt = 0
    while (!signal.aborted) {
      const startedAt = performance.now()
      const fault = await this.#runOnce(sensor)
      if (signal.aborted) return
      if (performance.now() - startedAt > stableMs) attempt = 0
      const reason = faultText(fault)
      log.error({ sensor: sensor.name, fault: reason, attempt }, 'sensor died')
      this.#cover(sensor.name, {
        state: 'not-watched',
        method: 'none',
        reason: `The sensor failed: ${reason}`.slice(0, 1_000),
        remedy: 'It is started again by itself; if it keeps failing, see the log.',
      })
      this.#markReady(sensor.name)
      await pause(fullJitterDelayMs(attempt, bounds, Math.random()), signal)
      attempt += 1
    }
  }

  async #runOnce(sensor: Sensor): Promise<unknown> {
    this.#options.pipeline.begin(sensor.name)
    try {
      await sensor.run(this.#contextOf(sensor.name))
      return new Error('It ended by itself.')
    } catch (fault) {
      return fault
    }
  }

  #contextOf(name: SensorName): SensorContext {
    const { baseline, baselineKeys, isFirstStart, log, pipeline, present, signal } = this.#options
    // One object for the whole run, so that the origin of a thing does not depend on what was told a moment ago.
    const knowledge = { toldInThisBoot: new Set(present.keysOf(name)), baseline: baselineKeys, isFirstStart }
    return {
      signal,
      baseline,
      toldBefore: knowledge.toldInThisBoot,
      log: log.child({ sensor: name }),
      emit: (fact) => void pipeline.tell(name, fact),
      cover: (coverage) => this.#cover(name, coverage),
      ready: () => this.#markReady(name),
      originAtStart: (key): Origin => originAtStart(key, knowledge),
      remember: (keys) => present.remember(name, keys),
    }
  }

  #cover(sensor: SensorName, said: Omit<Coverage, 'sensor'>): void {
    const coverage: Coverage = { sensor, ...said }
    if (JSON.stringify(this.#coverage.get(sensor)) === JSON.stringify(coverage)) return
    this.#coverage.set(sensor, coverage)
    void this.#options.pipeline.tell(sensor, { kind: 'agent.coverage', coverage })
    this.#options.onCoverage()
  }

  #markReady(name: SensorName): void {
    this.#ready.add(name)
    if (this.#ready.size === new Set(this.#options.sensors.map((sensor) => sensor.name)).size)
      this.#allReady.resolve()
  }
}

function faultText(fault: unknown): string {
  return showRawText(fault instanceof Error ? fault.message : String(fault))
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (fault) {
    if (!signal.aborted) throw fault
  }
}
