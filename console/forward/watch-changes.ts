/**
 * Looks now and then how each computer is watched, and has the store note what changed since it was told last: also what
 * changed while the console was not running.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { ForwardStore } from '../store/forward-ports.ts'
import { FORWARD_LIMITS } from './limits.ts'
import type { RunnerLog } from './target-runner.ts'

export interface WatchedNow {
  readonly agent: string
  /** `proven`, `unproven`, `broken` */
  readonly state: string
  /** Codes, the gravest first. */
  readonly reasons: readonly string[]
}

export interface WatchOptions {
  readonly store: ForwardStore
  readonly watchedNow: () => Promise<readonly WatchedNow[]>
  readonly changed: () => void
  readonly now: () => number
  readonly log: RunnerLog
  readonly everyMs: number
}

/** Starts to look; only while some target wants to be told. */
export function watchChanges(options: WatchOptions): { close(): Promise<void> } {
  const stop = new AbortController()
  const over = run(options, stop.signal)
  return {
    close: async () => {
      stop.abort()
      await over
    },
  }
}

async function run(options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { log, everyMs, now } = options
  let prunedAt = now()
  while (!signal.aborted) {
    try {
      await noteChanges(options)
      if (now() - prunedAt > FORWARD_LIMITS.pruneMs) {
        prunedAt = now()
        await options.store.pruneForwardEvents(
          now() - FORWARD_LIMITS.eventKeptMs,
          FORWARD_LIMITS.pruneEventsMax,
        )
      }
    } catch (error) {
      log.warn({ err: error }, 'states of watching could not be noted; it tries again')
    }
    try {
      await wait(everyMs, undefined, { signal, ref: false })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }
}

async function noteChanges({ store, watchedNow, changed, now }: WatchOptions): Promise<void> {
  const targets = await store.forwardTargets()
  if (!targets.some(({ events }) => events.includes('watch'))) return
  let count = 0
  for (const { agent, state, reasons } of await watchedNow())
    if (await store.noteWatchState(agent, state, reasons, now())) count += 1
  if (count > 0) changed()
}
