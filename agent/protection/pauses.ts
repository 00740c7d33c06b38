/**
 * Whether this process was held still: from clocks and counters taken again and again, to a fact. Pure.
 *
 * Between two looks the main thread either ran, or waited for a processor (the kernel counts both), or slept until the next
 * look was due. What is left over it was neither running nor able to: stopped by a signal, frozen with its cgroup, traced,
 * or in the kernel's hands. A computer that is busy, and one that sleeps, leave nothing over.
 */
import type { FactNamed, RawText } from '@shoukou/protocol'

export interface PauseLook {
  readonly wallMs: number
  /** CLOCK_BOOTTIME and CLOCK_MONOTONIC: they differ by what the computer slept. */
  readonly bootMs: number
  readonly monotonicMs: number
  /** What the main thread ran, and waited for a processor, since it exists; null where this kernel does not count it. */
  readonly busyMs: number | null
  /** Who traces this process; null where nobody does. */
  readonly tracer: RawText | null
}

export interface PauseState {
  readonly last: PauseLook
  /** Seen at the last look, not told yet: the signal that ends a stop is delivered a moment later. */
  readonly pending: Still | null
  readonly hasContinued: boolean
}

interface Still {
  readonly fromWallMs: number
  readonly pausedMs: number
  readonly suspendedMs: number
  readonly stillMs: number
}

type Paused = FactNamed<'agent.paused'>

/** How often it is looked. */
export const LOOK_EVERY_MS = 500
/** Held still for less than this, a signal's stop is not told; nor, without one, anything shorter than the second. */
export const STOPPED_MS_MIN = 500
export const UNEXPLAINED_MS_MIN = 2_000

export function beginPauses(look: PauseLook): PauseState {
  return { last: look, pending: null, hasContinued: false }
}

/** SIGCONT came. */
export function continued(state: PauseState): PauseState {
  return { ...state, hasContinued: true }
}

/** Takes the next look; the fact is null where there is nothing to tell. */
export function stepPauses(
  state: PauseState,
  look: PauseLook,
): { readonly state: PauseState; readonly fact: Paused | null } {
  const told = state.pending === null ? null : factOf(state.pending, state.hasContinued, look.tracer)
  const pending = stillBetween(state.last, look)
  // A signal that ended a stop counts for the pause that is seen now; one that ended none is forgotten.
  const hasContinued = pending !== null && state.pending === null && state.hasContinued
  const traced = told === null && look.tracer !== null && look.tracer !== state.last.tracer
  const fact = traced && pending === null ? tracedFact(look) : told
  return { state: { last: look, pending, hasContinued }, fact }
}

function stillBetween(last: PauseLook, look: PauseLook): Still | null {
  const monotonicMs = look.monotonicMs - last.monotonicMs
  const pausedMs = look.bootMs - last.bootMs
  const busyMs = look.busyMs === null || last.busyMs === null ? 0 : look.busyMs - last.busyMs
  const stillMs = monotonicMs - LOOK_EVERY_MS - busyMs
  if (stillMs < STOPPED_MS_MIN) return null
  const suspendedMs = Math.max(0, Math.round(pausedMs - monotonicMs))
  return { fromWallMs: last.wallMs, pausedMs: Math.round(pausedMs), suspendedMs, stillMs }
}

function factOf(still: Still, hasContinued: boolean, tracer: RawText | null): Paused | null {
  if (!hasContinued && still.stillMs < UNEXPLAINED_MS_MIN) return null
  const { fromWallMs, pausedMs, suspendedMs } = still
  const cause = hasContinued ? 'stop-signal' : 'unexplained'
  return { kind: 'agent.paused', fromWallMs, pausedMs, suspendedMs, cause, tracer }
}

function tracedFact({ wallMs, tracer }: PauseLook): Paused {
  const cause = 'unexplained'
  return { kind: 'agent.paused', fromWallMs: wallMs, pausedMs: 0, suspendedMs: 0, cause, tracer }
}
