/** The tables of who may do what, as one step of the schema's history. */
import type { Generated } from 'kysely'
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface AccessTables {
  account_events: {
    id: Generated<number>
    account: string
    at: number
    by: string
    kind: string
    changes: string
    reason: string
  }
  /** What happens once in the life of a console. */
  console_marks: { name: string; at: number }
  department_events: {
    id: Generated<number>
    agent: string
    at: number
    account: string
    before: string | null
    after: string | null
    reason: string
  }
  proposals: {
    id: Generated<number>
    act: string
    asked_by: string
    person: string
    asked_at: number
    reason: string
    object: string
    words: string
    payload: string
    hash: string
    basis: string
    expires_at: number
  }
  proposal_decisions: {
    proposal: number
    kind: string
    at: number
    by: string
    person: string
    reason: string
  }
  proposal_outcomes: { proposal: number; at: number; result: string; detail: string }
  violation_handling: {
    id: Generated<number>
    violation: number
    at: number
    account: string
    kind: string
    reason: string
    proposal: number | null
    detail: string | null
  }
}

/** That the console had accounts: bootstrap is over for ever. */
export const FIRST_ACCOUNTS_MARK = 'first-accounts'

const appended = [
  'account_events',
  'console_marks',
  'department_events',
  'proposals',
  'proposal_decisions',
  'proposal_outcomes',
  'violation_handling',
] as const

/** `neverChanged` makes a table one that is only added to. */
export function accessTables(neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await people(db)
      await proposals(db)
      await db.schema
        .createTable('violation_handling')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('violation', 'bigint', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('account', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('reason', 'text', (c) => c.notNull())
        .addColumn('proposal', 'bigint', (c) => c.unique())
        .execute()
      await db.schema
        .createIndex('violation_handling_by_violation')
        .on('violation_handling')
        .columns(['violation', 'id'])
        .execute()
      for (const table of appended) await neverChanged(db, table)
    },
  }
}

async function people(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('accounts').addColumn('person', 'text').execute()
  await db.schema.alterTable('accounts').addColumn('department', 'text').execute()
  await db.schema
    .alterTable('accounts')
    .addColumn('state', 'text', (c) => c.notNull().defaultTo('active'))
    .execute()
  await db.schema.alterTable('computers').addColumn('department', 'text').execute()
  await db.schema.createIndex('computers_by_department').on('computers').columns(['department']).execute()
  await db.schema
    .createTable('account_events')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('changes', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('account_events_by_account')
    .on('account_events')
    .columns(['account', 'id'])
    .execute()
  await db.schema
    .createTable('department_events')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    .addColumn('reason', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('console_marks')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute()
  // A console of before: its accounts were made, so they are never made again.
  await sql`insert into console_marks (name, at) select ${FIRST_ACCOUNTS_MARK}, min(created_at) from accounts having count(*) > 0`.execute(
    db,
  )
}

async function proposals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('proposals')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('act', 'text', (c) => c.notNull())
    .addColumn('asked_by', 'text', (c) => c.notNull())
    .addColumn('person', 'text', (c) => c.notNull())
    .addColumn('asked_at', 'bigint', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('object', 'text', (c) => c.notNull())
    .addColumn('words', 'text', (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('basis', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('proposals_by_object').on('proposals').columns(['object', 'act']).execute()
  // One row each: whoever comes second finds it decided.
  await db.schema
    .createTable('proposal_decisions')
    .addColumn('proposal', 'bigint', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('person', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('proposal_outcomes')
    .addColumn('proposal', 'bigint', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('result', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .execute()
}
