/**
 * An agent's clock as the console sees it: what it says, against a clock of the console's own that nobody sets. Pure.
 *
 * What arrives is late by the time that it was under way, and never early: of several readings the one that looks latest
 * is the truest. So a clock is found set back only when every reading of a whole minute says so, and the agent, with
 * nothing left to send, has told nothing of it. Its own word (`clock.stepped`) is judged by its record.
 */
export interface ClockReading {
  /** What the agent's clock said, Unix ms. */
  readonly wallMs: number
  /** When that arrived, by the console's monotonic clock, ms. */
  readonly atMs: number
  /** Everything that the agent has recorded is stored: it had the chance to tell. */
  readonly isCaughtUp: boolean
}

export interface AgentClock {
  /** The agent's clock minus ours, the best that is known, ms. */
  readonly offsetMs: number
  readonly atMs: number
  /** Steps back that the agent told lately, ms, and until when they excuse anything. */
  readonly toldBackMs: number
  readonly toldUntilMs: number
  readonly suspicion: {
    readonly sinceMs: number
    /** The best of the readings since then. */
    readonly offsetMs: number
  } | null
}

export interface ClockVerdict {
  readonly clock: AgentClock
  /** By how much it was set back, untold, ms (negative); null where nothing is to be said. */
  readonly setBackMs: number | null
}

/** The agent has so long to tell. */
export const tellMsMax = 60_000
/** What crystals of two honest computers drift apart in a millisecond. */
const driftPerMsMax = 500e-6

export function firstClock({ wallMs, atMs }: ClockReading): AgentClock {
  return { offsetMs: wallMs - atMs, atMs, toldBackMs: 0, toldUntilMs: 0, suspicion: null }
}

/** Takes a reading in. `backMsMax`: what the computer's policy lets pass. */
export function readClock(before: AgentClock, reading: ClockReading, backMsMax: number): ClockVerdict {
  const { atMs } = reading
  const clock = excuseHolds(before, atMs) ? before : { ...before, toldBackMs: 0 }
  const seenMs = reading.wallMs - atMs
  const driftMs = Math.max(0, atMs - clock.atMs) * driftPerMsMax
  const expectedMs = clock.offsetMs - driftMs
  if (seenMs >= expectedMs - backMsMax) {
    // Later than thought is truer; earlier within the limit is followed only as fast as clocks drift.
    const offsetMs = Math.max(seenMs, expectedMs)
    return settled({ ...clock, offsetMs, atMs, suspicion: null })
  }
  if (seenMs >= expectedMs - clock.toldBackMs - backMsMax)
    return settled({ ...clock, offsetMs: seenMs, atMs, toldBackMs: 0, suspicion: null })
  const suspicion = {
    sinceMs: clock.suspicion?.sinceMs ?? atMs,
    offsetMs: Math.max(seenMs, clock.suspicion?.offsetMs ?? Number.NEGATIVE_INFINITY),
  }
  if (atMs - suspicion.sinceMs < tellMsMax || !reading.isCaughtUp) return settled({ ...clock, suspicion })
  return {
    clock: { ...clock, offsetMs: suspicion.offsetMs, atMs, toldBackMs: 0, suspicion: null },
    setBackMs: Math.round(suspicion.offsetMs - expectedMs),
  }
}

/** The agent told a step of its clock itself; forward steps need no excuse. */
export function tellStep(clock: AgentClock, byMs: number, atMs: number): AgentClock {
  if (byMs >= 0) return clock
  const stillMs = excuseHolds(clock, atMs) ? clock.toldBackMs : 0
  return { ...clock, toldBackMs: stillMs - byMs, toldUntilMs: atMs + tellMsMax }
}

/** A minute long, and as long as a suspicion waits for it. */
function excuseHolds({ toldUntilMs, suspicion }: AgentClock, atMs: number): boolean {
  return atMs <= toldUntilMs || suspicion !== null
}

function settled(clock: AgentClock): ClockVerdict {
  return { clock, setBackMs: null }
}
