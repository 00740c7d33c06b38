/** What each run of a sensor needs beside its subject: one coverage told per change, a sweep, an end. */
import type { Coverage } from '@shoukou/protocol'
import { CoalescedTask } from './coalesced-task.ts'
import type { SensorContext } from './sensor.ts'

export type CoverageState = Omit<Coverage, 'sensor'>

export class SensorRun {
  readonly context: SensorContext
  readonly task: CoalescedTask
  readonly #ended: Promise<void>
  #fail!: (error: unknown) => void
  #covered = ''
  #timers = new Set<NodeJS.Timeout>()

  constructor(context: SensorContext, look: () => Promise<void>) {
    this.context = context
    this.#ended = new Promise((resolve, reject) => {
      this.#fail = reject
      if (context.signal.aborted) resolve()
      context.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    // The failure is told by `untilEnd`; before that nobody may be waiting for it yet.
    this.#ended.catch(() => undefined)
    this.task = new CoalescedTask(look, (error) => this.fail(error))
  }

  /** Tells the coverage where it differs from what was told last. */
  cover(state: CoverageState): void {
    const told = JSON.stringify(state)
    if (told === this.#covered) return
    this.#covered = told
    this.context.cover(state)
  }

  /** Ends the run as dead: `untilEnd` rejects. */
  fail(error: unknown): void {
    this.#fail(error)
  }

  /** Looks again every `intervalMs`, whatever the hints say. */
  sweepEvery(intervalMs: number, look: () => void): void {
    this.#timers.add(setInterval(look, intervalMs))
  }

  /** Looks once more after `delayMs`. */
  lookAfter(delayMs: number, look: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      look()
    }, delayMs)
    this.#timers.add(timer)
  }

  /** Resolves when the signal aborted, rejects when the run failed; then nothing of it runs any more. */
  async untilEnd(): Promise<void> {
    try {
      await this.#ended
    } finally {
      for (const timer of this.#timers) clearInterval(timer)
      this.#timers.clear()
      await this.task.stop()
    }
  }
}
