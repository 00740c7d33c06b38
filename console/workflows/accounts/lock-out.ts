/** When wrong tries lock an account, and when it opens again. Pure: `now` in Unix ms comes in. */
import { ACCOUNT_LIMITS } from './limits.ts'

export interface Failures {
  readonly failures: number
  readonly lockedUntil: number | null
}

export interface LockRule {
  readonly wrongTriesMax: number
  readonly lockMinutes: number
}

export const NO_FAILURES: Failures = { failures: 0, lockedUntil: null }

const defaultRule: LockRule = {
  wrongTriesMax: ACCOUNT_LIMITS.wrongPasswordsMax,
  lockMinutes: ACCOUNT_LIMITS.lockMs / 60_000,
}

/** Returns the ms for which an account stays locked; 0 where it is open. */
export function lockedForMs(state: Failures, now: number): number {
  return state.lockedUntil === null ? 0 : Math.max(0, state.lockedUntil - now)
}

/** Returns the state after one more wrong try: the last one allowed locks, and a lock that has passed counts from one. */
export function afterWrongPassword(state: Failures, now: number, rule: LockRule = defaultRule): Failures {
  const before = state.lockedUntil !== null && state.lockedUntil <= now ? 0 : state.failures
  const failures = before + 1
  return {
    failures,
    lockedUntil: failures >= rule.wrongTriesMax ? now + rule.lockMinutes * 60_000 : null,
  }
}
