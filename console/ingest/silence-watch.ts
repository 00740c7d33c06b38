/** Looks at each computer once a second and raises `agent-silent`; the counting itself is `rules/silence.ts`. */
import { LIMITS } from '@shoukou/protocol'
import type { Log } from '../base/log.ts'
import type { Feed } from '../feed/ports.ts'
import { severityOf } from '../rules/judge.ts'
import type { Judgement } from '../rules/judgement.ts'
import { type SilenceLimits, stepSilence } from '../rules/silence.ts'
import type { CountedSilence, Store, WatchedForSilence } from '../store/ports.ts'

export interface SilenceWatchOptions {
  readonly store: Store
  readonly feed: Feed
  readonly log: Log
  /** When an agent was last heard in this run of the console, by `monotonicMs`; null where it was not. */
  readonly lastHeardMs: (agent: string) => number | null
  /** Wall clock, Unix ms; and one that no one sets, ms. */
  readonly now: () => number
  readonly monotonicMs: () => number
}

const tickMs = 1_000
/** Counted silence is written down at these steps: what a restart of the console may forget. */
const persistStepMs = 10_000
/** Half of what makes an agent give a connection up: a console that stood still so long must be come back to. */
const standstillMs = LIMITS.connectionSilentMsMax / 2

/** Starts watching; the returned function stops it and waits for the look under way. */
export function watchSilence(options: SilenceWatchOptions): () => Promise<void> {
  const watch = new SilenceWatch(options)
  let look: Promise<void> = Promise.resolve()
  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    look = watch
      .look()
      .catch((error: unknown) => options.log.error({ err: error }, 'silence could not be judged'))
      .finally(() => {
        isLooking = false
      })
  }, tickMs)
  return async () => {
    clearInterval(timer)
    await look
  }
}

interface Counted {
  readonly silentMs: number
  readonly persistedMs: number
}

interface Tick {
  readonly nowMs: number
  readonly elapsedMs: number
  readonly acceptingMs: number
}

class SilenceWatch {
  readonly #options: SilenceWatchOptions
  /** By agent; those that a look did not meet are forgotten with it. */
  #counted: ReadonlyMap<string, Counted> = new Map()
  /** By agent and version: a version is never changed. */
  #limits: ReadonlyMap<string, SilenceLimits> = new Map()
  #acceptingSince: number
  #lastTick: number

  constructor(options: SilenceWatchOptions) {
    this.#options = options
    this.#acceptingSince = options.monotonicMs()
    this.#lastTick = this.#acceptingSince
  }

  async look(): Promise<void> {
    const { store } = this.#options
    const tick = this.#tick()
    const counted = new Map<string, Counted>()
    const limits = new Map<string, SilenceLimits>()
    const due: CountedSilence[] = []
    for (const computer of await store.watchedForSilence()) {
      const known = await this.#limitsOf(computer)
      if (known === null) continue
      limits.set(limitsKey(computer), known)
      const before = this.#counted.get(computer.agent) ?? {
        silentMs: computer.silentMs,
        persistedMs: computer.silentMs,
      }
      const verdict = stepSilence(
        {
          status: computer.status,
          heardMsAgo: this.#heardMsAgo(computer.agent, tick),
          silentMs: computer.status === 'standalone' ? this.#sinceBundleMs(computer) : before.silentMs,
        },
        known,
        tick,
      )
      const { silentMs } = verdict
      // A bundle's age is known from its date: nothing is written down.
      const isDue =
        computer.status !== 'standalone' && Math.abs(silentMs - before.persistedMs) >= persistStepMs
      if (isDue) due.push({ agent: computer.agent, lastSeenAt: computer.lastSeenAt, silentMs })
      counted.set(computer.agent, { silentMs, persistedMs: isDue ? silentMs : before.persistedMs })
      if (verdict.becameSilent) await accuse(this.#options, computer, verdict)
    }
    this.#counted = counted
    this.#limits = limits
    if (due.length > 0) await store.setSilence(due)
  }

  #sinceBundleMs({ lastSeenAt, enrolledAt }: WatchedForSilence): number {
    return Math.max(0, this.#options.now() - (lastSeenAt ?? enrolledAt))
  }

  #tick(): Tick {
    const nowMs = this.#options.monotonicMs()
    const elapsedMs = nowMs - this.#lastTick
    this.#lastTick = nowMs
    if (elapsedMs >= standstillMs) this.#acceptingSince = nowMs
    return { nowMs, elapsedMs, acceptingMs: nowMs - this.#acceptingSince }
  }

  #heardMsAgo(agent: string, tick: Tick): number | null {
    const heard = this.#options.lastHeardMs(agent)
    // Heard while this look waits for the store is heard too: the count begins anew all the same.
    if (heard === null || heard <= tick.nowMs - tick.elapsedMs) return null
    return Math.max(0, tick.nowMs - heard)
  }

  async #limitsOf(computer: WatchedForSilence): Promise<SilenceLimits | null> {
    const known = this.#limits.get(limitsKey(computer))
    if (known !== undefined) return known
    const policy = await this.#options.store.policy(computer.agent, computer.policyVersion)
    return policy?.settings.limits ?? null
  }
}

function limitsKey({ agent, policyVersion }: WatchedForSilence): string {
  return `${policyVersion} ${agent}`
}

async function accuse(
  { store, feed, now }: SilenceWatchOptions,
  watched: WatchedForSilence,
  verdict: { readonly silentMs: number; readonly limitMs: number },
): Promise<void> {
  const computer = await store.computer(watched.agent)
  if (computer === null) return
  const lastSeenMs = watched.lastSeenAt ?? computer.enrolledAt
  const judgement: Judgement = {
    type: 'agent-silent',
    evidence: {
      lastSeenMs,
      lastSeq: computer.position?.seq ?? 0,
      limitMs: verdict.limitMs,
      silentMs: Math.round(verdict.silentMs),
      wasCleanStop: watched.status === 'stopped',
    },
  }
  // Undone by the store where the computer spoke since it was looked at.
  const violation = await store.becomeSilent(
    watched,
    {
      key: `${judgement.type}:${lastSeenMs}`,
      type: judgement.type,
      severity: severityOf(judgement),
      level: computer.level,
      policyVersion: computer.policyVersion,
      evidence: JSON.stringify(judgement.evidence),
      epoch: null,
      seq: null,
      occurredAt: lastSeenMs,
    },
    now(),
  )
  if (violation !== null) feed.publish({ kind: 'violation', violation })
  const silent = await store.computer(computer.agent)
  if (silent !== null) feed.publish({ kind: 'computer', computer: silent })
}
