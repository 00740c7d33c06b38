/** The tables behind watched minutes and timelines, as one step of the schema's history, and as Kysely sees them. */
import { type Generated, type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { COUNT_UNITS } from './coverage-ports.ts'
import { type JournalRun, stepRun } from './journal-runs.ts'

export interface CoverageTables {
  coverage_runs: {
    id: Generated<number>
    agent: string
    epoch: string
    first_seq: number
    last_seq: number
    boot_id: string | null
    began: string
    from_ms: number
    to_ms: number
    received_at: number
    stop_reason: string | null
    stop_ms: number | null
    stop_seq: number | null
  }
  coverage_marks: {
    id: Generated<number>
    agent: string
    epoch: string
    seq: number
    kind: string
    name: string
    value: string
    from_ms: number
    to_ms: number
  }
  heard_spans: {
    id: Generated<number>
    agent: string
    from_ms: number
    to_ms: number
    is_skewed: number
    sensors: string | null
  }
  coverage_days: { agent: string; from_ms: number; to_ms: number; minutes: string }
  coverage_standing: { agent: string; settled_ms: number; version: number }
  record_counts: { agent: string; unit: number; at_ms: number; kind: string; n: number }
}

/** `neverChanged` makes a table one that is only added to. */
export function coverageTables(
  neverChanged: (db: Kysely<unknown>, table: string) => Promise<void>,
): Migration {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await runTables(db)
      await countTables(db)
      await neverChanged(db, 'coverage_marks')
      await readStored(db)
    },
  }
}

async function runTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('coverage_runs')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('first_seq', 'bigint', (c) => c.notNull())
    .addColumn('last_seq', 'bigint', (c) => c.notNull())
    .addColumn('boot_id', 'text')
    .addColumn('began', 'text', (c) => c.notNull())
    .addColumn('from_ms', 'bigint', (c) => c.notNull())
    .addColumn('to_ms', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('stop_reason', 'text')
    .addColumn('stop_ms', 'bigint')
    .addColumn('stop_seq', 'bigint')
    .execute()
  await db.schema
    .createIndex('coverage_runs_by_end')
    .on('coverage_runs')
    .columns(['agent', 'to_ms'])
    .execute()
  await db.schema
    .createIndex('coverage_runs_by_start')
    .on('coverage_runs')
    .columns(['agent', 'from_ms'])
    .execute()
  await db.schema
    .createIndex('coverage_runs_by_journal')
    .on('coverage_runs')
    .columns(['agent', 'epoch', 'id'])
    .execute()
  await db.schema
    .createTable('coverage_marks')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('epoch', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('from_ms', 'bigint', (c) => c.notNull())
    .addColumn('to_ms', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('coverage_marks_by_end')
    .on('coverage_marks')
    .columns(['agent', 'to_ms'])
    .execute()
  await db.schema
    .createIndex('coverage_marks_by_kind')
    .on('coverage_marks')
    .columns(['agent', 'kind', 'name', 'from_ms'])
    .execute()
  await db.schema
    .createTable('heard_spans')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('from_ms', 'bigint', (c) => c.notNull())
    .addColumn('to_ms', 'bigint', (c) => c.notNull())
    .addColumn('is_skewed', 'integer', (c) => c.notNull())
    .addColumn('sensors', 'text')
    .execute()
  await db.schema.createIndex('heard_spans_by_end').on('heard_spans').columns(['agent', 'to_ms']).execute()
}

async function countTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('coverage_days')
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('from_ms', 'bigint', (c) => c.notNull())
    .addColumn('to_ms', 'bigint', (c) => c.notNull())
    .addColumn('minutes', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('coverage_days_once', ['agent', 'from_ms'])
    .modifyEnd(sql`without rowid`)
    .execute()
  await db.schema
    .createTable('coverage_standing')
    .addColumn('agent', 'text', (c) => c.primaryKey())
    .addColumn('settled_ms', 'bigint', (c) => c.notNull())
    .addColumn('version', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('record_counts')
    .addColumn('agent', 'text', (c) => c.notNull())
    .addColumn('unit', 'integer', (c) => c.notNull())
    .addColumn('at_ms', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('n', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('record_counts_once', ['agent', 'unit', 'at_ms', 'kind'])
    .modifyEnd(sql`without rowid`)
    .execute()
  await db.schema
    .createIndex('violations_by_time')
    .on('violations')
    .columns(['agent', 'occurred_at'])
    .execute()
}

interface Stored {
  journals: { id: number; agent: string; epoch: string }
  records: {
    id: number
    journal: number
    seq: number
    kind: string
    wall_ms: number
    received_at: number
    raw: Uint8Array
  }
}

const recordsPerStep = 2_000

/** What the database has already is read once; when agents were heard then, nobody wrote down. */
async function readStored(db: Kysely<CoverageTables & Stored>): Promise<void> {
  for (const unit of COUNT_UNITS) {
    await sql`insert into record_counts (agent, unit, at_ms, kind, n)
      select j.agent, ${sql.lit(unit)}, r.wall_ms - r.wall_ms % ${sql.lit(unit)}, r.kind, count(*)
      from records r join journals j on j.id = r.journal group by 1, 3, 4`.execute(db)
  }
  for (const journal of await db
    .selectFrom('journals')
    .select(['id', 'agent', 'epoch'])
    .orderBy('id')
    .execute())
    await readJournal(db, journal)
}

async function readJournal(
  db: Kysely<CoverageTables & Stored>,
  { id, agent, epoch }: Stored['journals'],
): Promise<void> {
  let run: JournalRun | null = null
  let after = 0
  for (;;) {
    const rows = await db
      .selectFrom('records')
      .select(['seq', 'kind', 'wall_ms', 'received_at', 'raw'])
      .where('journal', '=', id)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(recordsPerStep)
      .execute()
    for (const { seq, kind, wall_ms, received_at, raw } of rows) {
      const step = stepRun(run, { seq, kind, wallMs: wall_ms, raw }, received_at)
      if (step.isNew && run !== null) await writeRun(db, agent, epoch, run)
      run = step.run
      if (step.mark !== null) {
        const { fromMs, toMs, ...mark } = step.mark
        await db
          .insertInto('coverage_marks')
          .values({ agent, epoch, ...mark, from_ms: fromMs, to_ms: toMs })
          .execute()
      }
      after = seq
    }
    if (rows.length < recordsPerStep) break
  }
  if (run !== null) await writeRun(db, agent, epoch, run)
}

async function writeRun(
  db: Kysely<CoverageTables & Stored>,
  agent: string,
  epoch: string,
  run: JournalRun,
): Promise<void> {
  await db
    .insertInto('coverage_runs')
    .values({
      agent,
      epoch,
      first_seq: run.firstSeq,
      last_seq: run.lastSeq,
      boot_id: run.bootId,
      began: run.began,
      from_ms: run.fromMs,
      to_ms: run.toMs,
      received_at: run.receivedAt,
      stop_reason: run.stop?.reason ?? null,
      stop_ms: run.stop?.atMs ?? null,
      stop_seq: run.stop?.seq ?? null,
    })
    .execute()
}
