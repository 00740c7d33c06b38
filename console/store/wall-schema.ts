/** The tables of wall displays and of the days that were watched, as one step of the schema's history. */
import type { Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface WallTables {
  walls: {
    id: Generated<number>
    account: string
    address: string
    reason: string
    made_by: string
    made_at: number
    expires_at: number
    code: string
    code_until: number
    opened_at: number | null
    session: string | null
    ended_at: number | null
    ended_by: string | null
    ended_why: string | null
  }
  watch_days: { day: number; looks: number; proven: number; unproven: number; broken: number }
}

export const wallTables: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('walls')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('account', 'text', (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('made_by', 'text', (c) => c.notNull())
      .addColumn('made_at', 'bigint', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .addColumn('code', 'text', (c) => c.notNull().unique())
      .addColumn('code_until', 'bigint', (c) => c.notNull())
      .addColumn('opened_at', 'bigint')
      .addColumn('session', 'text', (c) => c.unique())
      .addColumn('ended_at', 'bigint')
      .addColumn('ended_by', 'text')
      .addColumn('ended_why', 'text')
      .execute()
    await db.schema
      .createTable('watch_days')
      .addColumn('day', 'bigint', (c) => c.primaryKey())
      .addColumn('looks', 'bigint', (c) => c.notNull())
      .addColumn('proven', 'bigint', (c) => c.notNull())
      .addColumn('unproven', 'bigint', (c) => c.notNull())
      .addColumn('broken', 'bigint', (c) => c.notNull())
      .execute()
  },
}
