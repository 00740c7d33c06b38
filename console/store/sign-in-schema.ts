/** The tables of signing in, as one step of the schema's history. Sessions begin anew: each row now says how it was opened. */
import type { Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface SignInTables {
  sessions: {
    id: string
    account: string
    role: string
    created_at: number
    last_used_at: number
    address: string
    browser: string
    factors: string
    certificate: string | null
    reach: string
    ended_at: number | null
    ending: string | null
  }
  account_credentials: {
    account: string
    password_at: number
    totp: string | null
    totp_since: number | null
    totp_step: number
    pending: string | null
    pending_at: number | null
  }
  past_passwords: { id: Generated<number>; account: string; hash: string; at: number }
  recovery_codes: { hash: string; account: string; used_at: number | null }
  unknown_names: { key: string; failures: number; locked_until: number | null; at: number }
  account_certificates: {
    serial: string
    account: string
    fingerprint: string
    issued_at: number
    issued_by: string
    reason: string
    expires_at: number
    revoked_at: number | null
    revoked_by: string | null
    revoked_why: string | null
  }
  sign_in_rules: { version: number; settings: string; at: number; account: string; reason: string }
}

/** `neverChanged` makes a table one that is only added to. */
export function signInTables(neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.dropTable('sessions').execute()
      await sessions(db)
      await credentials(db)
      await certificates(db)
      await db.schema
        .createTable('sign_in_rules')
        .addColumn('version', 'integer', (c) => c.primaryKey())
        .addColumn('settings', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('account', 'text', (c) => c.notNull())
        .addColumn('reason', 'text', (c) => c.notNull())
        .execute()
      await neverChanged(db, 'sign_in_rules')
    },
  }
}

async function sessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('browser', 'text', (c) => c.notNull())
    .addColumn('factors', 'text', (c) => c.notNull())
    .addColumn('certificate', 'text')
    .addColumn('reach', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ending', 'text')
    .execute()
  await db.schema.createIndex('sessions_by_account').on('sessions').columns(['account', 'ended_at']).execute()
}

async function credentials(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('account_credentials')
    .addColumn('account', 'text', (c) => c.primaryKey())
    .addColumn('password_at', 'bigint', (c) => c.notNull())
    .addColumn('totp', 'text')
    .addColumn('totp_since', 'bigint')
    .addColumn('totp_step', 'bigint', (c) => c.notNull())
    .addColumn('pending', 'text')
    .addColumn('pending_at', 'bigint')
    .execute()
  await db.schema
    .createTable('past_passwords')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('past_passwords_by_account')
    .on('past_passwords')
    .columns(['account', 'id'])
    .execute()
  await db.schema
    .createTable('recovery_codes')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .execute()
  await db.schema
    .createTable('unknown_names')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('locked_until', 'bigint')
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute()
}

async function certificates(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('account_certificates')
    .addColumn('serial', 'text', (c) => c.primaryKey())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull().unique())
    .addColumn('issued_at', 'bigint', (c) => c.notNull())
    .addColumn('issued_by', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('revoked_by', 'text')
    .addColumn('revoked_why', 'text')
    .execute()
  await db.schema
    .createIndex('account_certificates_by_account')
    .on('account_certificates')
    .columns(['account'])
    .execute()
}
