/**
 * Steps of the wall clock against the boot clock. Pure: `step(state, reading)`.
 *
 * The boot clock can't be set, so the difference of the two moves only by slewing (at most 500 ppm of NTP) or by somebody's
 * hand. Many small steps add up: the difference is compared with the last one that was told or slowly followed.
 */
export interface ClockReading {
  /** Unix ms. */
  readonly wallMs: number
  /** ms since boot, suspend included. */
  readonly bootMs: number
}

export interface ClockState {
  /** Wall minus boot, as last accepted, ms. */
  readonly offsetMs: number
  readonly bootMs: number
}

export interface ClockStep {
  readonly state: ClockState
  /** The step to tell; null where there was none. */
  readonly byMs: number | null
}

/** A difference of this much is a step, ms. */
const stepMsMin = 500
/** What an honest time service may slew in a millisecond. */
const slewPerMsMax = 500e-6

export function firstReading(reading: ClockReading): ClockState {
  return { offsetMs: reading.wallMs - reading.bootMs, bootMs: reading.bootMs }
}

export function stepClock(state: ClockState, reading: ClockReading): ClockStep {
  const offsetMs = reading.wallMs - reading.bootMs
  const movedMs = offsetMs - state.offsetMs
  if (Math.abs(movedMs) >= stepMsMin) {
    return { state: { offsetMs, bootMs: reading.bootMs }, byMs: Math.round(movedMs) }
  }
  // Follow no faster than slewing goes, so that a clock pushed in small steps is found out all the same.
  const followMs = Math.max(0, reading.bootMs - state.bootMs) * slewPerMsMax
  const followedMs = Math.max(-followMs, Math.min(followMs, movedMs))
  return { state: { offsetMs: state.offsetMs + followedMs, bootMs: reading.bootMs }, byMs: null }
}
