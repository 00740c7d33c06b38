/** Past passwords, second factors and the rules of signing in; sessions and certificates are beside it. On SQLite, in the thread that opened it. */
import type { Selectable } from 'kysely'
import type {
  CredentialRow,
  NewPassword,
  SignInRulesRow,
  SignInStore,
  UnknownNameRow,
} from '../sign-in-ports.ts'
import type { SignInTables } from '../sign-in-schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'
import { certificatesIn } from './sign-in-certificates.ts'
import { sessionsIn } from './sign-in-sessions.ts'

export function signInIn(database: OpenDatabase, ingest: SqliteIngest): SignInStore {
  return {
    ...sessionsIn(database, ingest),
    ...passwordsIn(database, ingest),
    ...secondFactorsIn(database, ingest),
    ...unknownNamesIn(database, ingest),
    ...certificatesIn(database, ingest),
    ...rulesIn(database),
  }
}

type Passwords = Pick<SignInStore, 'credential' | 'setPassword' | 'pastPasswords'>

function passwordsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Passwords {
  const setHash = connection.prepare('update accounts set password_hash = ?, must_change = ? where name = ?')
  const setTime = connection.prepare(
    'insert into account_credentials (account, password_at, totp_step) values (?, ?, 0) on conflict (account) do update set password_at = excluded.password_at',
  )
  const remember = connection.prepare('insert into past_passwords (account, hash, at) values (?, ?, ?)')
  const forget = connection.prepare(
    'delete from past_passwords where account = ? and id not in (select id from past_passwords where account = ? order by id desc limit ?)',
  )
  return {
    async credential(account: string): Promise<CredentialRow | null> {
      const row = await query
        .selectFrom('account_credentials')
        .selectAll()
        .where('account', '=', account)
        .executeTakeFirst()
      return row === undefined ? null : credentialRow(row)
    },
    async setPassword(account: string, { hash, at, isOneTime, historyMax }: NewPassword): Promise<void> {
      ingest.transaction(() => {
        setHash.run(hash, isOneTime ? 1 : 0, account)
        setTime.run(account, at)
        if (isOneTime) return
        remember.run(account, hash, at)
        forget.run(account, account, historyMax)
      })
    },
    async pastPasswords(account: string, limit: number): Promise<readonly string[]> {
      const rows = await query
        .selectFrom('past_passwords')
        .select('hash')
        .where('account', '=', account)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(({ hash }) => hash)
    },
  }
}

type SecondFactors = Pick<
  SignInStore,
  | 'startSecondFactor'
  | 'confirmSecondFactor'
  | 'removeSecondFactor'
  | 'useTotpStep'
  | 'useRecoveryCode'
  | 'replaceRecoveryCodes'
  | 'recoveryCodesLeft'
  | 'accountsWithSecondFactor'
>

function secondFactorsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): SecondFactors {
  // An account from before has no row of its own yet: its password counts from when the account was made.
  const makeRow = connection.prepare(
    'insert into account_credentials (account, password_at, totp_step) select name, created_at, 0 from accounts where name = ? on conflict (account) do nothing',
  )
  const putCodes = (account: string, hashes: readonly string[]): void => {
    connection.prepare('delete from recovery_codes where account = ?').run(account)
    const add = connection.prepare('insert into recovery_codes (hash, account, used_at) values (?, ?, null)')
    for (const hash of hashes) add.run(hash, account)
  }
  const changed = (sql: string, ...values: readonly (string | number)[]): boolean =>
    Number(connection.prepare(sql).run(...values).changes) === 1
  return {
    async startSecondFactor(account: string, pending: string, at: number): Promise<void> {
      ingest.transaction(() => {
        makeRow.run(account)
        connection
          .prepare('update account_credentials set pending = ?, pending_at = ? where account = ?')
          .run(pending, at, account)
      })
    },
    async confirmSecondFactor(account, { pending, at, step, recoveryCodes }): Promise<boolean> {
      return ingest.transaction(() => {
        const isDone = changed(
          'update account_credentials set totp = pending, totp_since = ?, totp_step = ?, pending = null, pending_at = null where account = ? and pending = ?',
          at,
          step,
          account,
          pending,
        )
        if (isDone) putCodes(account, recoveryCodes)
        return isDone
      })
    },
    async removeSecondFactor(account: string): Promise<boolean> {
      return ingest.transaction(() => {
        const had = connection
          .prepare('select 1 from account_credentials where account = ? and totp is not null')
          .get(account)
        connection
          .prepare(
            'update account_credentials set totp = null, totp_since = null, pending = null, pending_at = null where account = ?',
          )
          .run(account)
        putCodes(account, [])
        return had !== undefined
      })
    },
    async useTotpStep(account: string, step: number): Promise<boolean> {
      return changed(
        'update account_credentials set totp_step = ? where account = ? and totp_step < ?',
        step,
        account,
        step,
      )
    },
    async useRecoveryCode(account: string, hash: string, at: number): Promise<boolean> {
      return changed(
        'update recovery_codes set used_at = ? where hash = ? and account = ? and used_at is null',
        at,
        hash,
        account,
      )
    },
    async replaceRecoveryCodes(account: string, hashes: readonly string[]): Promise<void> {
      ingest.transaction(() => putCodes(account, hashes))
    },
    async recoveryCodesLeft(account: string): Promise<number> {
      const row = await query
        .selectFrom('recovery_codes')
        .select((select) => select.fn.countAll<number>().as('left'))
        .where('account', '=', account)
        .where('used_at', 'is', null)
        .executeTakeFirstOrThrow()
      return Number(row.left)
    },
    async accountsWithSecondFactor(): Promise<readonly string[]> {
      const rows = await query
        .selectFrom('account_credentials')
        .select('account')
        .where('totp', 'is not', null)
        .execute()
      return rows.map(({ account }) => account)
    },
  }
}

type UnknownNames = Pick<SignInStore, 'unknownName' | 'putUnknownName'>

function unknownNamesIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): UnknownNames {
  return {
    async unknownName(key: string): Promise<UnknownNameRow | null> {
      const row = await query
        .selectFrom('unknown_names')
        .selectAll()
        .where('key', '=', key)
        .executeTakeFirst()
      if (row === undefined) return null
      return { failures: row.failures, lockedUntil: numberOrNull(row.locked_until) }
    },
    async putUnknownName(key, { failures, lockedUntil, at }, namesMax): Promise<void> {
      ingest.transaction(() => {
        connection
          .prepare(
            'insert into unknown_names (key, failures, locked_until, at) values (?, ?, ?, ?) on conflict (key) do update set failures = excluded.failures, locked_until = excluded.locked_until, at = excluded.at',
          )
          .run(key, failures, lockedUntil, at)
        connection
          .prepare(
            'delete from unknown_names where key not in (select key from unknown_names order by at desc limit ?)',
          )
          .run(namesMax)
      })
    },
  }
}

type Rules = Pick<SignInStore, 'signInRules' | 'addSignInRules'>

function rulesIn({ query }: OpenDatabase): Rules {
  return {
    async signInRules(): Promise<SignInRulesRow | null> {
      const row = await query
        .selectFrom('sign_in_rules')
        .selectAll()
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? null : { ...row, version: Number(row.version), at: Number(row.at) }
    },
    async addSignInRules(row: SignInRulesRow): Promise<boolean> {
      const added = await query
        .insertInto('sign_in_rules')
        .values({ ...row })
        .onConflict((conflict) => conflict.column('version').doNothing())
        .executeTakeFirst()
      return Number(added.numInsertedOrUpdatedRows ?? 0) === 1
    },
  }
}

function credentialRow(row: Selectable<SignInTables['account_credentials']>): CredentialRow {
  return {
    account: row.account,
    passwordAt: Number(row.password_at),
    totp: row.totp,
    totpSince: numberOrNull(row.totp_since),
    totpStep: Number(row.totp_step),
    pending: row.pending,
    pendingAt: numberOrNull(row.pending_at),
  }
}

function numberOrNull(value: number | bigint | null): number | null {
  return value === null ? null : Number(value)
}
