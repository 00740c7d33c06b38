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
export function watchStops(options: StopWatchOptions, everyMs = lookEveryMs): () => Promise<void> {
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
  }, everyMs)
  return async () => {
    clearInterval(timer)
    await look
  }
}

interface Known {
  readonly sinceMs: number
  readonly isJudged: boolean
}

export class StopWatch {
  readonly #options: StopWatchOptions
  /** Stops that stand, by name: since when this run of the console knows them, by a clock that nobody sets. */
  #known: ReadonlyMap<string, Known> = new Map()

  constructor(options: StopWatchOptions) {
    this.#options = options
  }

  /**
   * Judges each stop once it has stood for the time of a restart. Neither this console's clock nor the computer's counts: set
   * back, it would hide a stop; set forward, it would accuse whoever restarts an agent.
   */
  async look(): Promise<void> {
    const { store, monotonicMs } = this.#options
    const atMs = monotonicMs()
    const known = new Map<string, Known>()
    for (const stop of await store.stopsAlone()) {
      const name = `${stop.agent} ${subjectOfStop(stop)}`
      // While this console was not there, an agent may have come back and found nobody: it gets that time too.
      const { sinceMs, isJudged } = this.#known.get(name) ?? { sinceMs: atMs, isJudged: false }
      const isDue = !isJudged && atMs - sinceMs >= restartMsMax
      if (isDue) await this.#judge(stop)
      known.set(name, { sinceMs, isJudged: isJudged || isDue })
    }
    this.#known = known
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
