/**
 * Accounts after the first ones: made, disabled, enabled, given to a person. Never removed: what an account did is told
 * of it for years.
 *
 * One of the three roles, and every role that sees facts, needs a second person, also where the account is new: else whoever
 * makes accounts would be every role, and would read under the name of somebody who does not exist. Where nobody but the one who asks could ever agree, one is enough: a unit that has only begun must be able to go on.
 */
import {
  areTwoPeople,
  departmentName,
  mayRole,
  needsSecondPerson,
  personKey,
  ROLE_SCOPES,
  type Role,
  ShoukouError,
  TWO_PERSON_ACTS,
} from '@shoukou/protocol'
import type { AccountEventRow, AccountWrite, ProposalRow } from '../../store/access-ports.ts'
import type { AccountRow, Store } from '../../store/ports.ts'
import type { ActingAccount, TwoPerson } from '../two-person/two-person.ts'
import { makeOneTimePassword } from './one-time-password.ts'
import { hashPassword } from './password-hash.ts'
import { refusedWrite } from './refused-write.ts'
import type { RolePayload } from './role-change.ts'

export interface NewAccountAsked {
  readonly name: string
  readonly role: Role
  readonly person: string
  readonly department: string | null
  readonly reason: string
}

export interface MadeAccount {
  readonly account: AccountRow
  /** One-time; nowhere else than in this answer. */
  readonly password: string
  /** What a second person must agree to before anybody signs in with it; null where nobody has to. */
  readonly proposal: ProposalRow | null
}

export interface RoleAsked {
  readonly role: Role
  readonly department: string | null
  readonly reason: string
}

export interface Accounts {
  /** @throws ShoukouError `edit-conflict` where the name is taken, `role-conflict`, `not-permitted` for oneself. */
  make(asked: NewAccountAsked, by: ActingAccount): Promise<MadeAccount>
  /** Ends its sessions too. @throws ShoukouError `not-permitted` for the last active one of the three roles. */
  disable(name: string, reason: string, by: ActingAccount): Promise<AccountRow>
  enable(name: string, reason: string, by: ActingAccount): Promise<AccountRow>
  /** Once: whose an account is does not change. @throws ShoukouError `edit-conflict` where somebody is named. */
  namePerson(name: string, person: string, reason: string, by: ActingAccount): Promise<AccountRow>
  /** Asks for another role, or anew for that of an account that waits. */
  askRole(name: string, asked: RoleAsked, by: ActingAccount): Promise<ProposalRow>
  history(name: string): Promise<readonly AccountEventRow[]>
}

const historyMax = 200

export function createAccounts({
  store,
  acts,
  now,
}: {
  readonly store: Store
  readonly acts: TwoPerson
  readonly now: () => number
}): Accounts {
  async function accountOf(name: string): Promise<AccountRow> {
    const account = await store.account(name)
    if (account === null)
      throw new ShoukouError('not-found', 'No account has this name; see the list of accounts.')
    return account
  }

  /** With one's own name behind the account that could agree, nobody would have to agree to anything. */
  async function isOneselfAsSecond(named: AccountRow, person: string, by: ActingAccount): Promise<boolean> {
    const key = personKey(person)
    const { agree } = TWO_PERSON_ACTS['role-change']
    if (named.name !== by.name) {
      return mayRole(named.role, agree) && by.person !== null && personKey(by.person) === key
    }
    const accounts = await store.accounts()
    return accounts.some(
      (one) => mayRole(one.role, agree) && one.person !== null && personKey(one.person) === key,
    )
  }

  async function setState(
    account: AccountRow,
    to: 'active' | 'disabled',
    { reason, by }: { readonly reason: string; readonly by: ActingAccount },
  ): Promise<AccountRow> {
    const written = await store.changeAccount(
      account.name,
      account,
      { state: to },
      {
        at: now(),
        by: by.name,
        kind: to === 'active' ? 'enabled' : 'disabled',
        changes: JSON.stringify({ state: [account.state, to] }),
        reason,
      },
    )
    return done(written)
  }

  return {
    async make(asked, by) {
      const person = asked.person.trim()
      if (by.person !== null && personKey(by.person) === personKey(person)) throw forOneself()
      const department = departmentFor(asked.role, asked.department)
      const needsSecond = needsSecondPerson(asked.role) && mayAnotherAgree(await store.accounts(), by)
      if (needsSecond && by.person === null) throw nameYourself(by.name)
      const password = makeOneTimePassword()
      const written = await store.makeAccount(
        {
          name: asked.name,
          role: asked.role,
          person,
          department,
          state: needsSecond ? 'waiting' : 'active',
          passwordHash: await hashPassword(password),
          mustChange: true,
          failures: 0,
          lockedUntil: null,
          createdAt: now(),
        },
        {
          at: now(),
          by: by.name,
          kind: 'made',
          changes: JSON.stringify({
            role: [null, asked.role],
            person: [null, person],
            department: [null, department],
          }),
          reason: asked.reason,
        },
      )
      const account = done(written)
      const payload: RolePayload = { account: account.name, role: account.role, department }
      const proposal = needsSecond ? await acts.ask('role-change', payload, asked.reason, by) : null
      return { account, password, proposal }
    },
    async disable(name, reason, by) {
      const account = await accountOf(name)
      if (account.state !== 'active')
        throw new ShoukouError('edit-conflict', 'The account is not in use; there is nothing to disable.')
      const after = await setState(account, 'disabled', { reason, by })
      await store.endSessionsOf(name, { ending: 'disabled', at: now() })
      return after
    },
    async enable(name, reason, by) {
      const account = await accountOf(name)
      if (account.state === 'waiting')
        throw new ShoukouError('second-person-needed', 'A second person must agree to its role first.')
      if (account.state === 'active')
        throw new ShoukouError('edit-conflict', 'The account is in use already.')
      return setState(account, 'active', { reason, by })
    },
    async namePerson(name, person, reason, by) {
      const account = await accountOf(name)
      if (account.person !== null)
        throw new ShoukouError(
          'edit-conflict',
          'A person is named for this account; for another one, make another account.',
        )
      const named = person.trim()
      if (await isOneselfAsSecond(account, named, by)) throw forOneself()
      const changes = JSON.stringify({ person: [null, named] })
      const event = { at: now(), by: by.name, kind: 'person', changes, reason } as const
      return done(await store.changeAccount(name, account, { person: named }, event))
    },
    async askRole(name, { role, department, reason }, by) {
      const account = await accountOf(name)
      const isOwn = account.name === by.name
      const isOwnPerson =
        account.person !== null && by.person !== null && !areTwoPeople(account, by) && !isOwn
      if (isOwn || isOwnPerson) throw forOneself()
      const payload: RolePayload = { account: name, role, department: departmentFor(role, department) }
      return acts.ask('role-change', payload, reason, by)
    },
    async history(name) {
      const { name: known } = await accountOf(name)
      return store.accountHistory(known, historyMax)
    },
  }
}

/** Returns the department that an account of a role has. @throws ShoukouError `invalid-request` where one is missing. */
export function departmentFor(role: Role, department: string | null): string | null {
  if (ROLE_SCOPES[role] === 'unit') return null
  const name = departmentName(department ?? '')
  if (name !== '') return name
  throw new ShoukouError('invalid-request', 'This role sees one department: name it.')
}

/** Reports whether there is anybody of whom it is not known that they are the same person. */
function mayAnotherAgree(accounts: readonly AccountRow[], by: ActingAccount): boolean {
  const { agree } = TWO_PERSON_ACTS['role-change']
  return accounts.some(
    (one) =>
      one.state === 'active' &&
      mayRole(one.role, agree) &&
      (one.person === null || by.person === null || areTwoPeople(one, by)),
  )
}

function done(written: AccountWrite): AccountRow {
  if (written.kind === 'done') return written.account
  throw refusedWrite(written)
}

function forOneself(): ShoukouError {
  return new ShoukouError('not-permitted', 'Nobody gives a role to oneself: another administrator does.')
}

function nameYourself(account: string): ShoukouError {
  return new ShoukouError(
    'second-person-needed',
    `This role needs a second person's agreement: first name the person behind your own account ${account}.`,
  )
}
