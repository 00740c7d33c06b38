/** The table of ceilings, as one step of the schema's history; and the way to what computers recorded of them. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** `neverChanged` makes a table one that is only added to. */
export function ceilingTables(
  neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>,
): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('ceilings')
        .addColumn('version', 'bigint', (c) => c.primaryKey())
        .addColumn('signed', 'text', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('daily_signature', 'text')
        .addColumn('brought_by', 'text', (c) => c.notNull())
        .addColumn('brought_at', 'bigint', (c) => c.notNull())
        .addColumn('reason', 'text', (c) => c.notNull())
        .execute()
      await neverChanged(db, 'ceilings')
      // A handful among millions of records: found without reading the rest.
      await sql
        .raw(
          "create index records_of_ceilings on records (journal, kind, seq) where kind in ('ceiling.applied', 'ceiling.refused')",
        )
        .execute(db)
    },
  }
}
