/** How far a session goes that is about to be opened: everything, or as far as mending what the rules complain of. Pure. */
import type { SessionReach } from '../../store/sign-in-ports.ts'
import { isDemanded } from './second-factor.ts'
import type { Proven } from './sign-in.ts'
import { passwordEndsAt, type SignInRules } from './sign-in-rules.ts'

/** Returns the reach. An expired password comes first: with it, nothing else may be changed. */
export function reachOf(proven: Proven, rules: SignInRules, now: number): SessionReach {
  if (now >= passwordEndsAt(rules, proven.passwordAt, proven.hasSecondFactor)) return 'password-change'
  return isDemanded(rules, proven) && !proven.hasSecondFactor ? 'second-factor-set-up' : 'all'
}
