/** When a medium that is lent or carried out is to be back, as one step of the schema's history. */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const mediaLoans: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    // Null: it is in its place, or no day was agreed, as of every loan before this step.
    await db.schema.alterTable('media').addColumn('due_back_ms', 'bigint').execute()
  },
}
