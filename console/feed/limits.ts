/** Bounds of the live feed. */
export const FEED_LIMITS = {
  /** Messages kept for pages that come back: beyond them a page fetches anew. */
  ringMessagesMax: 2_048,
  /** Open pages at one time. */
  subscribersMax: 1_000,
} as const
