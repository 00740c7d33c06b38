/** What is said before an account is made or changed: pure, by the rules that the console decides by. */

import { mayRole, ROLE_SCOPES, type Role, TWO_PERSON_ACTS } from '@shoukou/protocol/access.ts'
import { areTwoPeople, conflictingAccount, needsSecondPerson } from '@shoukou/protocol/access-people.ts'
import type { AccountItem } from '../../api/contract-access.ts'

/** Returns the account by which a person would hold two roles that may not be held together. */
export function conflictOf(
  accounts: readonly AccountItem[],
  candidate: { readonly name: string; readonly role: Role | undefined; readonly person: string },
): AccountItem | null {
  const { name, role, person } = candidate
  if (role === undefined || person.trim() === '') return null
  return conflictingAccount(accounts, { name, role, person, state: 'active' })
}

/** Reports whether a new account of this role waits for a second person. */
export function waitsForSecond(accounts: readonly AccountItem[], role: Role, own: string): boolean {
  if (!needsSecondPerson(role)) return false
  const by = accounts.find(({ name }) => name === own)
  return accounts.some(
    (one) =>
      one.state === 'active' &&
      mayRole(one.role, TWO_PERSON_ACTS['role-change'].agree) &&
      (one.person === null || by === undefined || by.person === null || areTwoPeople(one, by)),
  )
}

/** Reports whether a role sees one department alone. */
export function needsDepartment(role: Role | undefined): boolean {
  return role !== undefined && ROLE_SCOPES[role] === 'department'
}
