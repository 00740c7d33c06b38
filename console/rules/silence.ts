/**
 * `agent-silent`: how long a computer has said nothing, counted only while the console itself ran. Pure.
 *
 * Silence is counted in ticks of the console's own monotonic clock and kept, so that a console restarted again and
 * again still finds a silent computer, and one that was off for a night accuses nobody. After a start, agents get the
 * time that their slowest reconnect takes.
 */
import { EXPORT_AFTER_MS_DEFAULT } from '@shoukou/protocol'

export interface SilenceState {
  readonly status: 'pending' | 'online' | 'offline' | 'stopped' | 'standalone' | 'silent'
  /** ms since the last sign of life, where one came since the last tick; else null. */
  readonly heardMsAgo: number | null
  /** Silence counted until the last tick, ms. */
  readonly silentMs: number
}

export interface SilenceLimits {
  readonly silentAfterMs: number
  readonly stoppedAfterMs: number
  /** Of a computer that reports by bundles; left out: `EXPORT_AFTER_MS_DEFAULT`. */
  readonly exportAfterMs?: number | undefined
}

export interface SilenceTick {
  /** ms since the last tick, by a clock that no one sets. */
  readonly elapsedMs: number
  /** ms that this console has been accepting agents. */
  readonly acceptingMs: number
}

export interface SilenceVerdict {
  readonly silentMs: number
  /** Set once, when the limit is passed: then a violation begins. */
  readonly becameSilent: boolean
  readonly limitMs: number
}

/** The slowest reconnect (15 s) and a handshake. */
export const reconnectGraceMs = 25_000

/** Silence is looked at each second; more than this between two looks means that the console itself did not run. */
const tickMsMax = 5_000

export function stepSilence(state: SilenceState, limits: SilenceLimits, tick: SilenceTick): SilenceVerdict {
  const limitMs = state.status === 'stopped' ? limits.stoppedAfterMs : limits.silentAfterMs
  if (state.status === 'standalone') return stepStandalone(state, limits, tick)
  // Enrolled and never heard: not silent, but never begun; the list of computers says so.
  if (state.status === 'pending') return { silentMs: 0, becameSilent: false, limitMs }
  const silentMs =
    state.heardMsAgo === null
      ? state.silentMs + Math.min(tick.elapsedMs, tickMsMax)
      : Math.min(state.heardMsAgo, tickMsMax)
  if (state.status === 'silent') return { silentMs, becameSilent: false, limitMs }
  const isAccepting = tick.acceptingMs >= Math.min(reconnectGraceMs, limitMs)
  return { silentMs, becameSilent: isAccepting && silentMs >= limitMs, limitMs }
}

/**
 * A computer that reports by bundles: `silentMs` is the time since its last one, by the calendar. Somebody has to carry them,
 * whether this console runs meanwhile or not.
 */
function stepStandalone(
  { silentMs }: SilenceState,
  limits: SilenceLimits,
  tick: SilenceTick,
): SilenceVerdict {
  const limitMs = limits.exportAfterMs ?? EXPORT_AFTER_MS_DEFAULT
  const isAccepting = tick.acceptingMs >= reconnectGraceMs
  return { silentMs, becameSilent: isAccepting && silentMs >= limitMs, limitMs }
}
