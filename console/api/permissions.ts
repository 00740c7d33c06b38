/**
 * What a route asks for: a permission of the one table (`@shoukou/protocol/access.ts`), or one of a few ways without one.
 */
import { PERMISSIONS, type Permission } from '@shoukou/protocol'

/**
 * `public`: nothing. `enrolment-secret`: the secret in the body, no account. `agent-proof`: a proof by an agent's key in
 * the body. `own-session`: to be signed in, with a password that must still be changed too; these routes reach nothing but
 * one's own session. `own-account`: to be signed in, with a password that one chose and that has not expired; these reach
 * one's own account.
 */
export type Access =
  | Permission
  | 'public'
  | 'enrolment-secret'
  | 'agent-proof'
  | 'own-session'
  | 'own-account'

/** Reports whether a text from a route's configuration is an access. */
export function isAccess(value: unknown): value is Access {
  return (
    value === 'public' ||
    value === 'enrolment-secret' ||
    value === 'agent-proof' ||
    value === 'own-session' ||
    value === 'own-account' ||
    PERMISSIONS.some((permission) => permission === value)
  )
}
