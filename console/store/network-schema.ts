/** The tables of the network, as one step of the schema's history. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** `neverChanged` makes a table one that is only added to. */
export function networkTables(
  neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>,
): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('violations').addColumn('lasting', 'text').execute()
      // Looked for with each record that ends something: never by reading all that a computer ever did.
      await db.schema
        .createIndex('violations_lasting')
        .on('violations')
        .columns(['agent', 'lasting', 'type'])
        .where(sql.ref('lasting'), 'is not', sql.lit(null))
        .where(sql.ref('ended_at'), 'is', sql.lit(null))
        .execute()
      await standing(db)
      await isolation(db)
      await neverChanged(db, 'isolation_orders')
      await neverChanged(db, 'isolation_effects')
    },
  }
}

async function standing(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('network_conditions')
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('condition', 'text', (c) => c.notNull())
    .addColumn('type', 'text')
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('boot_id', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('wall_ms', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('interface_name', 'text')
    .addColumn('text', 'text')
    .addColumn('confidence', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text')
    .addPrimaryKeyConstraint('network_conditions_once', ['agent', 'key'])
    .execute()
  await db.schema
    .createTable('network_facts')
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('slot', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('wall_ms', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('network_facts_once', ['agent', 'kind', 'slot'])
    .execute()
  await db.schema
    .createIndex('network_facts_by_kind')
    .on('network_facts')
    .columns(['kind', 'agent'])
    .execute()
}

async function isolation(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('isolation_orders')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('order_id', 'text', (c) => c.notNull().unique())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('act', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('isolation_effects')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('order_id', 'text')
    .addColumn('said', 'text', (c) => c.notNull())
    .addColumn('failed', 'text')
    .addColumn('cause', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('wall_ms', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute()
  for (const table of ['isolation_orders', 'isolation_effects']) {
    await db.schema.createIndex(`${table}_by_agent`).on(table).columns(['agent', 'id']).execute()
  }
  await db.schema
    .createTable('isolations')
    .addColumn('agent', 'text', (c) => c.primaryKey())
    .addColumn('order_id', 'text', (c) => c.notNull())
    .addColumn('act', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('ordered_by', 'text', (c) => c.notNull())
    .addColumn('ordered_at', 'bigint', (c) => c.notNull())
    .addColumn('effect_at', 'bigint')
    .addColumn('detail', 'text')
    .addColumn('is_pending', 'integer', (c) => c.notNull())
    .addColumn('sends', 'integer', (c) => c.notNull())
    .execute()
}
