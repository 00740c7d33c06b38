/** The tables of bundles, as one step of the schema's history, and as Kysely sees them. */
import type { Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface BundleTables {
  bundle_slips: {
    id: Generated<number>
    slip: string
    verdict: string
    agent: string | null
    bundle: string | null
    number: number | null
    taken_at: number
    /** JSON of the whole slip. */
    content: string
  }
  bundle_senders: {
    agent: string
    last_number: number
    last_bundle: string
    last_taken_at: number
    last_created_wall_ms: number
    epoch: string
    renewal: string | null
    ceiling_version: number
    package_number: number
  }
  return_packages: {
    agent: string
    number: number
    package: string
    made_at: number
    made_by: string
    bundle_number: number | null
    stored_seq: number | null
    policy_version: number | null
  }
}

/** `neverChanged` makes a table one that is only added to. */
export function bundleTables(neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('bundle_slips')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('slip', 'text', (c) => c.notNull().unique())
        .addColumn('verdict', 'text', (c) => c.notNull())
        .addColumn('agent', 'text')
        .addColumn('bundle', 'text')
        .addColumn('number', 'bigint')
        .addColumn('taken_at', 'bigint', (c) => c.notNull())
        .addColumn('content', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createIndex('bundle_slips_by_agent')
        .on('bundle_slips')
        .columns(['agent', 'bundle'])
        .execute()
      await db.schema
        .createTable('bundle_senders')
        .addColumn('agent', 'text', (c) => c.primaryKey())
        .addColumn('last_number', 'bigint', (c) => c.notNull())
        .addColumn('last_bundle', 'text', (c) => c.notNull())
        .addColumn('last_taken_at', 'bigint', (c) => c.notNull())
        .addColumn('last_created_wall_ms', 'bigint', (c) => c.notNull())
        .addColumn('epoch', 'text', (c) => c.notNull())
        .addColumn('renewal', 'text')
        .addColumn('ceiling_version', 'bigint', (c) => c.notNull())
        .addColumn('package_number', 'bigint', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('return_packages')
        .addColumn('agent', 'text', (c) => c.notNull())
        .addColumn('number', 'bigint', (c) => c.notNull())
        .addColumn('package', 'text', (c) => c.notNull())
        .addColumn('made_at', 'bigint', (c) => c.notNull())
        .addColumn('made_by', 'text', (c) => c.notNull())
        .addColumn('bundle_number', 'bigint')
        .addColumn('stored_seq', 'bigint')
        .addColumn('policy_version', 'bigint')
        .addPrimaryKeyConstraint('return_packages_once', ['agent', 'number'])
        .execute()
      await neverChanged(db, 'bundle_slips')
      await neverChanged(db, 'return_packages')
    },
  }
}
