/** The tables of backups, as one step of the schema's history. */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** `neverChanged` makes a table one that is only added to. */
export function keepingTables(
  neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>,
): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('keeping_settings')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('version', 'bigint', (c) => c.notNull())
        .addColumn('daily', 'text')
        .addColumn('folder', 'text')
        .addColumn('age_hours_max', 'bigint', (c) => c.notNull())
        .addColumn('sealing', 'text')
        .addColumn('retention_years', 'bigint', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('backups')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('started_at', 'bigint', (c) => c.notNull())
        .addColumn('ended_at', 'bigint', (c) => c.notNull())
        .addColumn('by', 'text', (c) => c.notNull())
        .addColumn('place', 'text', (c) => c.notNull())
        .addColumn('bytes', 'bigint', (c) => c.notNull())
        .addColumn('failure', 'text')
        .addColumn('manifest', 'text')
        .execute()
      await neverChanged(db, 'backups')
    },
  }
}
