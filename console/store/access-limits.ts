/** Bounds of what the store keeps of who may do what. */
export const STORE_LIMITS = {
  /** Read as a whole at each change: who holds what is decided over all of them. */
  accountsMax: 1_000,
} as const
