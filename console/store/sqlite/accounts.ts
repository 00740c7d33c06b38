/** Accounts, tokens and the log of what administrators did. On SQLite, in the thread that opened it. */

import { FIRST_ACCOUNTS_MARK } from '../access-schema.ts'
import type { AccountRow, NewAccount, Store, TokenRow } from '../ports.ts'
import { accountRow, tokenRow } from '../rows.ts'
import { ADD_ACCOUNT, accountValues, wholeAccount } from './access-people.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

type Part = Pick<
  Store,
  'accounts' | 'account' | 'addAccount' | 'addFirstAccounts' | 'updateAccount' | 'addToken' | 'token'
>

export function accountsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  return {
    async accounts(): Promise<readonly AccountRow[]> {
      return (await query.selectFrom('accounts').selectAll().orderBy('name').execute()).map(accountRow)
    },
    async account(name: string): Promise<AccountRow | null> {
      const row = await query.selectFrom('accounts').selectAll().where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : accountRow(row)
    },
    async addAccount(account: NewAccount): Promise<boolean> {
      const added = connection
        .prepare(`${ADD_ACCOUNT} on conflict (name) do nothing`)
        .run(...accountValues(wholeAccount(account)))
      return Number(added.changes) === 1
    },
    async addFirstAccounts(accounts: readonly NewAccount[]): Promise<boolean> {
      return ingest.transaction(() => {
        const [first] = accounts
        if (first === undefined) return false
        // Once in the life of a console: not where rows are gone, nor where all accounts were disabled.
        const isFirst = connection
          .prepare('insert into console_marks (name, at) values (?, ?) on conflict (name) do nothing')
          .run(FIRST_ACCOUNTS_MARK, first.createdAt)
        if (Number(isFirst.changes) === 0) return false
        if (connection.prepare('select 1 from accounts limit 1').get() !== undefined) return false
        const add = connection.prepare(ADD_ACCOUNT)
        const event = connection.prepare(
          'insert into account_events (account, at, "by", kind, changes, reason) values (?, ?, ?, ?, ?, ?)',
        )
        for (const one of accounts) {
          add.run(...accountValues(wholeAccount(one)))
          const changes = JSON.stringify({ role: [null, one.role] })
          event.run(one.name, one.createdAt, '', 'made', changes, '')
        }
        return true
      })
    },
    async updateAccount(name: string, change: Parameters<Store['updateAccount']>[1]): Promise<void> {
      const set = {
        ...(change.passwordHash === undefined ? {} : { password_hash: change.passwordHash }),
        ...(change.mustChange === undefined ? {} : { must_change: change.mustChange ? 1 : 0 }),
        ...(change.failures === undefined ? {} : { failures: change.failures }),
        ...(change.lockedUntil === undefined ? {} : { locked_until: change.lockedUntil }),
      }
      if (Object.keys(set).length === 0) return
      await query.updateTable('accounts').set(set).where('name', '=', name).execute()
    },
    async addToken(token: TokenRow): Promise<void> {
      await query
        .insertInto('tokens')
        .values({
          id: token.id,
          number: token.number,
          settings: JSON.stringify(token.settings),
          created_at: token.createdAt,
          created_by: token.createdBy,
          expires_at: token.expiresAt,
          used_at: token.usedAt,
          used_by: token.usedBy,
          replaces: token.replaces ?? null,
        })
        .execute()
    },
    async token(id: string): Promise<TokenRow | null> {
      const row = await query.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : tokenRow(row)
    },
  }
}
