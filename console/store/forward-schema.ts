/**
 * The tables of forwarding, as one step of the schema's history.
 *
 * What is to be told is noted by triggers, in the transaction that stores it: whoever adds a violation, ends one or
 * writes in the log can't forget it, and a console that dies right after has it waiting.
 */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const forwardTables: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('forward_targets')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('settings', 'text', (c) => c.notNull())
      .addColumn('secrets', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('language', 'text', (c) => c.notNull())
      .addColumn('events', 'text', (c) => c.notNull())
      .addColumn('severities', 'text', (c) => c.notNull())
      .addColumn('types', 'text', (c) => c.notNull())
      .addColumn('is_paused', 'integer', (c) => c.notNull())
      .addColumn('version', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('created_by', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('forward_progress')
      .addColumn('target', 'text', (c) => c.primaryKey())
      .addColumn('cursor', 'bigint', (c) => c.notNull())
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('planned_to', 'bigint')
      .addColumn('last_hash', 'text')
      .addColumn('sent', 'bigint', (c) => c.notNull())
      .addColumn('last_sent_at', 'bigint')
      .addColumn('last_answer', 'text')
      .addColumn('failure', 'text')
      .addColumn('failed_at', 'bigint')
      .addColumn('failures', 'bigint', (c) => c.notNull())
      .addColumn('next_try_at', 'bigint')
      .execute()
    await db.schema
      .createTable('forward_events')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('agent', 'text')
      .addColumn('ref', 'bigint')
      .addColumn('severity', 'text')
      .addColumn('type', 'text')
      .addColumn('body', 'text')
      .execute()
    await db.schema
      .createTable('forward_watch')
      .addColumn('agent', 'text', (c) => c.primaryKey())
      .addColumn('state', 'text', (c) => c.notNull())
      .execute()
    for (const trigger of triggers) await sql.raw(trigger).execute(db)
  },
}

const now = "cast(unixepoch('subsec') * 1000 as integer)"
const triggers: readonly string[] = [
  `create trigger forward_violation_new after insert on violations begin
    insert into forward_events (at, kind, agent, ref, severity, type)
    values (${now}, 'violation', new.agent, new.id, new.severity, new.type); end`,
  `create trigger forward_violation_ended after update of ended_at on violations
    when old.ended_at is null and new.ended_at is not null begin
    insert into forward_events (at, kind, agent, ref, severity, type)
    values (${now}, 'violation-ended', new.agent, new.id, new.severity, new.type); end`,
  `create trigger forward_violation_handled after insert on violation_handling begin
    insert into forward_events (at, kind, agent, ref, severity, type, body)
    select ${now}, 'violation-handled', v.agent, v.id, v.severity, v.type,
      json_object('kind', new.kind, 'account', new.account, 'reason', new.reason)
    from violations v where v.id = new.violation; end`,
  `create trigger forward_log_entry after insert on trail begin
    insert into forward_events (at, kind, ref, body)
    values (${now}, 'log', new.seq, json_object('at', new.at, 'account', new.account, 'action', new.act,
      'object', new.object, 'outcome', new.outcome)); end`,
]
