/** Bounds of the ledger's comparison with reality. */
export const FINDING_LIMITS = {
  unseenDaysDefault: 30,
  unseenDaysMax: 730,
  /** Each step that reads lets others in behind it. */
  pageRows: 1_000,
  entriesMax: 200_000,
  unregisteredMax: 2_000,
  noteCharactersMax: 500,
  snoozeDaysMax: 90,
  bulkMax: 200,
  lookMs: 60_000,
  /** Computers whose register and tellings are compared again: a unit of 5,000 is gone through in less than an hour. */
  measuredPerLook: 100,
  /** Stays that one look goes on by; the rest comes with the next. */
  staysPerLookMax: 2_000,
  /** Stays that share one identity: more of them say nothing more. */
  sharingMax: 100,
} as const
