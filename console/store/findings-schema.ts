/** The tables of findings, as one step of the schema's history, and as queries see them. */
import type { Generated, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface FindingTables {
  findings: {
    row: Generated<number>
    id: string
    kind: string
    severity: string
    /** Order of the list: the gravest first. */
    rank: number
    place: string
    number: string
    number_plain: string
    department: string | null
    since: number
    told: string
    first_at: number
    resolved_at: number | null
    taken_by: string | null
    taken_at: number | null
    note: string
    snoozed_until: number | null
    snooze_reason: string
    reopened: number
    version: number
  }
  finding_events: {
    id: Generated<number>
    finding: number
    at: number
    account: string | null
    kind: string
    text: string
  }
}

/** `neverChanged` is how this engine refuses changes of a table. */
export function findingTables(
  neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>,
): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('findings')
        .addColumn('row', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('id', 'text', (c) => c.notNull().unique())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('severity', 'text', (c) => c.notNull())
        .addColumn('rank', 'integer', (c) => c.notNull())
        .addColumn('place', 'text', (c) => c.notNull())
        .addColumn('number', 'text', (c) => c.notNull())
        .addColumn('number_plain', 'text', (c) => c.notNull())
        .addColumn('department', 'text')
        .addColumn('since', 'bigint', (c) => c.notNull())
        .addColumn('told', 'text', (c) => c.notNull())
        .addColumn('first_at', 'bigint', (c) => c.notNull())
        .addColumn('resolved_at', 'bigint')
        .addColumn('taken_by', 'text')
        .addColumn('taken_at', 'bigint')
        .addColumn('note', 'text', (c) => c.notNull())
        .addColumn('snoozed_until', 'bigint')
        .addColumn('snooze_reason', 'text', (c) => c.notNull())
        .addColumn('reopened', 'integer', (c) => c.notNull())
        .addColumn('version', 'integer', (c) => c.notNull())
        .execute()
      await db.schema
        .createIndex('findings_in_order')
        .on('findings')
        .columns(['resolved_at', 'rank', 'since', 'row'])
        .execute()
      await db.schema
        .createTable('finding_events')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('finding', 'bigint', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('account', 'text')
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('text', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createIndex('finding_events_of')
        .on('finding_events')
        .columns(['finding', 'id'])
        .execute()
      await neverChanged(db, 'finding_events')
    },
  }
}
