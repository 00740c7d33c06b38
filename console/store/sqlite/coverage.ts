/** Evidence of watched minutes, counted days, and what timelines read. On SQLite, in the thread that opened it. */
import type { DatabaseSync } from 'node:sqlite'
import type {
  CountUnit,
  CoverageDayRow,
  CoverageEvidenceRows,
  CoverageRunRow,
  CoverageStanding,
  CoverageStore,
  HeardSpanRow,
  ViolationPlaceRow,
} from '../coverage-ports.ts'
import type { RunBegan, RunMarkKind, RunStop } from '../journal-runs.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

type Row = Record<string, unknown>

export function coverageIn({ connection }: OpenDatabase, ingest: SqliteIngest): CoverageStore {
  const evidence = evidenceReader(connection)
  const statements = {
    standing: connection.prepare('select settled_ms, version from coverage_standing where agent = ?'),
    begin: connection.prepare(
      'insert into coverage_standing (agent, settled_ms, version) values (?, 0, 0) on conflict (agent) do nothing',
    ),
    settle: connection.prepare('update coverage_standing set settled_ms = ? where agent = ? and version = ?'),
    days: connection.prepare(
      'select from_ms, to_ms, minutes from coverage_days where agent = ? and from_ms >= ? and from_ms < ? order by from_ms',
    ),
    keep: connection.prepare(
      'insert into coverage_days (agent, from_ms, to_ms, minutes) values (?, ?, ?, ?) on conflict (agent, from_ms) do update set to_ms = excluded.to_ms, minutes = excluded.minutes',
    ),
    counts: connection.prepare(
      'select at_ms, kind, n from record_counts where agent = ? and unit = ? and at_ms >= ? and at_ms < ?',
    ),
    journals: connection.prepare('select id, epoch from journals where agent = ?'),
    places: connection.prepare(
      'select seq, kind, wall_ms, received_at from records indexed by records_by_wall where journal = ? and wall_ms >= ? and wall_ms < ? order by wall_ms, seq limit ?',
    ),
    files: connection.prepare(
      "select seq, wall_ms, raw from records indexed by records_by_wall where journal = ? and wall_ms >= ? and wall_ms < ? and kind in ('file.activity', 'mount.added') order by wall_ms desc limit ?",
    ),
    stays: connection.prepare(
      `select s.agent, c.number, s.at, s.ended_at, s.disk,
         (select count(*) from media_sightings o where o.agent = s.agent and o.id <> s.id and o.is_examined = 1
           and o.at <= coalesce(s.ended_at, 9e15) and coalesce(o.ended_at, 9e15) >= s.at) others
       from media_sightings s join computers c on c.agent = s.agent
       where s.number = ? order by s.id desc limit ?`,
    ),
    lasting: connection.prepare(
      "select id, type, severity, occurred_at, ended_at from violations where agent = ? and occurred_at < ? and (lasting is not null or type = 'agent-silent') and (ended_at is null or ended_at >= ?) order by occurred_at desc, id desc limit ?",
    ),
    violationTimes: connection.prepare(
      'select occurred_at from violations where agent = ? and occurred_at >= ? and occurred_at < ?',
    ),
    violations: connection.prepare(
      'select id, type, severity, occurred_at, ended_at from violations where agent = ? and occurred_at >= ? and occurred_at < ? order by occurred_at, id limit ?',
    ),
  }
  const journalsOf = (agent: string): { id: number; epoch: string }[] =>
    statements.journals.all(agent).map((row) => ({ id: Number(row['id']), epoch: String(row['epoch']) }))

  return {
    coverageEvidence: async (agent, fromMs, toMs) => evidence(agent, fromMs, toMs),
    async coverageStanding(agent): Promise<CoverageStanding> {
      const row = statements.standing.get(agent)
      return { settledMs: Number(row?.['settled_ms'] ?? 0), version: Number(row?.['version'] ?? 0) }
    },
    coverageDays: async (agent, fromMs, toMs) => statements.days.all(agent, fromMs, toMs).map(dayRow),
    async keepCoverageDays(agent, days, { settledMs, version }) {
      return ingest.transaction(() => {
        statements.begin.run(agent)
        if (Number(statements.settle.run(settledMs, agent, version).changes) === 0) return false
        for (const { fromMs, toMs, minutes } of days) statements.keep.run(agent, fromMs, toMs, minutes)
        return true
      })
    },
    async recordCounts(agent: string, unit: CountUnit, fromMs: number, toMs: number) {
      return statements.counts.all(agent, unit, fromMs, toMs).map((row) => ({
        atMs: Number(row['at_ms']),
        kind: String(row['kind']),
        count: Number(row['n']),
      }))
    },
    async recordPlaces(agent, fromMs, toMs, limit) {
      return journalsOf(agent)
        .flatMap(({ id, epoch }) =>
          statements.places.all(id, fromMs, toMs, limit).map((row) => ({
            epoch,
            seq: Number(row['seq']),
            kind: String(row['kind']),
            wallMs: Number(row['wall_ms']),
            receivedAt: Number(row['received_at']),
          })),
        )
        .toSorted((a, b) => a.wallMs - b.wallMs || a.seq - b.seq)
        .slice(0, limit)
    },
    async violationPlaces(agent, fromMs, toMs, limit) {
      return statements.violations.all(agent, fromMs, toMs, limit).map(violationPlaceRow)
    },
    async violationsLastingAt(agent, atMs, limit) {
      return statements.lasting.all(agent, atMs, atMs, limit).map(violationPlaceRow)
    },
    async violationTimes(agent, fromMs, toMs) {
      return statements.violationTimes.all(agent, fromMs, toMs).map((row) => Number(row['occurred_at']))
    },
    async mediumPlaces(number, limit) {
      return statements.stays.all(number, limit).map((row) => ({
        agent: String(row['agent']),
        computer: String(row['number']),
        fromMs: Number(row['at']),
        toMs: row['ended_at'] === null ? null : Number(row['ended_at']),
        disk: row['disk'] as string | null,
        others: Number(row['others']),
      }))
    },
    async fileRecords(agent, fromMs, toMs, limit) {
      return journalsOf(agent)
        .flatMap(({ id, epoch }) =>
          statements.files.all(id, fromMs, toMs, limit).map((row) => ({
            epoch,
            seq: Number(row['seq']),
            wallMs: Number(row['wall_ms']),
            raw: row['raw'] as Uint8Array,
          })),
        )
        .toSorted((a, b) => b.wallMs - a.wallMs || b.seq - a.seq)
        .slice(0, limit)
    },
  }
}

function violationPlaceRow(row: Row): ViolationPlaceRow {
  return {
    id: Number(row['id']),
    type: String(row['type']),
    severity: String(row['severity']),
    occurredAt: Number(row['occurred_at']),
    endedAt: row['ended_at'] === null ? null : Number(row['ended_at']),
  }
}

function evidenceReader(
  connection: DatabaseSync,
): (agent: string, fromMs: number, toMs: number) => CoverageEvidenceRows {
  const columns =
    'epoch, first_seq, last_seq, boot_id, began, from_ms, to_ms, received_at, stop_reason, stop_ms, stop_seq'
  const statements = {
    runs: connection.prepare(
      `select ${columns} from coverage_runs where agent = ? and to_ms >= ? and from_ms <= ? order by from_ms, id`,
    ),
    runBefore: connection.prepare(
      `select ${columns} from coverage_runs where agent = ? and to_ms < ? order by to_ms desc, id desc limit 1`,
    ),
    runAfter: connection.prepare(
      `select ${columns} from coverage_runs where agent = ? and from_ms > ? order by from_ms, id limit 1`,
    ),
    marks: connection.prepare(
      'select epoch, seq, kind, name, value, from_ms, to_ms from coverage_marks where agent = ? and to_ms >= ? and from_ms <= ? order by from_ms, id',
    ),
    policyBefore: connection.prepare(
      "select epoch, seq, kind, name, value, from_ms, to_ms from coverage_marks where agent = ? and kind = 'policy' and name = 'applied' and from_ms < ? order by from_ms desc, id desc limit 1",
    ),
    controlBefore: connection.prepare(
      "select epoch, seq, kind, name, value, from_ms, to_ms from coverage_marks where agent = ? and kind = 'control' and name = ? and from_ms < ? order by from_ms desc, id desc limit 1",
    ),
    heard: connection.prepare(
      'select from_ms, to_ms, is_skewed, sensors from heard_spans where agent = ? and to_ms >= ? and from_ms <= ? order by from_ms, id',
    ),
    unproven: connection.prepare(
      'select cause, from_ms, to_ms, epoch, seq from unproven_spans where agent = ? and to_ms >= ? and from_ms <= ? order by id',
    ),
    silences: connection.prepare(
      "select id, occurred_at, ended_at from violations where agent = ? and type = 'agent-silent' and occurred_at <= ? and (ended_at is null or ended_at >= ?)",
    ),
  }
  return (agent, fromMs, toMs) => {
    const overlapping = statements.runs.all(agent, fromMs, toMs)
    const earlier = statements.runBefore.get(agent, fromMs)
    const later = statements.runAfter.get(agent, toMs)
    const runs = [earlier, ...overlapping, later].filter((row) => row !== undefined).map(runRow)
    // What a sensor vouched for was told at the run's beginning, however long ago.
    const since = Math.min(fromMs, ...overlapping.map((row) => Number(row['from_ms'])))
    const before = [
      statements.policyBefore.get(agent, since),
      statements.controlBefore.get(agent, 'media', since),
      statements.controlBefore.get(agent, 'network', since),
    ].filter((row) => row !== undefined)
    const marks = [...before, ...statements.marks.all(agent, since, toMs)]
    return {
      runs,
      marks: marks.map((row) => ({
        epoch: String(row['epoch']),
        seq: Number(row['seq']),
        kind: row['kind'] as RunMarkKind,
        name: String(row['name']),
        value: String(row['value']),
        fromMs: Number(row['from_ms']),
        toMs: Number(row['to_ms']),
      })),
      heard: statements.heard.all(agent, since, toMs).map(heardRow),
      unproven: statements.unproven.all(agent, fromMs, toMs).map((row) => ({
        cause: String(row['cause']),
        fromMs: Number(row['from_ms']),
        toMs: Number(row['to_ms']),
        epoch: String(row['epoch']),
        seq: Number(row['seq']),
      })),
      silences: statements.silences.all(agent, toMs, fromMs).map((row) => ({
        violation: Number(row['id']),
        fromMs: Number(row['occurred_at']),
        toMs: row['ended_at'] === null ? null : Number(row['ended_at']),
      })),
    }
  }
}

function runRow(row: Row): CoverageRunRow {
  const stop =
    row['stop_reason'] === null
      ? null
      : {
          reason: row['stop_reason'] as RunStop['reason'],
          atMs: Number(row['stop_ms']),
          seq: Number(row['stop_seq']),
        }
  return {
    epoch: String(row['epoch']),
    firstSeq: Number(row['first_seq']),
    lastSeq: Number(row['last_seq']),
    bootId: row['boot_id'] as string | null,
    began: row['began'] as RunBegan,
    fromMs: Number(row['from_ms']),
    toMs: Number(row['to_ms']),
    receivedAt: Number(row['received_at']),
    stop,
  }
}

function heardRow(row: Row): HeardSpanRow {
  const sensors = row['sensors'] as string | null
  return {
    fromMs: Number(row['from_ms']),
    toMs: Number(row['to_ms']),
    isSkewed: row['is_skewed'] !== 0,
    sensors: sensors === null ? null : (JSON.parse(sensors) as Record<string, string>),
  }
}

function dayRow(row: Row): CoverageDayRow {
  return { fromMs: Number(row['from_ms']), toMs: Number(row['to_ms']), minutes: String(row['minutes']) }
}
