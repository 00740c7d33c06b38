/** The schema's history, append-only. Each step runs once, in order; Kysely keeps the list in the database. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { accessTables } from './access-schema.ts'
import { archiveTables } from './archive-schema.ts'
import { bundleTables } from './bundles-schema.ts'
import { ceilingTables } from './ceiling-schema.ts'
import { clockTables } from './clock-schema.ts'
import { coverageTables } from './coverage-schema.ts'
import { findingTables } from './findings-schema.ts'
import { forwardTables } from './forward-schema.ts'
import { handlingTables } from './handling-schema.ts'
import { identityTables } from './identity-schema.ts'
import { keepingTables } from './keeping-schema.ts'
import { ledgerTables } from './ledger-schema.ts'
import { mediaLoans } from './loan-schema.ts'
import { mediaRegister } from './media-schema.ts'
import { networkTables } from './network-schema.ts'
import { printTables } from './print-schema.ts'
import { sealTables } from './seals-schema.ts'
import { sessionRecords } from './session-schema.ts'
import { mediaSightings } from './sighting-schema.ts'
import { signInTables } from './sign-in-schema.ts'
import { trailTables } from './trail-schema.ts'
import { violationLists } from './violation-lists-schema.ts'
import { wallTables } from './wall-schema.ts'

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-spine': {
    async up(db: Kysely<unknown>): Promise<void> {
      await computers(db)
      await records(db)
      await violations(db)
      await policies(db)
      await accounts(db)
    },
  },
  '0002-open-silence': {
    async up(db: Kysely<unknown>): Promise<void> {
      // Looked for at every heartbeat: never by reading all that a computer ever did.
      await db.schema
        .createIndex('violations_that_last')
        .on('violations')
        .columns(['agent'])
        .where(sql.ref('type'), '=', sql.lit('agent-silent'))
        .where(sql.ref('ended_at'), 'is', sql.lit(null))
        .execute()
    },
  },
  '0003-media-register': mediaRegister(neverChanged),
  '0004-media-sightings': mediaSightings,
  '0005-network': networkTables(neverChanged),
  '0006-access': accessTables(neverChanged),
  '0007-sign-in': signInTables(neverChanged),
  '0008-trail': trailTables(neverChanged),
  '0009-identity': identityTables(neverChanged),
  '0010-ceiling': ceilingTables(neverChanged),
  '0011-seals': sealTables(neverChanged),
  '0012-bundles': bundleTables(neverChanged),
  '0013-forwarding': forwardTables,
  '0014-keeping': keepingTables(neverChanged),
  '0015-archives': archiveTables(neverChanged),
  '0016-registers': ledgerTables(neverChanged),
  '0017-handling': handlingTables(neverChanged),
  '0018-clocks': clockTables(neverChanged),
  '0019-coverage': coverageTables(neverChanged),
  '0020-walls': wallTables,
  '0021-prints': printTables(neverChanged),
  '0022-findings': findingTables(neverChanged),
  '0023-violation-lists': violationLists,
  '0024-media-loans': mediaLoans,
  '0025-sessions': sessionRecords,
}

async function computers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('computers')
    .addColumn('agent', 'text', (c) => c.primaryKey())
    .addColumn('number', 'text', (c) => c.notNull().unique())
    .addColumn('hostname', 'text', (c) => c.notNull())
    .addColumn('certificate_serial', 'text', (c) => c.notNull().unique())
    .addColumn('certificate', 'text', (c) => c.notNull())
    .addColumn('enrolled_at', 'bigint', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('last_seen_at', 'bigint')
    .addColumn('agent_version', 'text')
    .addColumn('policy_version', 'bigint', (c) => c.notNull())
    .addColumn('applied_policy_version', 'bigint')
    .addColumn('level', 'text', (c) => c.notNull())
    .addColumn('network_mode', 'text', (c) => c.notNull())
    .addColumn('coverage', 'text', (c) => c.notNull())
    .addColumn('coverage_at', 'bigint')
    .addColumn('behind_since', 'bigint')
    .addColumn('clock_skew_ms', 'bigint')
    .addColumn('silent_ms', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('journal', 'bigint')
    .execute()
  await db.schema
    .createTable('counters')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('value', 'bigint', (c) => c.notNull())
    .execute()
}

async function records(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('journals')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('head', 'text', (c) => c.notNull())
    .addUniqueConstraint('journals_epoch', ['agent', 'epoch'])
    .execute()
  await db.schema
    .createTable('records')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('journal', 'bigint', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('sensor', 'text', (c) => c.notNull())
    .addColumn('wall_ms', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('policy_version', 'bigint', (c) => c.notNull())
    .addColumn('raw', 'blob', (c) => c.notNull())
    .addColumn('head', 'blob', (c) => c.notNull())
    .addUniqueConstraint('records_once', ['journal', 'seq'])
    .execute()
  await db.schema
    .createIndex('records_by_receipt')
    .on('records')
    .columns(['journal', 'received_at', 'seq'])
    .execute()
  await db.schema.createIndex('records_by_wall').on('records').columns(['journal', 'wall_ms']).execute()
  await neverChanged(db, 'records')
  await db.schema
    .createTable('gaps')
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('first_seq', 'bigint', (c) => c.notNull())
    .addColumn('last_seq', 'bigint', (c) => c.notNull())
    .addColumn('noticed_at', 'bigint', (c) => c.notNull())
    .addColumn('declare_by_seq', 'bigint', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('gaps_once', ['agent', 'epoch', 'first_seq'])
    .execute()
}

async function violations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('violations')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('severity', 'text', (c) => c.notNull())
    .addColumn('level', 'text', (c) => c.notNull())
    .addColumn('policy_version', 'bigint', (c) => c.notNull())
    .addColumn('evidence', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text')
    .addColumn('seq', 'bigint')
    .addColumn('occurred_at', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addUniqueConstraint('violations_once', ['agent', 'key'])
    .execute()
  for (const column of ['agent', 'type', 'severity', 'level', 'received_at']) {
    await db.schema.createIndex(`violations_by_${column}`).on('violations').columns([column, 'id']).execute()
  }
}

async function policies(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('policies')
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('envelope', 'text', (c) => c.notNull())
    .addColumn('settings', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('policies_once', ['agent', 'version'])
    .execute()
  await neverChanged(db, 'policies')
}

async function accounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('password_hash', 'text', (c) => c.notNull())
    .addColumn('must_change', 'integer', (c) => c.notNull())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('locked_until', 'bigint')
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('tokens')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('number', 'text', (c) => c.notNull())
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .addColumn('used_at', 'bigint')
    .addColumn('used_by', 'text')
    .execute()
  await db.schema
    .createTable('actions')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('object', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .execute()
  await neverChanged(db, 'actions')
}

/** Evidence is added to, never changed: the database itself refuses (SQLite's triggers; the second engine gets its own). */
async function neverChanged(db: Kysely<unknown>, table: string): Promise<void> {
  for (const act of ['update', 'delete']) {
    await sql
      .raw(
        `create trigger ${table}_no_${act} before ${act} on ${table} begin select raise(abort, '${table} are never changed'); end`,
      )
      .execute(db)
  }
}
