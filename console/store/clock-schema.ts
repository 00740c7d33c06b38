/** The tables behind clocks, as one step of the schema's history. All of them are only added to. */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

type Column = readonly [name: string, type: 'text' | 'bigint']

const tables: readonly (readonly [name: string, columns: readonly Column[]])[] = [
  [
    'clock_reports',
    [
      ['violation', 'bigint'],
      ['what', 'text'],
      ['at', 'bigint'],
      ['account', 'text'],
      ['reported_at', 'bigint'],
      ['recipient', 'text'],
      ['office', 'text'],
      ['person', 'text'],
      ['number', 'text'],
      ['note', 'text'],
    ],
  ],
  [
    'rectify_dates',
    [
      ['violation', 'bigint'],
      ['at', 'bigint'],
      ['account', 'text'],
      ['due_at', 'bigint'],
      ['reason', 'text'],
    ],
  ],
  [
    'clock_escalations',
    [
      ['violation', 'bigint'],
      ['clock', 'text'],
      ['step', 'text'],
      ['at', 'bigint'],
      ['role', 'text'],
      ['person', 'text'],
      ['left_ms', 'bigint'],
      ['due_at', 'bigint'],
      ['severity', 'text'],
    ],
  ],
  [
    'clock_escalations_seen',
    [
      ['escalation', 'bigint'],
      ['at', 'bigint'],
      ['account', 'text'],
    ],
  ],
  [
    'clock_settings',
    [
      ['version', 'bigint'],
      ['at', 'bigint'],
      ['account', 'text'],
      ['reason', 'text'],
      ['settings', 'text'],
    ],
  ],
  [
    'media_hand_ins',
    [
      ['year', 'bigint'],
      ['medium', 'text'],
      ['at', 'bigint'],
      ['account', 'text'],
      ['note', 'text'],
    ],
  ],
  [
    'leak_forms',
    [
      ['violation', 'bigint'],
      ['version', 'bigint'],
      ['at', 'bigint'],
      ['account', 'text'],
      ['fields', 'text'],
    ],
  ],
  [
    'leak_form_prints',
    [
      ['violation', 'bigint'],
      ['version', 'bigint'],
      ['at', 'bigint'],
      ['account', 'text'],
    ],
  ],
]

/** `neverChanged` makes a table one that is only added to. */
export function clockTables(neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const [name, columns] of tables) {
        let table = db.schema
          .createTable(name)
          .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
        for (const [column, type] of columns) table = table.addColumn(column, type, (c) => c.notNull())
        await table.execute()
        await neverChanged(db, name)
      }
      for (const statement of indexes) await sql.raw(statement).execute(db)
      await sql.raw(forwarded).execute(db)
    },
  }
}

const indexes: readonly string[] = [
  'create index clock_reports_by_violation on clock_reports (violation, what)',
  'create index rectify_dates_by_violation on rectify_dates (violation, id)',
  'create unique index clock_escalations_once on clock_escalations (violation, clock, step)',
  'create unique index clock_escalations_seen_once on clock_escalations_seen (escalation)',
  'create unique index clock_settings_once on clock_settings (version)',
  'create unique index media_hand_ins_once on media_hand_ins (year, medium)',
  'create unique index leak_forms_once on leak_forms (violation, version)',
  'create index leak_form_prints_by_violation on leak_form_prints (violation, id)',
  'create index violations_incidents on violations (id) where is_incident = 1 and place is not null',
  "create index violations_suspect on violations (received_at, id) where severity = 'critical' and place is not null",
]

/** In the transaction that notes whom it is told to, like what is forwarded of violations. */
const forwarded = `create trigger forward_clock after insert on clock_escalations begin
  insert into forward_events (at, kind, agent, ref, severity, type, body)
  select new.at, 'clock', v.agent, v.id, new.severity, v.type, json_object('clock', new.clock, 'role', new.role,
    'person', new.person, 'leftMs', new.left_ms, 'dueAt', new.due_at)
  from violations v where v.id = new.violation; end`
