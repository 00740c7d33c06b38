/**
 * Looks for agents that were stopped alone, on a computer that goes on running, and did not come back: one that does comes
 * back within the time of a restart. What came back later is told by its own records (`rules/protection-rules.ts`); both name
 * the stop alike, so that it is one violation.
 */
import type { Log } from '../base/log.ts'
import type { Feed } from '../feed/ports.ts'
import { isEnforcing, restartMsMax, stoppedAlone, subjectOfStop } from '../rules/protection-rules.ts'
import type { Store, ToldStopRow } from '../store/ports.ts'
import { violationOf } from './new-violation.ts'

export interface StopWatchOptions {
  readonly store: Store
  readonly feed: Feed
  readonly log: Log
  readonly now: () => number
  /** A clock that nobody sets, ms. */
  readonly monotonicMs: () => number
}

const lookEveryMs = 5_000

/** Starts looking; the returned function stops it and waits for the look under way. */
export function watchStops(options: StopWatchOptions): () => Promise<void> {
  const watch = new StopWatch(options)
  let look: Promise<void> = Promise.resolve()
  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    look = watch
      .look()
      .catch((error: unknown) => options.log.error({ err: error }, 'stops could not be judged'))
      .finally(() => {
        isLooking = false
      })
  }, lookEveryMs)
  return async () => {
    clearInterval(timer)
    await look
  }
}

export class StopWatch {
  readonly #options: StopWatchOptions
  readonly #startedAt: number
  /** What was judged in this run of the console. */
  #judged: ReadonlySet<string> = new Set()

  constructor(options: StopWatchOptions) {
    this.#options = options
    this.#startedAt = options.monotonicMs()
  }

  async look(): Promise<void> {
    const { store, now, monotonicMs } = this.#options
    // While this console was not there, an agent may have come back and found nobody.
    if (monotonicMs() - this.#startedAt < restartMsMax) return
    const judged = new Set<string>()
    for (const stop of await store.stopsAlone(now() - restartMsMax)) {
      const name = `${stop.agent} ${subjectOfStop(stop)}`
      if (!this.#judged.has(name)) await this.#judge(stop)
      judged.add(name)
    }
    this.#judged = judged
  }

  async #judge(stop: ToldStopRow): Promise<void> {
    const { store, feed, now } = this.#options
    const policy = await store.policy(stop.agent, stop.policyVersion)
    if (policy === null || !isEnforcing(policy)) return
    const judgement = stoppedAlone(null)
    const violation = violationOf(judgement, {
      key: `${judgement.type}:${stop.epoch}:${subjectOfStop(stop)}`,
      level: policy.settings.level,
      policyVersion: stop.policyVersion,
      epoch: null,
      seq: null,
      occurredAt: stop.wallMs,
    })
    const added = await store.addViolation(stop.agent, violation, now())
    if (added !== null) feed.publish({ kind: 'violation', violation: added })
  }
}
