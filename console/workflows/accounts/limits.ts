/** Bounds of accounts, sign-in and sessions. */
export const ACCOUNT_LIMITS = {
  /** The unit's rules ask for 10 characters in one place and four classes of 8 in another: both hold. */
  passwordCharactersMin: 10,
  passwordCharactersMax: 256,
  wrongPasswordsMax: 5,
  lockMs: 30 * 60_000,
  sessionIdleMs: 10 * 60_000,
  sessionMs: 12 * 3_600_000,
  clockBackMsMax: 60_000,
  /** Names that do not exist and were tried, remembered so that they behave as if they did. */
  unknownNamesMax: 1_000,
  /** 19 MiB each: passwords hashed at one time, and those that wait. */
  hashesAtOnceMax: 4,
  hashesWaitingMax: 64,
} as const
