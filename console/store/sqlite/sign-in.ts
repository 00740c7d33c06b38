/** Sessions, past passwords, second factors, certificates on USB keys and the rules of signing in. On SQLite, in the thread that opened it. */
import type { Selectable } from 'kysely'
import type { Role } from '../ports.ts'
import type {
  CertificateRow,
  CredentialRow,
  NewPassword,
  SessionEnding,
  SessionReach,
  SessionRow,
  SignInFactor,
  SignInRulesRow,
  SignInStore,
  UnknownNameRow,
} from '../sign-in-ports.ts'
import type { SignInTables } from '../sign-in-schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

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

type Sessions = Pick<
  SignInStore,
  'addSession' | 'session' | 'touchSession' | 'endSession' | 'endSessionsOf' | 'sessionsOf' | 'sweepSessions'
>

function sessionsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Sessions {
  const endOne = connection.prepare(
    'update sessions set ended_at = ?, ending = ? where id = ? and ended_at is null',
  )
  return {
    async addSession(session: SessionRow): Promise<void> {
      await query
        .insertInto('sessions')
        .values({
          id: session.id,
          account: session.account,
          role: session.role,
          created_at: session.createdAt,
          last_used_at: session.lastUsedAt,
          address: session.address,
          browser: session.browser,
          factors: session.factors.join(','),
          certificate: session.certificate,
          reach: session.reach,
          ended_at: session.endedAt,
          ending: session.ending,
        })
        .execute()
    },
    async session(id: string): Promise<SessionRow | null> {
      const row = await query.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : sessionRow(row)
    },
    async touchSession(id: string, lastUsedAt: number): Promise<void> {
      await query
        .updateTable('sessions')
        .set({ last_used_at: lastUsedAt })
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .execute()
    },
    async endSession(id: string, ending: SessionEnding, at: number): Promise<boolean> {
      return Number(endOne.run(at, ending, id).changes) === 1
    },
    async endSessionsOf(account, { ending, at, except }): Promise<readonly string[]> {
      return ingest.transaction(() => {
        const open = connection
          .prepare('select id from sessions where account = ? and ended_at is null')
          .all(account) as { id: string }[]
        const ended = open.map(({ id }) => id).filter((id) => id !== except)
        for (const id of ended) endOne.run(at, ending, id)
        return ended
      })
    },
    async sessionsOf(account: string): Promise<readonly SessionRow[]> {
      const rows = await query
        .selectFrom('sessions')
        .selectAll()
        .where('account', '=', account)
        .where('ended_at', 'is', null)
        .orderBy('created_at', 'desc')
        .execute()
      return rows.map(sessionRow)
    },
    async sweepSessions({ at, usedBefore, createdBefore, endedBefore }): Promise<readonly SessionRow[]> {
      return ingest.transaction(() => {
        connection.prepare('delete from sessions where ended_at < ?').run(endedBefore)
        const over = connection
          .prepare('select * from sessions where ended_at is null and (last_used_at <= ? or created_at <= ?)')
          .all(usedBefore, createdBefore) as unknown as Selectable<SignInTables['sessions']>[]
        return over.map((row) => {
          const ending = Number(row.created_at) <= createdBefore ? 'too-old' : 'idle'
          endOne.run(at, ending, row.id)
          return sessionRow({ ...row, ended_at: at, ending })
        })
      })
    },
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

type Certificates = Pick<SignInStore, 'addCertificate' | 'certificate' | 'certificates' | 'revokeCertificate'>

function certificatesIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Certificates {
  const opened =
    'where certificate = (select fingerprint from account_certificates where serial = ?) and ended_at is null'
  return {
    async addCertificate(row: CertificateRow): Promise<void> {
      await query
        .insertInto('account_certificates')
        .values({
          serial: row.serial,
          account: row.account,
          fingerprint: row.fingerprint,
          issued_at: row.issuedAt,
          issued_by: row.issuedBy,
          reason: row.reason,
          expires_at: row.expiresAt,
          revoked_at: row.revokedAt,
          revoked_by: row.revokedBy,
          revoked_why: row.revokedWhy,
        })
        .execute()
    },
    async certificate(serial: string): Promise<CertificateRow | null> {
      const row = await query
        .selectFrom('account_certificates')
        .selectAll()
        .where('serial', '=', serial)
        .executeTakeFirst()
      return row === undefined ? null : certificateRow(row)
    },
    async certificates(account?: string): Promise<readonly CertificateRow[]> {
      let selected = query.selectFrom('account_certificates').selectAll().orderBy('issued_at', 'desc')
      if (account !== undefined) selected = selected.where('account', '=', account)
      return (await selected.execute()).map(certificateRow)
    },
    async revokeCertificate(serial, { at, account, reason }): Promise<readonly string[] | null> {
      return ingest.transaction(() => {
        const revoked = connection
          .prepare(
            'update account_certificates set revoked_at = ?, revoked_by = ?, revoked_why = ? where serial = ? and revoked_at is null',
          )
          .run(at, account, reason, serial)
        if (Number(revoked.changes) !== 1) return null
        const open = connection.prepare(`select id from sessions ${opened}`).all(serial) as { id: string }[]
        connection
          .prepare(`update sessions set ended_at = ?, ending = 'certificate-revoked' ${opened}`)
          .run(at, serial)
        return open.map(({ id }) => id)
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

function sessionRow(row: Selectable<SignInTables['sessions']>): SessionRow {
  return {
    id: row.id,
    account: row.account,
    role: row.role as Role,
    createdAt: Number(row.created_at),
    lastUsedAt: Number(row.last_used_at),
    address: row.address,
    browser: row.browser,
    factors: row.factors.split(',') as SignInFactor[],
    certificate: row.certificate,
    reach: row.reach as SessionReach,
    endedAt: numberOrNull(row.ended_at),
    ending: row.ending as SessionEnding | null,
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

function certificateRow(row: Selectable<SignInTables['account_certificates']>): CertificateRow {
  return {
    serial: row.serial,
    account: row.account,
    fingerprint: row.fingerprint,
    issuedAt: Number(row.issued_at),
    issuedBy: row.issued_by,
    reason: row.reason,
    expiresAt: Number(row.expires_at),
    revokedAt: numberOrNull(row.revoked_at),
    revokedBy: row.revoked_by,
    revokedWhy: row.revoked_why,
  }
}

function numberOrNull(value: number | bigint | null): number | null {
  return value === null ? null : Number(value)
}
