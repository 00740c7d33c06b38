/** What people's sessions on a computer are found by, as one step of the schema's history. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const sessionRecords: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    // A few a day, among millions of records: a timeline of a year reads them alone.
    await db.schema
      .createIndex('records_sessions')
      .on('records')
      .columns(['journal', 'wall_ms'])
      .where(sql.ref('kind'), 'in', [sql.lit('session.opened'), sql.lit('session.closed')])
      .execute()
  },
}
