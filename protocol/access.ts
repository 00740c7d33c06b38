/**
 * Who may do what: the one table, role by action. The server, the pages and the tests read it here and nowhere else.
 *
 * Three roles watch each other (三员分立) and none stands above them: the system administrator runs the console and sees no
 * evidence; the security administrator sets policy and handles violations, and does not see the administrators' log; the
 * auditor reads all of it and changes nothing. The others are narrower still.
 */

export const ROLES = ['sys-admin', 'sec-admin', 'auditor', 'custodian', 'station-operator', 'viewer'] as const
/** `custodian`: of one department. `station-operator`: registers media at a station and brings bundles in. */
export type Role = (typeof ROLES)[number]

export const PERMISSIONS = [
  'overview.read',
  /** What a wall display shows: sums, departments, headlines. */
  'wall.read',
  /** Which screens may show it with nobody at them. */
  'walls.read',
  'walls.keep',
  'violations.read',
  /** Acknowledge, confirm, comment, ask for a closing. */
  'violations.handle',
  /** Enters what somebody wrote who sat at the computer, by the code on the form. */
  'statements.enter',
  'computers.read',
  /** Which department a computer belongs to. */
  'computers.write',
  /** Raw records: opening one is itself an act of the log. */
  'records.read',
  'policy.read',
  'policy.write',
  'ceiling.read',
  'ceiling.bring',
  'enrolment.create',
  'identity.read',
  'identity.revoke',
  /** The one-time code without which an agent is not removed. */
  'removal.issue',
  'command.rescan',
  'network.read',
  'network.isolate',
  'media.read',
  'media.write',
  'media.grant',
  'registers.read',
  /** Fill in entries of what one reaches; not their levels, nor their states. */
  'registers.write',
  /** Sign a hand-over as giver or receiver. */
  'registers.sign',
  /** File, step, set levels; departments and patterns of numbers. */
  'registers.keep',
  /** Labels and forms that were printed, and what is in print. */
  'prints.read',
  /** Print labels and forms of what one reads; write down that a signed form came back. */
  'prints.make',
  'bundles.read',
  'bundles.import',
  'accounts.read',
  'accounts.write',
  /** To agree, as the second person, to another's role. */
  'accounts.approve',
  'sign-in-rules.read',
  'sign-in-rules.write',
  'acts.read',
  /** To agree to, refuse or withdraw a two-person act; which of them, the acts below say. */
  'acts.decide',
  'actions.read',
  /** What whoever runs, guards or audits the console must know of it: that its database was set back. */
  'warnings.read',
  /** Verify the administrators' log, sign and print its checkpoints. */
  'actions.verify',
  'forwarding.read',
  'forwarding.write',
  'backup.read',
  'backup.make',
  'backup.restore',
  'retention.read',
  /** To archive what is older than its period, and to ask that it be removed. */
  'retention.remove',
  'system.read',
] as const
export type Permission = (typeof PERMISSIONS)[number]

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  'sys-admin': [
    'computers.read',
    'accounts.read',
    'accounts.write',
    'sign-in-rules.read',
    'acts.read',
    'warnings.read',
    'acts.decide',
    'forwarding.read',
    'forwarding.write',
    'backup.read',
    'backup.make',
    'backup.restore',
    'retention.read',
    'retention.remove',
    'system.read',
  ],
  'sec-admin': [
    'overview.read',
    'wall.read',
    'walls.read',
    'walls.keep',
    'violations.read',
    'violations.handle',
    'statements.enter',
    'computers.read',
    'computers.write',
    'records.read',
    'policy.read',
    'policy.write',
    'ceiling.read',
    'ceiling.bring',
    'enrolment.create',
    'identity.read',
    'identity.revoke',
    'removal.issue',
    'command.rescan',
    'network.read',
    'network.isolate',
    'media.read',
    'media.write',
    'media.grant',
    'registers.read',
    'registers.write',
    'registers.sign',
    'registers.keep',
    'prints.read',
    'prints.make',
    'bundles.read',
    'bundles.import',
    'accounts.read',
    'accounts.approve',
    'sign-in-rules.read',
    'sign-in-rules.write',
    'acts.read',
    'warnings.read',
    'acts.decide',
    'backup.read',
    'backup.restore',
  ],
  auditor: [
    'overview.read',
    'wall.read',
    'walls.read',
    'violations.read',
    'computers.read',
    'records.read',
    'policy.read',
    'ceiling.read',
    'identity.read',
    'network.read',
    'media.read',
    'registers.read',
    'prints.read',
    'bundles.read',
    'accounts.read',
    'sign-in-rules.read',
    'acts.read',
    'warnings.read',
    'actions.read',
    'actions.verify',
    'forwarding.read',
    'backup.read',
    'retention.read',
  ],
  custodian: [
    'overview.read',
    'violations.read',
    'statements.enter',
    'computers.read',
    'network.read',
    'media.read',
    'registers.read',
    'registers.write',
    'registers.sign',
    'prints.read',
    'prints.make',
  ],
  'station-operator': [
    'media.read',
    'media.write',
    'prints.read',
    'prints.make',
    'bundles.read',
    'bundles.import',
  ],
  viewer: ['overview.read', 'wall.read', 'violations.read', 'computers.read', 'media.read', 'registers.read'],
}

/** What a role sees at all: everything of the unit, or what belongs to its account's department. */
export const ROLE_SCOPES: Readonly<Record<Role, 'unit' | 'department'>> = {
  'sys-admin': 'unit',
  'sec-admin': 'unit',
  auditor: 'unit',
  custodian: 'department',
  'station-operator': 'unit',
  viewer: 'unit',
}

/** Roles that one person may not hold together, in whatever accounts. */
export const ROLE_CONFLICTS: readonly (readonly [Role, Role])[] = [
  ['sys-admin', 'auditor'],
  ['sec-admin', 'auditor'],
]

/** What two different people must want: one asks, another one agrees. */
export const TWO_PERSON_ACTS = {
  'isolation-release': { ask: 'network.isolate', agree: 'network.isolate' },
  'violation-close-serious': { ask: 'violations.handle', agree: 'violations.handle' },
  'violation-false-positive': { ask: 'violations.handle', agree: 'violations.handle' },
  /** To allow for a time what else may be a leak. */
  'violation-exception': { ask: 'violations.handle', agree: 'violations.handle' },
  'backup-restore': { ask: 'backup.restore', agree: 'backup.restore' },
  'role-change': { ask: 'accounts.write', agree: 'accounts.approve' },
  /** Evidence, or the administrators' log, to a target that its maker could read. */
  'forward-evidence': { ask: 'forwarding.write', agree: 'violations.handle' },
  /** Who runs the console asks, who answers for the evidence agrees. */
  'remove-archived': { ask: 'retention.remove', agree: 'violations.handle' },
} as const satisfies Readonly<Record<string, { readonly ask: Permission; readonly agree: Permission }>>
export type TwoPersonAct = keyof typeof TWO_PERSON_ACTS

/** Whoever holds one of these sees what computers, media or administrators did. */
export const FACT_PERMISSIONS: readonly Permission[] = [
  'overview.read',
  'wall.read',
  'violations.read',
  'records.read',
  'network.read',
  'media.read',
  'bundles.read',
  'actions.read',
]

/** Reports whether a role sees facts: to whom it is given, one person alone does not decide. */
export function readsFacts(role: Role): boolean {
  return FACT_PERMISSIONS.some((permission) => mayRole(role, permission))
}

/** Reports whether a role holds a permission. */
export function mayRole(role: Role, permission: Permission): boolean {
  return ROLE_PERMISSIONS[role].includes(permission)
}
