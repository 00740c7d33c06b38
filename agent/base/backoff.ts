/** Delays between attempts: full jitter, so that ten thousand agents do not come back in step. Pure. */

export interface BackoffBounds {
  readonly delayMsMin: number
  readonly delayMsMax: number
}

/**
 * Returns the delay before attempt `attempt` (0 for the first retry), ms: even between the lower bound and
 * `min(max, min × 2^(attempt + 1))`. `random` is in [0, 1).
 */
export function fullJitterDelayMs(attempt: number, bounds: BackoffBounds, random: number): number {
  const ceiling = Math.min(bounds.delayMsMax, bounds.delayMsMin * 2 ** Math.min(attempt + 1, 30))
  return Math.round(bounds.delayMsMin + random * (ceiling - bounds.delayMsMin))
}
