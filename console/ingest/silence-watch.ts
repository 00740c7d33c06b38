/** Looks at each computer once a second and raises `agent-silent`; the counting itself is `rules/silence.ts`. */
import type { Log } from '../base/log.ts'
import type { Feed } from '../feed/ports.ts'
import { severityOf } from '../rules/judge.ts'
import type { Judgement } from '../rules/judgement.ts'
import { stepSilence } from '../rules/silence.ts'
import type { ComputerRow, Store } from '../store/ports.ts'

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

/** Starts watching; the returned function stops it and waits for the look under way. */
export function watchSilence(options: SilenceWatchOptions): () => Promise<void> {
  const startedAt = options.monotonicMs()
  const counted = new Map<string, Counted>()
  let lastTick = startedAt
  let look: Promise<void> = Promise.resolve()
  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    const nowMs = options.monotonicMs()
    const tick = { nowMs, elapsedMs: nowMs - lastTick, acceptingMs: nowMs - startedAt }
    lastTick = nowMs
    look = lookOnce(options, counted, tick)
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

async function lookOnce(
  options: SilenceWatchOptions,
  counted: Map<string, Counted>,
  tick: Tick,
): Promise<void> {
  const { store } = options
  for (const computer of await store.computers()) {
    if (computer.status === 'pending') continue
    const before = counted.get(computer.agent) ?? {
      silentMs: computer.silentMs,
      persistedMs: computer.silentMs,
    }
    const policy = await store.policy(computer.agent, computer.policyVersion)
    if (policy === null) continue
    const verdict = stepSilence(
      {
        status: computer.status,
        heardMsAgo: heardSinceLastTick(options, computer.agent, tick),
        silentMs: before.silentMs,
      },
      policy.settings.limits,
      tick,
    )
    const isDue = Math.abs(verdict.silentMs - before.persistedMs) >= persistStepMs
    if (isDue) await store.setSilence(computer.agent, verdict.silentMs)
    counted.set(computer.agent, {
      silentMs: verdict.silentMs,
      persistedMs: isDue ? verdict.silentMs : before.persistedMs,
    })
    if (verdict.becameSilent) await accuse(options, computer, verdict)
  }
}

function heardSinceLastTick({ lastHeardMs }: SilenceWatchOptions, agent: string, tick: Tick): number | null {
  const heard = lastHeardMs(agent)
  if (heard === null || heard <= tick.nowMs - tick.elapsedMs) return null
  return tick.nowMs - heard
}

async function accuse(
  { store, feed, now }: SilenceWatchOptions,
  computer: ComputerRow,
  verdict: { readonly silentMs: number; readonly limitMs: number },
): Promise<void> {
  const lastSeenMs = computer.lastSeenAt ?? computer.enrolledAt
  const judgement: Judgement = {
    type: 'agent-silent',
    evidence: {
      lastSeenMs,
      lastSeq: computer.position?.seq ?? 0,
      limitMs: verdict.limitMs,
      silentMs: Math.round(verdict.silentMs),
      wasCleanStop: computer.status === 'stopped',
    },
  }
  // The violation first: its key makes a second try harmless, and a status without it would hide the silence.
  const violation = await store.addViolation(
    computer.agent,
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
  await store.setStatus(computer.agent, 'silent')
  if (violation !== null) feed.publish({ kind: 'violation', violation })
  const silent = await store.computer(computer.agent)
  if (silent !== null) feed.publish({ kind: 'computer', computer: silent })
}
