/** The tables of the registers, as one step of the schema's history, and as queries see them. */
import type { Generated, Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface LedgerTables {
  ledger_entries: {
    id: Generated<number>
    kind: string
    number: string
    /** As a search and the order have it: see `number-key.ts`. */
    number_plain: string
    number_key: string
    state: string
    level: string | null
    department: string
    custodian: string
    fields: string
    version: number
    created_at: number
    created_by: string
    changed_at: number
  }
  ledger_events: {
    id: Generated<number>
    entry: number
    at: number
    account: string
    kind: string
    changes: string
    reason: string
  }
  ledger_links: { entry: number; field: string; kind: string; number_plain: string }
  ledger_handovers: {
    id: Generated<number>
    entry: number
    giver: string
    receiver: string
    department: string
    reason: string
    asked_at: number
    asked_by: string
    ended_at: number | null
    ended: string | null
  }
  ledger_signatures: {
    handover: number
    side: string
    at: number
    account: string
    person: string
    paper: string | null
  }
  departments: {
    code: string
    code_plain: string
    name: string
    parent: string | null
    is_key: number
    head: string
    version: number
    changed_at: number
  }
  department_tree_events: {
    id: Generated<number>
    code: string
    at: number
    account: string
    changes: string
    reason: string
  }
  number_patterns: { kind: string; pattern: string; version: number; changed_at: number; changed_by: string }
  agent_entries: {
    id: Generated<number>
    agent: string
    number: string | null
    at: number
    account: string
    reason: string
  }
}

/** `neverChanged` is how this engine refuses changes of a table. */
export function ledgerTables(neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await entries(db)
      await handovers(db)
      await structure(db)
      // Told at each start of an agent, among millions of records.
      await db.schema
        .createIndex('records_inventories')
        .on('records')
        .columns(['journal', 'received_at'])
        .where(sql.ref('kind'), '=', sql.lit('host.inventory'))
        .execute()
      for (const table of ['ledger_events', 'ledger_signatures', 'department_tree_events', 'agent_entries'])
        await neverChanged(db, table)
    },
  }
}

async function entries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ledger_entries')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('number', 'text', (c) => c.notNull())
    .addColumn('number_plain', 'text', (c) => c.notNull())
    .addColumn('number_key', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('level', 'text')
    .addColumn('department', 'text', (c) => c.notNull())
    .addColumn('custodian', 'text', (c) => c.notNull())
    .addColumn('fields', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('ledger_number_once', ['kind', 'number_plain'])
    .execute()
  const index = (name: string, columns: string[]) =>
    db.schema.createIndex(name).on('ledger_entries').columns(columns).execute()
  // Each list is read in the order of one of these, whatever it leaves out.
  await index('ledger_by_number', ['kind', 'number_key', 'id'])
  await index('ledger_by_change', ['kind', 'changed_at', 'id'])
  await index('ledger_by_state', ['kind', 'state', 'number_key'])
  await index('ledger_by_department', ['kind', 'department', 'number_key'])
  await index('ledger_by_custodian', ['kind', 'custodian', 'number_key'])
  await index('ledger_by_level', ['kind', 'level', 'number_key'])
  await sql
    .raw("create virtual table ledger_text using fts5(grams, content='', contentless_delete=1)")
    .execute(db)
  await db.schema
    .createTable('ledger_events')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('entry', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('changes', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('ledger_events_of').on('ledger_events').columns(['entry', 'id']).execute()
  await db.schema
    .createTable('ledger_links')
    .addColumn('entry', 'bigint', (c) => c.notNull())
    .addColumn('field', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('number_plain', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ledger_link_once', ['entry', 'field', 'kind', 'number_plain'])
    .execute()
  await db.schema
    .createIndex('ledger_links_to')
    .on('ledger_links')
    .columns(['kind', 'number_plain'])
    .execute()
}

async function handovers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('ledger_handovers')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('entry', 'bigint', (c) => c.notNull())
    .addColumn('giver', 'text', (c) => c.notNull())
    .addColumn('receiver', 'text', (c) => c.notNull())
    .addColumn('department', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('asked_at', 'bigint', (c) => c.notNull())
    .addColumn('asked_by', 'text', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('ended', 'text')
    .execute()
  await db.schema
    .createIndex('ledger_handover_open')
    .on('ledger_handovers')
    .columns(['entry'])
    .unique()
    .where(sql.ref('ended_at'), 'is', sql.lit(null))
    .execute()
  await db.schema.createIndex('ledger_handovers_of').on('ledger_handovers').columns(['entry', 'id']).execute()
  await db.schema
    .createTable('ledger_signatures')
    .addColumn('handover', 'bigint', (c) => c.notNull())
    .addColumn('side', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('person', 'text', (c) => c.notNull())
    .addColumn('paper', 'text')
    .addPrimaryKeyConstraint('ledger_signature_once', ['handover', 'side'])
    .execute()
}

async function structure(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('departments')
    .addColumn('code', 'text', (c) => c.primaryKey())
    .addColumn('code_plain', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('parent', 'text', (c) => c.references('departments.code'))
    .addColumn('is_key', 'integer', (c) => c.notNull())
    .addColumn('head', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('departments_below').on('departments').columns(['parent']).execute()
  await db.schema
    .createTable('department_tree_events')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('code', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('changes', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('number_patterns')
    .addColumn('kind', 'text', (c) => c.primaryKey())
    .addColumn('pattern', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addColumn('changed_by', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('agent_entries')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('number', 'text')
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('agent_entries_of').on('agent_entries').columns(['agent', 'id']).execute()
}
