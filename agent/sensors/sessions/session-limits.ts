/** Bounds of the sessions sensor. */
export const SESSION_LIMITS = {
  /** Of /run/utmp: 2,700 records of 384 bytes; the oldest lines come first and are kept. */
  utmpBytesMax: 1_048_576,
  /** Of one file of logind, which has under 1 kB. */
  logindBytesMax: 16_384,
  /** Files of logind looked at. */
  logindFilesMax: 2_048,
  /** Told at once; more people than these do not sit at one computer. */
  sessionsMax: 512,
  /** Looked at anew so often, whatever the kernel told: a session whose process was killed changes no file. */
  sweepMs: 5_000,
} as const
