/**
 * Notes runs, marks and counts of records within the transaction that stores them, and when agents were heard: neither is there
 * without the other. On SQLite.
 */
import type { DatabaseSync } from 'node:sqlite'
import { COUNT_UNITS } from '../coverage-ports.ts'
import { type JournalRun, type RunBegan, type RunStop, stepRun } from '../journal-runs.ts'
import type { HeardUpdate, IngestBatch } from '../ports.ts'

/** Heartbeats come each ten seconds: one may be missed, ms. */
const heardGapMsMax = 30_000
/** A clock that differs by more places no minute. */
const skewMsMax = 60_000
/** In `is_skewed`: a span by the computer's own clock, which was behind; 1 is one by this console's. */
const CLOCK_BEHIND = 2

/** Returns what notes one batch. */
export function coverageNoter(connection: DatabaseSync): (batch: IngestBatch) => void {
  const statements = {
    last: connection.prepare(
      'select id, first_seq, last_seq, boot_id, began, from_ms, to_ms, received_at, stop_reason, stop_ms, stop_seq from coverage_runs where agent = ? and epoch = ? order by id desc limit 1',
    ),
    add: connection.prepare(
      'insert into coverage_runs (agent, epoch, first_seq, last_seq, boot_id, began, from_ms, to_ms, received_at, stop_reason, stop_ms, stop_seq) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    move: connection.prepare(
      'update coverage_runs set last_seq = ?, boot_id = ?, to_ms = ?, received_at = ?, stop_reason = ?, stop_ms = ?, stop_seq = ? where id = ?',
    ),
    mark: connection.prepare(
      'insert into coverage_marks (agent, epoch, seq, kind, name, value, from_ms, to_ms) values (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    count: connection.prepare(
      'insert into record_counts (agent, unit, at_ms, kind, n) values (?, ?, ?, ?, ?) on conflict (agent, unit, at_ms, kind) do update set n = n + excluded.n',
    ),
    unsettle: unsettling(connection),
    endOfRunBefore: connection.prepare(
      'select to_ms from coverage_runs where agent = ? and epoch = ? and last_seq < ? order by last_seq desc limit 1',
    ),
  }

  const write = (agent: string, epoch: string, { id, run }: Kept): void => {
    const { stop } = run
    const told = [stop?.reason ?? null, stop?.atMs ?? null, stop?.seq ?? null] as const
    if (id !== null) statements.move.run(run.lastSeq, run.bootId, run.toMs, run.receivedAt, ...told, id)
    else {
      const { firstSeq, lastSeq, bootId, began, fromMs, toMs, receivedAt } = run
      statements.add.run(agent, epoch, firstSeq, lastSeq, bootId, began, fromMs, toMs, receivedAt, ...told)
    }
  }

  const noteRuns = ({ agent, epoch, records, receivedAt }: IngestBatch): number => {
    let kept = keptRun(statements.last.get(agent, epoch))
    // What was not proven since the last run ended may be now.
    let affectedMs = kept?.run.toMs ?? Number.MAX_SAFE_INTEGER
    for (const record of records) {
      const { run, isNew, mark } = stepRun(kept?.run ?? null, record, receivedAt)
      if (isNew && kept !== null) write(agent, epoch, kept)
      kept = { id: isNew ? null : (kept?.id ?? null), run }
      if (isNew) affectedMs = Math.min(affectedMs, run.fromMs)
      if (mark === null) continue
      affectedMs = Math.min(affectedMs, mark.fromMs)
      statements.mark.run(agent, epoch, mark.seq, mark.kind, mark.name, mark.value, mark.fromMs, mark.toMs)
    }
    if (kept !== null && records.length > 0) write(agent, epoch, kept)
    return affectedMs
  }

  return (batch) => {
    const { agent, epoch, records, settledGaps, protection } = batch
    let affectedMs = noteRuns(batch)
    for (const { firstSeq } of settledGaps) {
      const before = statements.endOfRunBefore.get(agent, epoch, firstSeq)
      affectedMs = Math.min(affectedMs, before === undefined ? 0 : Number(before['to_ms']))
    }
    for (const { fromMs } of protection?.spans ?? []) affectedMs = Math.min(affectedMs, fromMs)
    statements.unsettle.run(affectedMs, agent, affectedMs)
    for (const unit of COUNT_UNITS) {
      for (const { atMs, kind, n } of countsOf(records, unit))
        statements.count.run(agent, unit, atMs, kind, n)
    }
  }
}

/** Returns what notes one sign of life. */
export function heardNoter(connection: DatabaseSync): (agent: string, seen: HeardUpdate) => void {
  const statements = {
    goOn: connection.prepare(
      'update heard_spans set to_ms = max(to_ms, ?), sensors = coalesce(sensors, ?) where id = (select id from heard_spans where agent = ? order by to_ms desc limit 1) and to_ms >= ? and from_ms <= ? and is_skewed = ? and (sensors is null or ? is null or sensors = ?)',
    ),
    begin: connection.prepare(
      'insert into heard_spans (agent, from_ms, to_ms, is_skewed, sensors) values (?, ?, ?, ?, ?)',
    ),
    lives: connection.prepare(
      'update coverage_runs set to_ms = max(to_ms, ?) where id = (select max(id) from coverage_runs where agent = ?) and stop_reason is null returning to_ms',
    ),
  }
  const noteSkew = skewNoter(connection)
  return (agent, { at, status, coverage, clockSkewMs, isBehind }) => {
    if (status !== 'online') return
    const skewMs = clockSkewMs ?? 0
    const isSkewed = Math.abs(skewMs) >= skewMsMax ? 1 : 0
    const sensors = coverage === undefined ? null : sensorsText(coverage)
    const went = statements.goOn.run(at, sensors, agent, at - heardGapMsMax, at, isSkewed, sensors, sensors)
    if (Number(went.changes) === 0) statements.begin.run(agent, at, at, isSkewed, sensors)
    if (isSkewed === 1 && skewMs < 0) noteSkew(agent, at + skewMs)
    // All that it has recorded is here, and no start among it: it is the run that was told last.
    if (!isBehind && clockSkewMs !== undefined) statements.lives.run(at + Math.min(0, skewMs), agent)
  }
}

/**
 * Returns what notes that a clock is behind: its records stand in a time that was another one, which they must not prove.
 * `atMs`: by that clock. What the run told before counts too, back to when the clock was last known to be right.
 */
function skewNoter(connection: DatabaseSync): (agent: string, atMs: number) => void {
  const statements = {
    run: connection.prepare('select from_ms from coverage_runs where agent = ? order by id desc limit 1'),
    // One sign alone may be a greeting, which tells no clock.
    right: connection.prepare(
      'select to_ms from heard_spans where agent = ? and is_skewed = 0 and to_ms > from_ms order by to_ms desc limit 1',
    ),
    last: connection.prepare(
      'select id, from_ms, to_ms from heard_spans where agent = ? and is_skewed = ? and to_ms between ? and ? order by to_ms desc limit 1',
    ),
    goOn: connection.prepare('update heard_spans set from_ms = ?, to_ms = ? where id = ?'),
    begin: connection.prepare(
      'insert into heard_spans (agent, from_ms, to_ms, is_skewed, sensors) values (?, ?, ?, ?, null)',
    ),
    unsettle: unsettling(connection),
  }
  return (agent, atMs) => {
    const run = statements.run.get(agent)
    if (run === undefined) return
    const rightMs = Number(statements.right.get(agent)?.['to_ms'] ?? 0)
    const began = Math.min(atMs, Math.max(Number(run['from_ms']), rightMs))
    const last = statements.last.get(agent, CLOCK_BEHIND, atMs - skewMsMax, atMs)
    const fromMs = last === undefined ? began : Math.min(Number(last['from_ms']), began)
    if (last === undefined) statements.begin.run(agent, fromMs, atMs, CLOCK_BEHIND)
    else statements.goOn.run(fromMs, atMs, Number(last['id']))
    const changedMs = last === undefined ? fromMs : Math.min(Number(last['to_ms']), fromMs)
    statements.unsettle.run(changedMs, agent, changedMs)
  }
}

/** Days that end later than a moment hold no more. */
function unsettling(connection: DatabaseSync) {
  return connection.prepare(
    'update coverage_standing set settled_ms = ?, version = version + 1 where agent = ? and settled_ms > ?',
  )
}

interface Kept {
  readonly id: number | null
  readonly run: JournalRun
}

function keptRun(row: Record<string, unknown> | undefined): Kept | null {
  if (row === undefined) return null
  const stop =
    row['stop_reason'] === null
      ? null
      : {
          reason: row['stop_reason'] as RunStop['reason'],
          atMs: Number(row['stop_ms']),
          seq: Number(row['stop_seq']),
        }
  return {
    id: Number(row['id']),
    run: {
      firstSeq: Number(row['first_seq']),
      lastSeq: Number(row['last_seq']),
      bootId: row['boot_id'] as string | null,
      began: row['began'] as RunBegan,
      fromMs: Number(row['from_ms']),
      toMs: Number(row['to_ms']),
      receivedAt: Number(row['received_at']),
      stop,
    },
  }
}

function sensorsText(coverage: NonNullable<HeardUpdate['coverage']>): string {
  const told = coverage.map(({ sensor, state }) => [sensor, state] as const)
  return JSON.stringify(Object.fromEntries(told.toSorted(([a], [b]) => (a < b ? -1 : 1))))
}

function countsOf(
  records: IngestBatch['records'],
  unit: number,
): { atMs: number; kind: string; n: number }[] {
  const counts = new Map<string, { atMs: number; kind: string; n: number }>()
  for (const { wallMs, kind } of records) {
    const atMs = wallMs - (wallMs % unit)
    const key = `${atMs} ${kind}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { atMs, kind, n: 1 })
    else known.n += 1
  }
  return [...counts.values()]
}
