/** The tables of the media register, as one step of the schema's history. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Makes the register's tables. `neverChanged` is how this engine refuses changes of a table. */
export function mediaRegister(
  neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>,
): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await media(db)
      await db.schema
        .createTable('medium_events')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('number', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('account', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('changes', 'text', (c) => c.notNull())
        .addColumn('reason', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createIndex('medium_events_by_number')
        .on('medium_events')
        .columns(['number', 'id'])
        .execute()
      await neverChanged(db, 'medium_events')
      await pairs(db, 'medium_keys', 'key')
      await pairs(db, 'medium_computers', 'computer')
      await db.schema
        .createTable('media_due')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('computer', 'text', (c) => c.notNull())
        .addColumn('account', 'text', (c) => c.notNull())
        .addColumn('reason', 'text', (c) => c.notNull())
        .execute()
    },
  }
}

async function media(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('media')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('number', 'text', (c) => c.notNull().unique())
    .addColumn('level', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('custodian', 'text', (c) => c.notNull())
    .addColumn('department', 'text', (c) => c.notNull())
    .addColumn('computers', 'text')
    .addColumn('users', 'text')
    .addColumn('right', 'text', (c) => c.notNull())
    .addColumn('valid_from_ms', 'bigint', (c) => c.notNull())
    .addColumn('valid_until_ms', 'bigint')
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('registered_at', 'bigint', (c) => c.notNull())
    .addColumn('registered_by', 'text', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .addColumn('passport', 'text')
    .addColumn('seal', 'text')
    .addColumn('seals_void_before_ms', 'bigint')
    .addColumn('seal_written_at', 'bigint')
    .execute()
  // Two numbers that differ in case alone are one to whoever reads a label.
  await sql.raw('create unique index media_by_plain_number on media (lower(number))').execute(db)
  await db.schema.createIndex('media_by_state').on('media').columns(['state', 'id']).execute()
  await db.schema
    .createIndex('media_with_void_seals')
    .on('media')
    .columns(['seals_void_before_ms'])
    .where(sql.ref('seals_void_before_ms'), 'is not', sql.lit(null))
    .execute()
}

/** What a medium is found by, and its number. */
async function pairs(db: Kysely<unknown>, table: string, column: string): Promise<void> {
  await db.schema
    .createTable(table)
    .addColumn(column, 'text', (c) => c.notNull())
    .addColumn('number', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint(`${table}_once`, [column, 'number'])
    .execute()
  await db.schema.createIndex(`${table}_of_medium`).on(table).columns(['number']).execute()
}
