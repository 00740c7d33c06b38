/** A sensor context for tests: keeps what a sensor says, refuses facts that the protocol would refuse. */
import {
  type Baseline,
  FACT_SCHEMAS,
  type Fact,
  type FactKind,
  type FactNamed,
  type Origin,
} from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { originAtStart, type StartKnowledge } from '../origin.ts'
import type { Sensor, SensorContext } from '../sensor.ts'
import type { CoverageState } from '../sensor-run.ts'

export const EMPTY_BASELINE: Baseline = { takenAtMs: 0, usb: [], disks: [], interfaces: [] }

export interface RecordingOptions {
  readonly baseline?: Baseline
  readonly knowledge?: Partial<StartKnowledge>
}

export class RecordingContext implements SensorContext {
  readonly facts: Fact[] = []
  readonly factTimesMs: number[] = []
  readonly covers: CoverageState[] = []
  readonly logged: { level: string; fields: object; message: string }[] = []
  readonly baseline: Baseline
  remembered: ReadonlySet<string> = new Set()
  isReady = false
  readonly #knowledge: StartKnowledge
  readonly #controller = new AbortController()
  readonly #waiters = new Set<() => void>()

  constructor(options: RecordingOptions = {}) {
    this.baseline = options.baseline ?? EMPTY_BASELINE
    this.#knowledge = {
      toldInThisBoot: new Set(),
      baseline: new Set(),
      isFirstStart: true,
      ...options.knowledge,
    }
  }

  readonly log = {
    info: (fields: object, message: string) => this.#log('info', fields, message),
    warn: (fields: object, message: string) => this.#log('warn', fields, message),
    error: (fields: object, message: string) => this.#log('error', fields, message),
  }

  get toldBefore(): ReadonlySet<string> {
    return this.#knowledge.toldInThisBoot
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  emit(fact: Fact): void {
    const check = Compile<(typeof FACT_SCHEMAS)[FactKind]>(FACT_SCHEMAS[fact.kind])
    if (!check.Check(fact)) throw new Error(`not a fact: ${JSON.stringify(fact)}`)
    this.facts.push(fact)
    this.factTimesMs.push(performance.now())
    this.#wake()
  }

  cover(coverage: CoverageState): void {
    this.covers.push(coverage)
    this.#wake()
  }

  ready(): void {
    this.isReady = true
    this.#wake()
  }

  originAtStart(key: string): Origin {
    return originAtStart(key, this.#knowledge)
  }

  remember(keys: ReadonlySet<string>): void {
    this.remembered = keys
  }

  stop(): void {
    this.#controller.abort()
  }

  named<K extends FactKind>(kind: K): FactNamed<K>[] {
    return this.facts.filter((fact): fact is FactNamed<K> => fact.kind === kind)
  }

  /** Resolves when the condition holds after something was said; rejects, naming what was said, after `withinMs`. */
  async until(holds: () => boolean, withinMs = 15_000): Promise<void> {
    const deadlineMs = performance.now() + withinMs
    while (!holds()) {
      const leftMs = deadlineMs - performance.now()
      if (leftMs <= 0)
        throw new Error(`not within ${withinMs} ms; said: ${JSON.stringify(this.facts.slice(-20))}`)
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          this.#waiters.delete(done)
          resolve()
        }
        const timer = setTimeout(done, Math.min(leftMs, 50))
        this.#waiters.add(done)
      })
    }
  }

  #log(level: string, fields: object, message: string): void {
    this.logged.push({ level, fields, message })
    this.#wake()
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter()
  }
}

/** Runs a sensor until the block ends; fails where the sensor died. */
export async function withSensor(
  sensor: Sensor,
  context: RecordingContext,
  block: () => Promise<void>,
): Promise<void> {
  let death: Error | undefined
  const running = sensor.run(context).catch((error: unknown) => {
    death = error instanceof Error ? error : new Error(String(error))
  })
  try {
    await context.until(() => context.isReady || death !== undefined)
    if (death === undefined) await block()
  } finally {
    context.stop()
    await running
  }
  if (death !== undefined) throw death
}

/** Says plainly what a test of the kernel needs, rather than passing without having tested. */
export function needRoot(): void {
  if (process.getuid?.() !== 0) throw new Error('This test sets up real kernel objects: run it as root.')
}
