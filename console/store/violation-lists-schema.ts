/**
 * What lists of violations are found and counted by, as one step of the schema's history.
 *
 * A class is all violations that are alike in what a list filters by most. Its index holds them in the order of the list,
 * and its sum says how many there are: a page of any choice of classes is a merge of a few index ranges, and its count an
 * addition, however many violations there are. Kept by the database itself, in the transaction that changes a violation.
 */
import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface ViolationListTables {
  violation_classes: {
    id: number
    severity: string
    type: string
    level: string
    state: string
    is_excepted: number
    /** All of them, and those that are no repeats. */
    count: number
    leads: number
  }
  violation_totals: {
    agent: string
    severity: string
    state: string
    is_excepted: number
    count: number
    leads: number
  }
}

export const violationLists: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const run = (text: string) => sql.raw(text).execute(db)
    await run(
      'create table violation_classes (id integer primary key, severity text not null, type text not null, level text not null, state text not null, is_excepted integer not null, count bigint not null, leads bigint not null, unique (severity, type, level, state, is_excepted))',
    )
    await run(
      'create table violation_totals (agent text not null, severity text not null, state text not null, is_excepted integer not null, count bigint not null, leads bigint not null, primary key (agent, severity, state, is_excepted)) without rowid',
    )
    await run('alter table violations add column class bigint')
    for (const text of fillViolationLists) await run(text)
    // In the order of a list of leads, and in that of each for itself; the time is in it so that counting reads no row.
    await run(
      'create index violations_of_class_listed on violations (class, place, received_at) where place is not null',
    )
    await run('create index violations_of_class on violations (class, id, received_at)')
    // The same of one computer: which class, and when, without reading the row.
    await run(
      'create index violations_of_agent_listed on violations (agent, place, class, received_at) where place is not null',
    )
    await run('create index violations_of_agent on violations (agent, id, class, received_at)')
    await run('create index violations_assigned on violations (assignee, place) where assignee is not null')
    // Suspected leaks that are open: looked for every few seconds, among all that ever were suspected.
    await run(
      "create index violations_suspect_open on violations (received_at, id) where severity = 'critical' and place is not null and state in ('detected', 'acknowledged', 'confirmed', 'incident', 'remedied', 'rectified')",
    )
    for (const index of superseded) await run(`drop index ${index}`)
    await run(`create trigger violation_class_new after insert on violations begin
      ${enter} end`)
    await run(`create trigger violation_class_moved after update of state, exception, place on violations
      when old.state is not new.state or (old.exception is null) <> (new.exception is null) or (old.place is null) <> (new.place is null) begin
      update violation_classes set count = count - 1, leads = leads - (old.place is not null) where id = old.class;
      update violation_totals set count = count - 1, leads = leads - (old.place is not null)
        where agent = old.agent and severity = old.severity and state = old.state and is_excepted = (old.exception is not null);
      ${enter} end`)
  },
}

function classOf(row: 'violations' | 'new'): string {
  return `(select c.id from violation_classes c where c.severity = ${row}.severity and c.type = ${row}.type and c.level = ${row}.level and c.state = ${row}.state and c.is_excepted = (${row}.exception is not null))`
}

/** Works out all of it from the violations that are there, into empty tables. */
export const fillViolationLists: readonly string[] = [
  'insert into violation_classes (severity, type, level, state, is_excepted, count, leads) select severity, type, level, state, exception is not null, count(*), count(place) from violations group by 1, 2, 3, 4, 5',
  'insert into violation_totals (agent, severity, state, is_excepted, count, leads) select agent, severity, state, exception is not null, count(*), count(place) from violations group by 1, 2, 3, 4',
  `update violations set class = ${classOf('violations')}`,
]

/** What the classes answer, and no longer costs a write for each violation. */
const superseded = [
  'violations_listed_by_state',
  'violations_listed_by_severity',
  'violations_listed_by_type',
  'violations_listed_by_assignee',
  'violations_listed_by_agent',
  'violations_by_agent',
  'violations_open',
  'violations_by_severity',
  'violations_by_level',
]

const enter = `insert into violation_classes (severity, type, level, state, is_excepted, count, leads)
        values (new.severity, new.type, new.level, new.state, new.exception is not null, 1, new.place is not null)
        on conflict (severity, type, level, state, is_excepted) do update set count = count + 1, leads = leads + excluded.leads;
      insert into violation_totals (agent, severity, state, is_excepted, count, leads)
        values (new.agent, new.severity, new.state, new.exception is not null, 1, new.place is not null)
        on conflict (agent, severity, state, is_excepted) do update set count = count + 1, leads = leads + excluded.leads;
      update violations set class = ${classOf('new')} where id = new.id;`
