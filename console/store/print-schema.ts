/** The tables of printed labels and forms, as one step of the schema's history. All of them are only ever added to. */
import type { Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface PrintTables {
  prints: {
    id: Generated<number>
    what: string
    number: string | null
    /** As it is looked for. */
    number_plain: string | null
    content: string
    at: number
    account: string
  }
  print_runs: {
    id: Generated<number>
    print: number
    at: number
    account: string
    person: string | null
    reason: string
  }
  print_items: {
    run: number
    place: number
    print: number
    /** 1: of labels. */
    is_label: number
    kind: string
    number: string
    number_plain: string
    copy: number
  }
  print_returns: { id: Generated<number>; print: number; at: number; account: string; place: string }
  /** How far each text around the count has been counted. */
  print_counts: { before: string; after: string; last: number }
}

type NeverChanged = (db: Kysely<unknown>, table: string) => Promise<void>

export function printTables(neverChanged: NeverChanged): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('prints')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('what', 'text', (c) => c.notNull())
        .addColumn('number', 'text')
        .addColumn('number_plain', 'text', (c) => c.unique())
        .addColumn('content', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('account', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('print_runs')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('print', 'bigint', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('account', 'text', (c) => c.notNull())
        .addColumn('person', 'text')
        .addColumn('reason', 'text', (c) => c.notNull())
        .execute()
      await db.schema.createIndex('print_runs_of').on('print_runs').columns(['print', 'id']).execute()
      await db.schema
        .createTable('print_items')
        .addColumn('run', 'bigint', (c) => c.notNull())
        .addColumn('place', 'bigint', (c) => c.notNull())
        .addColumn('print', 'bigint', (c) => c.notNull())
        .addColumn('is_label', 'integer', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('number', 'text', (c) => c.notNull())
        .addColumn('number_plain', 'text', (c) => c.notNull())
        .addColumn('copy', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('print_items_once', ['run', 'place'])
        .execute()
      await db.schema
        .createIndex('print_items_of')
        .on('print_items')
        .columns(['kind', 'number_plain', 'is_label', 'print'])
        .execute()
      await db.schema
        .createTable('print_returns')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('print', 'bigint', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('account', 'text', (c) => c.notNull())
        .addColumn('place', 'text', (c) => c.notNull())
        .execute()
      await db.schema.createIndex('print_returns_of').on('print_returns').column('print').execute()
      await db.schema
        .createTable('print_counts')
        .addColumn('before', 'text', (c) => c.notNull())
        .addColumn('after', 'text', (c) => c.notNull())
        .addColumn('last', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('print_counts_once', ['before', 'after'])
        .execute()
      for (const table of ['prints', 'print_runs', 'print_items', 'print_returns'])
        await neverChanged(db, table)
    },
  }
}
