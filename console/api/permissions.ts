/**
 * Who may do what: the one table. Three roles that watch each other (三员分立): none of them is above the others.
 *
 * The system administrator runs the console and sees no evidence; the security administrator sets policy and handles
 * violations, and does not see the administrators' log; the auditor reads all of it and changes nothing.
 */
import type { Role } from '../store/ports.ts'

export const PERMISSIONS = [
  'overview.read',
  'violations.read',
  'computers.read',
  'records.read',
  'policy.read',
  'policy.write',
  'enrolment.create',
  'command.rescan',
  'network.read',
  'network.isolate',
  'media.read',
  'media.write',
  'media.grant',
  'accounts.read',
  'actions.read',
  'system.read',
] as const
export type Permission = (typeof PERMISSIONS)[number]

/**
 * What a route asks for. `public`: nothing. `enrolment-secret`: the secret in the body, no account. `own-session`: to
 * be signed in, with a password that must still be changed too; these routes reach nothing but one's own session.
 */
export type Access = Permission | 'public' | 'enrolment-secret' | 'own-session'

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  'sys-admin': ['computers.read', 'accounts.read', 'system.read'],
  'sec-admin': [
    'overview.read',
    'violations.read',
    'computers.read',
    'records.read',
    'policy.read',
    'policy.write',
    'enrolment.create',
    'command.rescan',
    'network.read',
    'network.isolate',
    'media.read',
    'media.write',
    'media.grant',
  ],
  auditor: [
    'overview.read',
    'violations.read',
    'computers.read',
    'records.read',
    'policy.read',
    'network.read',
    'media.read',
    'actions.read',
  ],
}

/** Reports whether a role holds a permission. */
export function mayRole(role: Role, permission: Permission): boolean {
  return ROLE_PERMISSIONS[role].includes(permission)
}

/** Reports whether a text from a route's configuration is an access. */
export function isAccess(value: unknown): value is Access {
  return (
    value === 'public' ||
    value === 'enrolment-secret' ||
    value === 'own-session' ||
    PERMISSIONS.some((permission) => permission === value)
  )
}
