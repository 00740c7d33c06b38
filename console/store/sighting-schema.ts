/** The tables of sightings, as one step of the schema's history. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const mediaSightings: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('media_sightings')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('agent', 'text', (c) => c.notNull())
      .addColumn('stay', 'text', (c) => c.notNull())
      .addColumn('boot_id', 'text', (c) => c.notNull())
      .addColumn('instance', 'text')
      .addColumn('opened_by', 'text', (c) => c.notNull())
      .addColumn('usb_path', 'text')
      .addColumn('disk', 'text')
      .addColumn('epoch', 'text', (c) => c.notNull())
      .addColumn('seq', 'bigint', (c) => c.notNull())
      .addColumn('is_examined', 'integer', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('ended_at', 'bigint')
      .addColumn('received_at', 'bigint', (c) => c.notNull())
      .addColumn('opened_boot_ms', 'real', (c) => c.notNull())
      .addColumn('number', 'text')
      .addColumn('level', 'text')
      .addColumn('keys', 'text', (c) => c.notNull())
      .addColumn('passport', 'text')
      .addColumn('seal_id', 'text')
      .addColumn('right', 'text', (c) => c.notNull())
      .addColumn('rule', 'text', (c) => c.notNull())
      .addColumn('is_confirmed', 'integer', (c) => c.notNull())
      .addColumn('due_boot_ms', 'real')
      .addColumn('pending', 'text')
      .addColumn('mounts', 'text', (c) => c.notNull())
      .addUniqueConstraint('media_sightings_once', ['agent', 'stay'])
      .execute()
    await db.schema
      .createIndex('media_sightings_open')
      .on('media_sightings')
      .columns(['agent', 'id'])
      .where(sql.ref('ended_at'), 'is', sql.lit(null))
      .execute()
    await db.schema
      .createIndex('media_sightings_by_number')
      .on('media_sightings')
      .columns(['number', 'id'])
      .where(sql.ref('number'), 'is not', sql.lit(null))
      .execute()
    await db.schema
      .createIndex('media_sightings_by_record')
      .on('media_sightings')
      .columns(['agent', 'epoch', 'seq'])
      .execute()
    await db.schema
      .createTable('media_sighting_keys')
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('sighting', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('media_sighting_keys_once', ['key', 'sighting'])
      .execute()
  },
}
