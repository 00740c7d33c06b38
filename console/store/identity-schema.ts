/** The tables of who is who, as one step of the schema's history. */
import { X509Certificate } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface IdentityTables {
  agent_certificates: {
    serial: string
    agent: string
    certificate: string
    key_hash: string
    issued_at: number
    not_after: number | null
    origin: string
    state: string
    first_used_at: number | null
    ended_at: number | null
  }
  /** One row per agent that told its machine. */
  agent_machines: { agent: string; baseline_at: number; baseline_from: string; told_at: number }
  agent_hardware: { agent: string; part: string; hash: string; is_baseline: number; is_present: number }
  revocations: { agent: string; at: number; account: string; reason: string }
  console_clock: { id: number; wall_ms: number }
  console_clock_jumps: { id: number; at: number; by_ms: number; found: string }
}

/** `neverChanged` makes a table one that is only added to. */
export function identityTables(
  neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>,
): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await freeNumbersOfRetired(db)
      // The computer that an enrolment takes the place of: its token is for that one alone.
      await db.schema.alterTable('tokens').addColumn('replaces', 'text').execute()
      await certificates(db)
      await machines(db)
      await db.schema
        .createTable('revocations')
        .addColumn('agent', 'text', (c) => c.primaryKey())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('account', 'text', (c) => c.notNull())
        .addColumn('reason', 'text', (c) => c.notNull())
        .execute()
      await neverChanged(db, 'revocations')
      await clock(db)
      await neverChanged(db, 'console_clock_jumps')
      await carryCertificatesOver(db)
    },
  }
}

/**
 * A computer that is enrolled anew keeps its number: the number is unique among those in force alone. SQLite can't drop a
 * constraint, so the table is written anew, whatever columns it has by now.
 */
async function freeNumbersOfRetired(db: Kysely<unknown>): Promise<void> {
  const { rows: found } = await sql<{ sql: string }>`
    select sql from sqlite_master where type = 'table' and name = 'computers'`.execute(db)
  const { rows: indexes } = await sql<{ sql: string }>`
    select sql from sqlite_master where type = 'index' and tbl_name = 'computers' and sql is not null`.execute(
    db,
  )
  const before = found[0]?.sql ?? ''
  const after = before
    .replace(/^create table "computers"/i, 'create table "computers_anew"')
    .replace('"number" text not null unique', '"number" text not null')
  if (!after.includes('computers_anew') || after.includes('"number" text not null unique'))
    throw new Error('the table of computers is not the one that this step knows')
  await sql.raw(after).execute(db)
  await sql.raw('insert into computers_anew select * from computers').execute(db)
  await sql.raw('drop table computers').execute(db)
  await sql.raw('alter table computers_anew rename to computers').execute(db)
  for (const index of indexes) await sql.raw(index.sql).execute(db)
  await db.schema.alterTable('computers').addColumn('retired_at', 'bigint').execute()
  await db.schema.alterTable('computers').addColumn('replaced_by', 'text').execute()
  await db.schema
    .createIndex('computers_number_in_force')
    .unique()
    .on('computers')
    .column('number')
    .where(sql.ref('retired_at'), 'is', sql.lit(null))
    .execute()
  await db.schema.createIndex('computers_by_number').on('computers').column('number').execute()
}

async function certificates(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('agent_certificates')
    .addColumn('serial', 'text', (c) => c.primaryKey())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('certificate', 'text', (c) => c.notNull())
    .addColumn('key_hash', 'text', (c) => c.notNull())
    .addColumn('issued_at', 'bigint', (c) => c.notNull())
    .addColumn('not_after', 'bigint')
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('first_used_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .execute()
  await db.schema
    .createIndex('agent_certificates_by_agent')
    .on('agent_certificates')
    .columns(['agent', 'issued_at'])
    .execute()
  await db.schema
    .createIndex('agent_certificates_by_state')
    .on('agent_certificates')
    .columns(['state', 'not_after'])
    .execute()
}

async function machines(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('agent_machines')
    .addColumn('agent', 'text', (c) => c.primaryKey())
    .addColumn('baseline_at', 'bigint', (c) => c.notNull())
    .addColumn('baseline_from', 'text', (c) => c.notNull())
    .addColumn('told_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('agent_hardware')
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('part', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('is_baseline', 'integer', (c) => c.notNull())
    .addColumn('is_present', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('agent_hardware_once', ['agent', 'part', 'hash'])
    .execute()
  await db.schema.createIndex('agent_hardware_by_hash').on('agent_hardware').column('hash').execute()
}

async function clock(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('console_clock')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('wall_ms', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('console_clock_jumps')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by_ms', 'bigint', (c) => c.notNull())
    .addColumn('found', 'text', (c) => c.notNull())
    .execute()
}

/** Agents that were enrolled before renew what enrolment gave them. */
async function carryCertificatesOver(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{
    agent: string
    serial: string
    certificate: string
    at: number
    seen: number | null
  }>`
    select agent, certificate_serial as serial, certificate, enrolled_at as at, last_seen_at as seen from computers`.execute(
    db,
  )
  for (const { agent, serial, certificate, at, seen } of rows) {
    await sql`insert into agent_certificates
      (serial, agent, certificate, key_hash, issued_at, not_after, origin, state, first_used_at)
      values (${serial}, ${agent}, ${certificate}, '', ${at}, ${notAfterOf(certificate)}, 'enrolment', 'current', ${seen === null ? null : at})`.execute(
      db,
    )
  }
}

function notAfterOf(certificate: string): number | null {
  try {
    return new X509Certificate(certificate).validToDate.getTime()
  } catch (fault) {
    // What can't be read is refused in every handshake; it holds nothing up here.
    if (fault instanceof Error && 'code' in fault) return null
    throw fault
  }
}
