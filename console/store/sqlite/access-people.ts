/** Accounts made and changed with their history, and what belongs to which department. On SQLite, in the thread that opened it. */
import { conflictingAccount, isLastOfRole } from '@shoukou/protocol'
import type { Selectable } from 'kysely'
import { STORE_LIMITS } from '../access-limits.ts'
import type {
  AccessStore,
  AccountChange,
  AccountEvent,
  AccountEventKind,
  AccountEventRow,
  AccountWrite,
  ObjectKind,
} from '../access-ports.ts'
import { FIRST_ACCOUNTS_MARK } from '../access-schema.ts'
import type { AccountRow, ComputerRow, NewAccount } from '../ports.ts'
import { accountRow } from '../rows.ts'
import type { Tables } from '../schema.ts'
import { readComputer } from './computers.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

type Part = Pick<
  AccessStore,
  | 'makeAccount'
  | 'changeAccount'
  | 'accountHistory'
  | 'hadAccounts'
  | 'setDepartment'
  | 'departmentOf'
  | 'departments'
>

export function accessPeopleIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  const statements = {
    accounts: connection.prepare('select * from accounts'),
    add: connection.prepare(ADD_ACCOUNT),
    event: connection.prepare(
      'insert into account_events (account, at, "by", kind, changes, reason) values (?, ?, ?, ?, ?, ?)',
    ),
    change: connection.prepare(
      'update accounts set state = ?, role = ?, department = ?, person = ? where name = ?',
    ),
    marked: connection.prepare('select 1 from console_marks where name = ?'),
    department: connection.prepare('select department from computers where agent = ?'),
    setDepartment: connection.prepare('update computers set department = ? where agent = ?'),
    departmentEvent: connection.prepare(
      'insert into department_events (agent, at, account, before, after, reason) values (?, ?, ?, ?, ?, ?)',
    ),
    of: {
      computer: connection.prepare('select department from computers where agent = ?'),
      violation: connection.prepare(
        "select coalesce(computers.department, media.department) as department from violations left join computers on computers.agent = violations.agent left join media on violations.agent = '' and 'medium:' || media.number = violations.subject where violations.id = ?",
      ),
      medium: connection.prepare('select department from media where number = ?'),
    } satisfies Record<ObjectKind, unknown>,
    departments: connection.prepare(
      "select department from computers where department is not null union select department from media where department <> '' order by 1 limit ?",
    ),
  }
  const readAccounts = (): AccountRow[] =>
    (statements.accounts.all() as unknown as Selectable<Tables['accounts']>[]).map(accountRow)
  const addEvent = (account: string, event: AccountEvent): void => {
    const { at, by, kind, changes, reason } = event
    statements.event.run(account, at, by, kind, changes, reason)
  }

  return {
    async makeAccount(account: NewAccount, event: AccountEvent): Promise<AccountWrite> {
      return ingest.transaction((): AccountWrite => {
        const accounts = readAccounts()
        // Names that differ in case alone are one name to whoever reads a log.
        const key = account.name.toLowerCase()
        if (accounts.some(({ name }) => name.toLowerCase() === key)) return { kind: 'name-taken' }
        if (accounts.length >= STORE_LIMITS.accountsMax) return { kind: 'too-many' }
        const made = wholeAccount(account)
        const conflict = conflictingAccount(accounts, made)
        if (conflict !== null) return { kind: 'role-conflict', account: conflict.name, role: conflict.role }
        statements.add.run(...accountValues(made))
        addEvent(made.name, event)
        return { kind: 'done', account: made }
      })
    },
    async changeAccount(
      name: string,
      expected: Pick<AccountRow, 'state' | 'role' | 'person'>,
      change: AccountChange,
      event: AccountEvent,
    ): Promise<AccountWrite> {
      return ingest.transaction((): AccountWrite => {
        const accounts = readAccounts()
        const before = accounts.find((one) => one.name === name)
        if (before === undefined) return { kind: 'not-found' }
        if (
          before.state !== expected.state ||
          before.role !== expected.role ||
          before.person !== expected.person
        )
          return { kind: 'changed-meanwhile' }
        const after: AccountRow = { ...before, ...change }
        const conflict = conflictingAccount(accounts, after)
        if (conflict !== null) return { kind: 'role-conflict', account: conflict.name, role: conflict.role }
        const leaves = after.role !== before.role || after.state !== 'active'
        if (leaves && isLastOfRole(accounts, before)) return { kind: 'last-of-role' }
        statements.change.run(after.state, after.role, after.department, after.person, name)
        addEvent(name, event)
        return { kind: 'done', account: after }
      })
    },
    async accountHistory(name: string, limit: number): Promise<readonly AccountEventRow[]> {
      const rows = await query
        .selectFrom('account_events')
        .selectAll()
        .where('account', '=', name)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(({ account, at, by, kind, changes, reason }) => ({
        account,
        at: Number(at),
        by,
        kind: kind as AccountEventKind,
        changes,
        reason,
      }))
    },
    async hadAccounts(): Promise<boolean> {
      return statements.marked.get(FIRST_ACCOUNTS_MARK) !== undefined
    },
    async setDepartment(
      agent: string,
      department: string | null,
      by: { readonly at: number; readonly account: string; readonly reason: string },
    ): Promise<ComputerRow | null> {
      const isThere = ingest.transaction(() => {
        const row = statements.department.get(agent) as { department: string | null } | undefined
        if (row === undefined) return false
        statements.setDepartment.run(department, agent)
        statements.departmentEvent.run(agent, by.at, by.account, row.department, department, by.reason)
        return true
      })
      return isThere ? readComputer(query, agent) : null
    },
    async departmentOf(kind: ObjectKind, id: string): Promise<{ readonly department: string | null } | null> {
      const row = statements.of[kind].get(id) as { department: string | null } | undefined
      return row === undefined ? null : { department: row.department }
    },
    async departments(limit: number): Promise<readonly string[]> {
      const rows = statements.departments.all(limit) as unknown as { department: string }[]
      return rows.map(({ department }) => department)
    },
  }
}

export const ADD_ACCOUNT =
  'insert into accounts (name, role, password_hash, must_change, failures, locked_until, created_at, person, department, state) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'

/** Returns an account with what may be left out. */
export function wholeAccount(account: NewAccount): AccountRow {
  return { person: null, department: null, state: 'active', ...account }
}

/** Returns the values of `ADD_ACCOUNT`. */
export function accountValues(account: AccountRow): (string | number | null)[] {
  return [
    account.name,
    account.role,
    account.passwordHash,
    account.mustChange ? 1 : 0,
    account.failures,
    account.lockedUntil,
    account.createdAt,
    account.person,
    account.department,
    account.state,
  ]
}
