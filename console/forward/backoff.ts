/** How long a target waits after a failure: doubled each time up to a bound, and spread over it (full jitter). Pure. */
import { FORWARD_LIMITS } from './limits.ts'

/** Returns ms to wait; `failures` from 1, `random` from 0 to 1. Never less than half the least, so that none is hammered. */
export function retryDelayMs(failures: number, random: number): number {
  const { retryDelayMsMin: least, retryDelayMsMax: most } = FORWARD_LIMITS
  const ceiling = Math.min(most, least * 2 ** Math.min(20, Math.max(0, failures - 1)))
  return Math.round(least / 2 + random * (ceiling - least / 2))
}
