/**
 * The tables of archives and of what stands in the place of removed records, as one step of the schema's history; and
 * the one door through which a record may go.
 *
 * Inserting a stub is the removal: its triggers check what must hold and take the records out in the same statement. No
 * other statement removes a record, and no stub is ever changed.
 */
import { type Generated, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export interface ArchiveTables {
  /** Files that were written, signed and read back. */
  archives: {
    id: Generated<number>
    name: string
    folder: string
    digest: string
    bytes: number
    records: number
    made_at: number
    made_by: string
    before_ms: number
    manifest: string
    signature: string
  }
  /** One stretch of a journal that is in an archive and no longer here: the chain goes on from `head`. */
  stubs: {
    id: Generated<number>
    journal: number
    agent: string
    epoch: string
    first_seq: number
    last_seq: number
    count: number
    head: Uint8Array
    archive: number
    name: string
    digest: string
    before_ms: number
    checkpoint: number
    at: number
    asked_by: string
    agreed_by: string
    reason: string
    trail: number
  }
  /** Removed records that tell how something stands to this day: which ceiling a computer applied last. */
  standing_records: {
    agent: string
    epoch: string
    seq: number
    kind: string
    raw: Uint8Array
    received_at: number
  }
}

/** The act of the log that a removal names. */
export const REMOVE_ACT = 'archive-remove'
/** A step of the clock between two checkpoints proves no more time than this: a clock set forward proves nothing. */
export const CHECKPOINT_STEP_MS_MAX = 31 * 86_400_000

/** `neverChanged` makes a table one that is only added to. */
export function archiveTables(
  neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>,
): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await createTables(db)
      for (const table of ['archives', 'stubs', 'standing_records']) await neverChanged(db, table)
      for (const [why, condition] of conditions) await refuse(db, why, condition)
      await sql
        .raw(
          `create trigger stubs_take after insert on stubs begin
             insert into standing_records (agent, epoch, seq, kind, raw, received_at)
               select new.agent, new.epoch, seq, kind, raw, received_at from records
               where journal = new.journal and seq >= new.first_seq and seq <= new.last_seq
                 and kind in ('ceiling.applied', 'ceiling.refused');
             delete from records where journal = new.journal and seq >= new.first_seq and seq <= new.last_seq;
           end`,
        )
        .execute(db)
      await sql.raw('drop trigger records_no_delete').execute(db)
      await sql
        .raw(
          `create trigger records_no_delete before delete on records
             when not exists (select 1 from stubs where journal = old.journal and first_seq <= old.seq and last_seq >= old.seq)
             begin select raise(abort, 'records are never changed'); end`,
        )
        .execute(db)
      // What is in an archive does not come again under its number.
      await sql
        .raw(
          `create trigger records_not_again before insert on records
             when exists (select 1 from stubs where journal = new.journal and last_seq >= new.seq)
             begin select raise(abort, 'this record is in an archive'); end`,
        )
        .execute(db)
    },
  }
}

const covered = 'journal = new.journal and seq >= new.first_seq and seq <= new.last_seq'
/** The unit's own period, never below five years, from the end of the book's year. */
const keptMs = `(unixepoch(new.before_ms / 1000, 'unixepoch',
    '+' || max(5, coalesce((select max(retention_years) from keeping_settings), 5)) || ' years') * 1000 - new.before_ms)`

/** Whatever a program asks for, a removal is refused where one of these holds. */
const conditions = [
  [
    'the stretch does not begin where the journal does, or ends behind it',
    `new.first_seq <> 1 + coalesce((select max(last_seq) from stubs where journal = new.journal), 0)
     or new.last_seq < new.first_seq
     or not exists (select 1 from journals where id = new.journal and agent = new.agent and epoch = new.epoch and seq >= new.last_seq)`,
  ],
  [
    'no such archive was made',
    `not exists (select 1 from archives where id = new.archive and name = new.name and digest = new.digest and before_ms = new.before_ms)`,
  ],
  [
    'the records are others than those that were archived',
    `new.count <> (select count(*) from records where ${covered})
     or new.head is not (select head from records where journal = new.journal and seq = new.last_seq)`,
  ],
  [
    'records are younger than the period',
    `exists (select 1 from records where ${covered} and received_at >= new.before_ms)
     or new.before_ms + ${keptMs} > coalesce((select max(at) from checkpoints where id = (select max(id) from checkpoints)), 0)`,
  ],
  [
    'no checkpoint of before the period saw these records',
    `not exists (select 1 from checkpoint_places p join checkpoints c on c.id = p.checkpoint
       where p.checkpoint = new.checkpoint and p.journal = new.journal and p.seq >= new.last_seq and c.at < new.before_ms)`,
  ],
  [
    'the checkpoints do not prove that the period has passed',
    `coalesce((select sum(min(step, ${CHECKPOINT_STEP_MS_MAX})) from
       (select at - lag(at) over (order by id) step from checkpoints where id >= new.checkpoint)), 0) < ${keptMs}`,
  ],
  [
    'they are evidence of a violation that is not closed, or was closed within the period',
    `exists (select 1 from violations v where v.agent = new.agent and v.epoch = new.epoch
       and v.seq >= new.first_seq and v.seq <= new.last_seq
       and (v.received_at >= new.before_ms or coalesce(v.ended_at, 0) >= new.before_ms
         or (v.lasting is not null and v.ended_at is null)
         or not exists (select 1 from violation_handling e where e.violation = v.id and e.kind in ('close', 'false-positive')
           and not exists (select 1 from violation_handling r where r.violation = v.id and r.id > e.id and r.kind = 'reopen'))
         or exists (select 1 from violation_handling h where h.violation = v.id and h.at >= new.before_ms)))`,
  ],
  ['one account asked for it and agreed to it', 'new.asked_by = new.agreed_by'],
  [
    'the log does not say who wanted it',
    `not exists (select 1 from trail where seq = new.trail and act = '${REMOVE_ACT}' and object = new.name)`,
  ],
] as const

async function refuse(db: Kysely<unknown>, why: string, condition: string): Promise<void> {
  const at = conditions.findIndex(([words]) => words === why)
  await sql
    .raw(
      `create trigger stubs_door_${at} before insert on stubs when ${condition}
         begin select raise(abort, 'not removed: ${why}'); end`,
    )
    .execute(db)
}

async function createTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('archives')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('folder', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('bytes', 'bigint', (c) => c.notNull())
    .addColumn('records', 'bigint', (c) => c.notNull())
    .addColumn('made_at', 'bigint', (c) => c.notNull())
    .addColumn('made_by', 'text', (c) => c.notNull())
    .addColumn('before_ms', 'bigint', (c) => c.notNull())
    .addColumn('manifest', 'text', (c) => c.notNull())
    .addColumn('signature', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('stubs')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('journal', 'bigint', (c) => c.notNull())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('first_seq', 'bigint', (c) => c.notNull())
    .addColumn('last_seq', 'bigint', (c) => c.notNull())
    .addColumn('count', 'bigint', (c) => c.notNull())
    .addColumn('head', 'blob', (c) => c.notNull())
    .addColumn('archive', 'bigint', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('before_ms', 'bigint', (c) => c.notNull())
    .addColumn('checkpoint', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('asked_by', 'text', (c) => c.notNull())
    .addColumn('agreed_by', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('trail', 'bigint', (c) => c.notNull())
    .addUniqueConstraint('stubs_once', ['journal', 'last_seq'])
    .execute()
  await db.schema
    .createTable('standing_records')
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('raw', 'blob', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .execute()
}
