/**
 * Why a minute counts as proven watched, or not: every cause, and which state it is. Pure.
 *
 * The state is what is shown and counted; nothing that is not a proof is ever `proven`.
 */
export type CoverageState = 'proven' | 'unproven' | 'broken' | 'exempt' | 'outside'

export const COVERAGE_CAUSES = {
  /** Heartbeats came at the time, and the records of that time are here. */
  heard: 'proven',
  /** The link was away; the journal came later, without a hole. */
  journal: 'proven',

  /** Between a clean stop and a start of the computer. */
  off: 'unproven',
  /** The agent told that it stops, and the computer went on, or has not come back. */
  stopped: 'unproven',
  removed: 'unproven',
  fault: 'unproven',
  /** It ended without telling: killed, or the power went. */
  killed: 'unproven',
  asleep: 'unproven',
  paused: 'unproven',
  'sensor-fallback': 'unproven',
  'sensor-not-watched': 'unproven',
  'sensor-unknown': 'unproven',
  'sensor-overflow': 'unproven',
  /** The agent told that it gave records up. */
  'records-lost': 'unproven',
  'gap-declared': 'unproven',
  'gap-pending': 'unproven',
  'journal-lost': 'unproven',
  /** Nothing has come of that time, and nothing tells why. */
  'not-arrived': 'unproven',
  /** Heartbeats came, and the records of that time have not. */
  'records-behind': 'unproven',
  'clock-moved': 'unproven',
  'clock-wrong': 'unproven',
  'policy-behind': 'unproven',
  'control-not-in-force': 'unproven',
  'seals-not-proved': 'unproven',
  'program-changed': 'unproven',
  /** Enrolled, and not started yet. */
  'not-started': 'unproven',

  /** Numbers are missing and nobody declared them. */
  gap: 'broken',
  /** Held still by a signal. */
  'held-still': 'broken',
  /** Silent beyond its limit, and nothing has come since. */
  silent: 'broken',

  /** Not proven while the register has it in repair. */
  'in-repair': 'exempt',

  'not-enrolled': 'outside',
  'identity-ended': 'outside',
  future: 'outside',
} as const satisfies Readonly<Record<string, CoverageState>>

export type CoverageCause = keyof typeof COVERAGE_CAUSES
export const COVERAGE_CAUSE_LIST = Object.keys(COVERAGE_CAUSES) as readonly CoverageCause[]

/** Minutes by cause; what is left out is none. */
export type MinutesByCause = Readonly<Partial<Record<CoverageCause, number>>>

/** Returns the minutes of one state. */
export function minutesOf(minutes: MinutesByCause, state: CoverageState): number {
  let sum = 0
  for (const cause of COVERAGE_CAUSE_LIST) if (COVERAGE_CAUSES[cause] === state) sum += minutes[cause] ?? 0
  return sum
}
