/** Bounds of the media register's workflows. */
export const MEDIA_LIMITS = {
  /** Candidates that share a key: more devices with one serial than this are compared no further. */
  candidatesMax: 200,
  /** Policies that are due are looked for in steps of so many. */
  dueMax: 10_000,
  /** Acts that follow within this time make one policy. */
  debounceMs: 150,
  /** After a policy could not be made: when it is tried again. */
  retryMs: 5_000,
  policyTriesMax: 5,
  reasonCharactersMax: 500,
} as const
