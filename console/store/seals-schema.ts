/** The tables of agents' protection, as one step of the schema's history, and as Kysely sees them. */
import type { Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface SealTables {
  seal_states: {
    agent: string
    issued: number
    state: string
    wrapped: string | null
    held_at: number | null
    unsealed_since: number | null
  }
  told_stops: {
    agent: string
    epoch: string
    boot_id: string
    boot_ms: number
    wall_ms: number
    reason: string
    policy_version: number
    received_at: number
  }
  unanswered: { agent: string; since: number }
  unproven_spans: {
    id: Generated<number>
    agent: string
    cause: string
    from_ms: number
    to_ms: number
    detail: string
    epoch: string
    seq: number
    received_at: number
  }
}

/** `neverChanged` makes a table one that is only added to. */
export function sealTables(neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('seal_states')
        .addColumn('agent', 'text', (c) => c.primaryKey())
        .addColumn('issued', 'bigint', (c) => c.notNull())
        .addColumn('state', 'text', (c) => c.notNull())
        .addColumn('wrapped', 'text')
        .addColumn('held_at', 'bigint')
        .addColumn('unsealed_since', 'bigint')
        .execute()
      await db.schema
        .createTable('unanswered')
        .addColumn('agent', 'text', (c) => c.primaryKey())
        .addColumn('since', 'bigint', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('told_stops')
        .addColumn('agent', 'text', (c) => c.primaryKey())
        .addColumn('epoch', 'text', (c) => c.notNull())
        .addColumn('boot_id', 'text', (c) => c.notNull())
        .addColumn('boot_ms', 'real', (c) => c.notNull())
        .addColumn('wall_ms', 'bigint', (c) => c.notNull())
        .addColumn('reason', 'text', (c) => c.notNull())
        .addColumn('policy_version', 'bigint', (c) => c.notNull())
        .addColumn('received_at', 'bigint', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('unproven_spans')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('agent', 'text', (c) => c.notNull())
        .addColumn('cause', 'text', (c) => c.notNull())
        .addColumn('from_ms', 'bigint', (c) => c.notNull())
        .addColumn('to_ms', 'bigint', (c) => c.notNull())
        .addColumn('detail', 'text', (c) => c.notNull())
        .addColumn('epoch', 'text', (c) => c.notNull())
        .addColumn('seq', 'bigint', (c) => c.notNull())
        .addColumn('received_at', 'bigint', (c) => c.notNull())
        .execute()
      await db.schema
        .createIndex('unproven_spans_by_agent')
        .on('unproven_spans')
        .columns(['agent', 'id'])
        .execute()
      await neverChanged(db, 'unproven_spans')
    },
  }
}
