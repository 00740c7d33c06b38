/** The tables of handling violations, and what a violation's own row says of it, as one step of the schema's history. */
import { type Generated, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface HandlingTables {
  violation_attachments: {
    id: Generated<number>
    violation: number
    at: number
    account: string
    /** JSON of a RawText. */
    name: string
    type: string
    bytes: number
    hash: string
    note: string
    content: Uint8Array
  }
  statement_requests: {
    id: Generated<number>
    violation: number
    at: number
    account: string
    person: string
    question: string
    code: string
    due_at: number
  }
  /** One for each request: it can't be answered twice. */
  statements: {
    id: Generated<number>
    request: number
    violation: number
    at: number
    writer: string
    written_at: number
    account: string
    text: string
  }
  exceptions: {
    id: Generated<number>
    type: string
    agent: string
    subject: string
    violation: number
    from_ms: number
    until_ms: number
    reason: string
    account: string
    proposal: number | null
  }
  exception_ends: { exception: number; at: number; account: string; reason: string }
  saved_views: { id: Generated<number>; account: string; name: string; address: string; at: number }
}

/** What a row of `violations` says of its handling. */
export interface HandlingColumns {
  subject: string | null
  /** Equal where one says no more than another of its type. */
  alike: string | null
  state: Generated<string>
  disposition: string | null
  is_incident: Generated<number>
  assignee: string | null
  repeat_of: number | null
  repeats: Generated<number>
  last_at: number | null
  /** Null: a repeat, which lists of repeats as one leave out. */
  place: number | null
  exception: number | null
}

/** `neverChanged` makes a table one that is only added to. */
export function handlingTables(
  neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>,
): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await standing(db)
      await papers(db)
      await exceptions(db)
      await db.schema
        .createTable('saved_views')
        .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('account', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('address', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addUniqueConstraint('saved_views_once', ['account', 'name'])
        .execute()
      const appended = [
        'violation_attachments',
        'statement_requests',
        'statements',
        'exceptions',
        'exception_ends',
      ]
      for (const table of appended) await neverChanged(db, table)
    },
  }
}

async function standing(db: Kysely<unknown>): Promise<void> {
  const add = (name: string, type: 'text' | 'bigint') =>
    db.schema.alterTable('violations').addColumn(name, type).execute()
  await db.schema.alterTable('violation_handling').addColumn('detail', 'text').execute()
  await add('subject', 'text')
  await add('alike', 'text')
  await db.schema
    .alterTable('violations')
    .addColumn('state', 'text', (c) => c.notNull().defaultTo('detected'))
    .execute()
  await add('disposition', 'text')
  await db.schema
    .alterTable('violations')
    .addColumn('is_incident', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await add('assignee', 'text')
  await add('repeat_of', 'bigint')
  await db.schema
    .alterTable('violations')
    .addColumn('repeats', 'integer', (c) => c.notNull().defaultTo(1))
    .execute()
  await add('last_at', 'bigint')
  await add('place', 'bigint')
  await add('exception', 'bigint')
  await sql`update violations set place = id, last_at = received_at`.execute(db)
  await sql`update violations set state = coalesce((select case kind when 'acknowledge' then 'acknowledged' when 'confirm' then 'confirmed' when 'close' then 'closed' else kind end from violation_handling h where h.violation = violations.id and h.kind <> 'comment' order by h.id desc limit 1), 'detected')`.execute(
    db,
  )
  for (const column of ['state', 'severity', 'type', 'agent', 'assignee']) {
    await sql
      .raw(
        `create index violations_listed_by_${column} on violations (${column}, place) where place is not null`,
      )
      .execute(db)
  }
  await sql`create index violations_listed on violations (place, severity) where place is not null`.execute(
    db,
  )
  // What is open, by severity: the overview counts it.
  await sql`create index violations_open on violations (state, severity, exception) where place is not null`.execute(
    db,
  )
  await sql`create index violations_repeats on violations (repeat_of, id) where repeat_of is not null`.execute(
    db,
  )
  await sql`create index violations_alike on violations (agent, type, alike, last_at) where alike is not null and place is not null`.execute(
    db,
  )
  await sql`create index violations_excepted on violations (exception, id) where exception is not null`.execute(
    db,
  )
}

async function papers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('violation_attachments')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('violation', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('content', 'blob', (c) => c.notNull())
    .addUniqueConstraint('violation_attachments_once', ['violation', 'hash'])
    .execute()
  await db.schema
    .createTable('statement_requests')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('violation', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('person', 'text', (c) => c.notNull())
    .addColumn('question', 'text', (c) => c.notNull())
    .addColumn('code', 'text', (c) => c.notNull().unique())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('statement_requests_by_violation')
    .on('statement_requests')
    .columns(['violation', 'id'])
    .execute()
  await db.schema
    .createTable('statements')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('request', 'bigint', (c) => c.notNull().unique())
    .addColumn('violation', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('writer', 'text', (c) => c.notNull())
    .addColumn('written_at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('statements_by_violation')
    .on('statements')
    .columns(['violation', 'id'])
    .execute()
}

async function exceptions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('exceptions')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('violation', 'bigint', (c) => c.notNull())
    .addColumn('from_ms', 'bigint', (c) => c.notNull())
    .addColumn('until_ms', 'bigint', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('proposal', 'bigint', (c) => c.unique())
    .execute()
  await db.schema
    .createIndex('exceptions_by_what')
    .on('exceptions')
    .columns(['agent', 'type', 'subject', 'until_ms'])
    .execute()
  await db.schema
    .createTable('exception_ends')
    .addColumn('exception', 'bigint', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .execute()
}
