/** Bounds of accounts, sign-in and sessions. What a unit may set stricter is in `sign-in-rules.ts`. */
export const ACCOUNT_LIMITS = {
  /** The unit's rules ask for 10 characters in one place and four classes of 8 in another: both hold. */
  passwordCharactersMin: 10,
  passwordCharactersMax: 256,
  wrongPasswordsMax: 5,
  lockMs: 30 * 60_000,
  sessionIdleMs: 10 * 60_000,
  sessionMs: 12 * 3_600_000,
  /** Before a page locks itself, it says so. */
  idleWarningMs: 60_000,
  clockBackMsMax: 60_000,
  sessionsPerAccountMax: 20,
  browserCharactersMax: 256,
  /** Names that do not exist and were tried, remembered so that they behave as if they did. */
  unknownNamesMax: 1_000,
  /** Tries at one name that wait for their turn. */
  triesWaitingMax: 32,
  /**
   * 19 MiB and one of Node's four threads each: passwords hashed at one time, and those that wait. Two, so that a flood
   * of sign-ins leaves files and keys two threads.
   */
  hashesAtOnceMax: 2,
  hashesWaitingMax: 64,
  recoveryCodes: 10,
  /** A secret that was shown and never confirmed. */
  pendingSecretMs: 15 * 60_000,
  /** A request as a USB key makes it, in PEM. */
  certificateRequestCharactersMax: 16_384,
  certificatesPerAccountMax: 50,
} as const
