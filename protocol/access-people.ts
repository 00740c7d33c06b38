/**
 * Who is behind accounts: a role is held by a human being, and one human being may have several accounts. Pure; the
 * server decides by it, the pages warn by it.
 */
import { ROLE_CONFLICTS, type Role, readsFacts } from './access.ts'

/** As much of an account as tells who holds what. */
export interface HeldRole {
  readonly name: string
  readonly role: Role
  /** Name or staff number; null: not named yet. */
  readonly person: string | null
  readonly state: 'active' | 'disabled' | 'waiting'
}

/** Returns a person's name as it is compared: widths, spaces and case make no other person. */
export function personKey(person: string): string {
  return person.normalize('NFKC').trim().replaceAll(/\s+/gu, ' ').toLowerCase()
}

/** Reports whether two accounts are known to be of two people: of an account without a person nothing is known. */
export function areTwoPeople(
  a: Pick<HeldRole, 'name' | 'person'>,
  b: Pick<HeldRole, 'name' | 'person'>,
): boolean {
  if (a.name === b.name || a.person === null || b.person === null) return false
  return personKey(a.person) !== personKey(b.person)
}

/**
 * Returns the account by which a person would hold two roles that nobody may hold together; null where there is none.
 * Disabled accounts do not count; those that wait for a second person's agreement do.
 */
export function conflictingAccount<Account extends HeldRole>(
  accounts: readonly Account[],
  candidate: HeldRole,
): Account | null {
  const { person } = candidate
  if (person === null || candidate.state === 'disabled') return null
  const key = personKey(person)
  return (
    accounts.find(
      (one) =>
        one.name !== candidate.name &&
        one.state !== 'disabled' &&
        one.person !== null &&
        personKey(one.person) === key &&
        areConflicting(one.role, candidate.role),
    ) ?? null
  )
}

/** Roles of which at least one account must stay active: without one of the three, the other two watch nobody. */
export const KEPT_ROLES: readonly Role[] = ['sys-admin', 'sec-admin', 'auditor']

/**
 * Reports whether an account of a role is put into use only once a second person agrees: one of the three roles, or any
 * that sees facts. Else whoever makes accounts would read them under the name of somebody who does not exist.
 */
export function needsSecondPerson(role: Role): boolean {
  return KEPT_ROLES.includes(role) || readsFacts(role)
}

/** Reports whether an account is the last active one of a role that must be held. */
export function isLastOfRole(accounts: readonly HeldRole[], account: HeldRole): boolean {
  if (!KEPT_ROLES.includes(account.role) || account.state !== 'active') return false
  return !accounts.some(
    (one) => one.name !== account.name && one.role === account.role && one.state === 'active',
  )
}

function areConflicting(a: Role, b: Role): boolean {
  return ROLE_CONFLICTS.some(([one, other]) => (one === a && other === b) || (one === b && other === a))
}
