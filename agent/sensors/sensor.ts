/**
 * What every sensor is: something that looks at one part of the computer and tells facts.
 *
 * A sensor never decides, never acts and never imports another. Kernel events are hints to look again; the snapshot
 * that follows is the truth, and a slow sweep stands behind both.
 */
import type { Baseline, Coverage, Fact, Origin, SensorName } from '@shoukou/protocol'

export interface SensorContext {
  /** Aborted when the agent stops: `run` then returns soon. */
  readonly signal: AbortSignal
  /** Hands one fact on, in the order observed. Never throws, never waits. */
  emit(fact: Fact): void
  /** Says what this sensor can vouch for from now on; called once before `ready`, and at each change. */
  cover(coverage: Omit<Coverage, 'sensor'>): void
  /** Called once, when what was there at the start has been told. */
  ready(): void
  /** Where a thing stood, for things found at the start; see `origin.ts`. */
  originAtStart(key: string): Origin
  /** Names all that is present now, so that the next run in this boot knows what it has already told. */
  remember(keys: ReadonlySet<string>): void
  /** What `remember` was given last in this boot, as it stood when this run began: of an earlier run, or of none. */
  readonly toldBefore: ReadonlySet<string>
  readonly baseline: Baseline
  readonly log: SensorLog
}

/** Constant message, values in fields. */
export interface SensorLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface Sensor {
  readonly name: SensorName
  /** Runs until the context's signal aborts. A rejection means that the sensor is dead: the agent says so and restarts it. */
  run(context: SensorContext): Promise<void>
  /** Looks again now, on request; resolves when differences have been told. */
  rescan(): Promise<void>
}
