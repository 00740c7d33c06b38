/** What clocks are derived from, and what is kept of them. On SQLite, in the thread that opened it. */
import { sql } from 'kysely'
import {
  type ClockFacts,
  type ClockFilter,
  type ClockKind,
  type ClockReportRow,
  type ClockSettings,
  type ClockSettingsRow,
  type ClockStore,
  type ClockSubject,
  type EscalationRole,
  type EscalationRow,
  OF_REGISTERS,
  OUTSIDE_RECIPIENTS,
  type RectifyDateRow,
} from '../clock-ports.ts'
import type { HandlingKind } from '../handling-ports.ts'
import type { Severity, ViolationRow } from '../ports.ts'
import { violationRow } from '../rows.ts'
import { custodyIn } from './custody.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'
import { leakFormsIn } from './leak-forms.ts'
import { selectViolations } from './violations.ts'

type Row = Record<string, unknown>

const openStates = "('detected', 'acknowledged', 'confirmed', 'incident', 'remedied', 'rectified')"
/** What may be a leak and was neither allowed nor judged: `isLive`, in words of the database. */
const suspected = `v.severity = 'critical' and v.place is not null and v.state in ${openStates} and (v.exception is null or v.state not in ('detected', 'acknowledged'))`
/** Somebody is still to be told; `place`: of the parameter that names them all, as JSON. */
const unreported = (place: number): string =>
  `exists (select 1 from json_each(?${place}) q where not exists (select 1 from clock_reports r where r.violation = v.id and r.what = 'report' and r.recipient = q.value))`
/** Of its computer, or of the medium that it is about; null for those who see the whole unit. */
const inDepartment =
  "(?1 is null or exists (select 1 from computers c where c.agent = v.agent and c.department = ?1) or (v.agent = '' and exists (select 1 from media m where 'medium:' || m.number = v.subject and m.department = ?1)))"

export function clocksIn(database: OpenDatabase, ingest: SqliteIngest): ClockStore {
  const { connection } = database
  const insert = (table: string, columns: readonly string[]) =>
    connection.prepare(
      `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')}) on conflict do nothing returning *`,
    )
  const statements = {
    report: insert('clock_reports', [
      ...['violation', 'what', 'at', 'account', 'reported_at'],
      ...['recipient', 'office', 'person', 'number', 'note'],
    ]),
    date: insert('rectify_dates', ['violation', 'at', 'account', 'due_at', 'reason']),
    reports: connection.prepare('select * from clock_reports where violation = ? order by id'),
    dates: connection.prepare('select * from rectify_dates where violation = ? order by id'),
    settings: connection.prepare('select * from clock_settings order by version desc limit 1'),
    since: connection.prepare('select min(at) as at from clock_settings'),
    addSettings: insert('clock_settings', ['version', 'at', 'account', 'reason', 'settings']),
    escalation: insert('clock_escalations', [
      ...['violation', 'clock', 'step', 'at', 'role', 'person', 'left_ms', 'due_at', 'severity'],
    ]),
    escalations: connection.prepare(
      `select e.*, s.at as seen_at, s.account as seen_by from clock_escalations e join violations v on v.id = e.violation left join clock_escalations_seen s on s.escalation = e.id where ${inDepartment} and (?2 is null or e.violation = ?2) and (?3 is null or e.id < ?3) order by e.id desc limit ?4`,
    ),
    see: connection.prepare(
      'insert into clock_escalations_seen (escalation, at, account) select id, ?, ? from clock_escalations where id = ? on conflict do nothing',
    ),
    overdue: connection.prepare(
      `select count(*) as count from violations v where ${suspected} and ${unreported(3)} and v.received_at <= ?2 and ${inDepartment}`,
    ),
    running: connection.prepare(
      `select count(*) as count from violations v where ${suspected} and ${unreported(3)} and v.received_at > ?2 and ${inDepartment}`,
    ),
    untold: connection.prepare(
      `select v.id from violations v where ${suspected} and ${unreported(5)} and v.received_at > ?2 and v.received_at <= ?3 and not exists (select 1 from clock_escalations e where e.violation = v.id and e.clock = 'leak-report' and e.step = ?1) order by v.received_at limit ?4`,
    ),
  }
  const readSubjects = subjectReader(database)

  return {
    ...custodyIn(database, ingest),
    ...leakFormsIn(database),
    clockSubjects: (filter) => readSubjects(filter),
    async countOpenReports({ reportCutoff, reportTo, department }) {
      const count = (of: typeof statements.running): number =>
        Number(of.get(department ?? null, reportCutoff, JSON.stringify(reportTo))?.['count'] ?? 0)
      return { running: count(statements.running), overdue: count(statements.overdue) }
    },
    async untoldReports({ step, reportTo, fromMs, toMs, limit }) {
      const rows = statements.untold.all(step, fromMs, toMs, limit, JSON.stringify(reportTo))
      return rows.map((row) => Number(row['id']))
    },
    async addClockReport(r) {
      const row = statements.report.get(
        ...[r.violation, r.what, r.at, r.account, r.reportedAt],
        ...[r.recipient, r.office, r.person, r.number, r.note],
      )
      return reportRow(row as Row)
    },
    async clockReports(violation) {
      return statements.reports.all(violation).map(reportRow)
    },
    async addRectifyDate({ violation, at, account, dueAt, reason }) {
      return dateRow(statements.date.get(violation, at, account, dueAt, reason) as Row)
    },
    async rectifyDates(violation) {
      return statements.dates.all(violation).map(dateRow)
    },
    async clockSettings() {
      const row = statements.settings.get()
      return row === undefined ? null : settingsRow(row)
    },
    async clocksSince() {
      const at = statements.since.get()?.['at'] ?? null
      return at === null ? null : Number(at)
    },
    async addClockSettings({ version, at, account, reason, ...settings }) {
      const text = JSON.stringify(settings satisfies ClockSettings)
      return statements.addSettings.get(version, at, account, reason, text) !== undefined
    },
    async addEscalation(e) {
      const row = statements.escalation.get(
        ...[e.violation, e.clock, e.step, e.at, e.role, e.person, e.leftMs, e.dueAt, e.severity],
      )
      return row === undefined ? null : escalationRow(row)
    },
    async escalations({ violation, department, beforeId, limit }) {
      const rows = statements.escalations.all(department ?? null, violation ?? null, beforeId ?? null, limit)
      return rows.map(escalationRow)
    },
    async seeEscalation(id, { at, account }) {
      return Number(statements.see.run(at, account, id).changes) === 1
    },
  }
}

/** Candidates first, by what may make a clock run; then all that their clocks are derived from. */
function subjectReader({ query, connection }: OpenDatabase) {
  const found = {
    running: connection.prepare(
      `select v.id from violations v where ${suspected} and v.received_at > ?2 and ${inDepartment} order by v.received_at limit ?3`,
    ),
    overdue: connection.prepare(
      `select v.id from violations v where ${suspected} and ${unreported(4)} and v.received_at <= ?2 and ${inDepartment} order by v.received_at desc limit ?3`,
    ),
    incidents: connection.prepare(
      `select v.id from violations v where v.is_incident = 1 and v.place is not null and ${inDepartment} order by v.id desc limit ?2`,
    ),
    missing: connection.prepare(
      `select v.id from violations v where v.type = 'media-missing' and v.place is not null and ${inDepartment} order by v.id desc limit ?2`,
    ),
    dated: connection.prepare(
      `select distinct v.id from rectify_dates d join violations v on v.id = d.violation where v.place is not null and ${inDepartment} order by d.id desc limit ?2`,
    ),
    reported: connection.prepare(
      `select distinct v.id from clock_reports r join violations v on v.id = r.violation where v.place is not null and ${inDepartment} order by r.id desc limit ?2`,
    ),
    judged: connection.prepare(
      `select v.id from violations v where v.severity = 'critical' and v.place is not null and v.state in ('false-positive', 'closed') and v.received_at > ?2 and ${inDepartment} order by v.received_at desc limit ?3`,
    ),
  }
  const of = {
    steps: connection.prepare(
      "select kind, at, account, reason from violation_handling where violation = ? and kind in ('confirm', 'incident', 'rectify', 'false-positive', 'close') order by id",
    ),
    first: connection.prepare('select min(received_at) as at from violations where repeat_of = ?'),
    reports: connection.prepare('select * from clock_reports where violation = ? order by id'),
    dates: connection.prepare('select * from rectify_dates where violation = ? order by id'),
    exception: connection.prepare('select from_ms as at, account from exceptions where id = ?'),
    computer: connection.prepare('select department from computers where agent = ?'),
    medium: connection.prepare('select department from media where number = ?'),
    found: connection.prepare(
      "select at, account from medium_events where number = ? and kind = 'state-changed' and at >= ? order by id desc limit 50",
    ),
  }
  const recentMs = 30 * 86_400_000

  function candidates({ department, reportCutoff, reportTo, now, limit, violation }: ClockFilter): number[] {
    if (violation !== undefined) return [violation]
    const whose = department ?? null
    const rows: Row[] = [
      ...found.running.all(whose, reportCutoff, limit),
      ...found.overdue.all(whose, reportCutoff, limit, JSON.stringify(reportTo)),
      ...found.incidents.all(whose, limit),
      ...found.missing.all(whose, limit),
      ...found.dated.all(whose, limit),
      ...found.reported.all(whose, limit),
      ...found.judged.all(whose, now - recentMs, limit),
    ]
    return [...new Set(rows.map((row) => Number(row['id'])))]
  }

  function factsOf(row: ViolationRow): ClockFacts {
    const { standing, id } = row
    const exception = standing?.exception ?? null
    const first = of.first.get(id)?.['at'] ?? null
    const allowed = exception === null ? undefined : of.exception.get(exception.id)
    return {
      severity: row.severity,
      receivedAt: first === null ? row.receivedAt : Math.min(row.receivedAt, Number(first)),
      state: standing?.state ?? 'detected',
      isIncident: standing?.isIncident ?? false,
      isRepeat: (standing?.repeatOf ?? null) !== null,
      exception: allowed === undefined ? null : whoWhen(allowed),
      steps: of.steps.all(id).map((step) => ({
        ...whoWhen(step),
        kind: step['kind'] as HandlingKind,
        reason: String(step['reason']),
      })),
      // The unit's own committee is told beside the law's offices, not in their place.
      reports: of.reports
        .all(id)
        .map(reportRow)
        .filter(({ recipient }) => OUTSIDE_RECIPIENTS.includes(recipient))
        .map(({ what, reportedAt, account, recipient }) => ({ what, reportedAt, account, recipient })),
      dates: of.dates.all(id).map(dateRow),
      missing: row.type === 'media-missing' ? missingOf(row) : null,
    }
  }

  function missingOf(row: ViolationRow): ClockFacts['missing'] {
    const evidence = JSON.parse(row.evidence) as {
      medium: { number: string }
      foundMissingAtMs: number
      limitDays: number
    }
    const { foundMissingAtMs, limitDays } = evidence
    const by = of.found
      .all(evidence.medium.number, foundMissingAtMs)
      .find((one) => Number(one['at']) === row.endedAt)
    return {
      foundMissingAt: foundMissingAtMs,
      limitDays,
      found:
        row.endedAt === null
          ? null
          : { at: row.endedAt, account: by === undefined ? '' : String(by['account']) },
    }
  }

  function departmentOf(row: ViolationRow): string | null {
    const medium = mediumOf(row)
    const kept =
      row.agent !== OF_REGISTERS
        ? of.computer.get(row.agent)
        : medium === null
          ? undefined
          : of.medium.get(medium)
    return (kept?.['department'] as string | null | undefined) ?? null
  }

  return async (filter: ClockFilter): Promise<readonly ClockSubject[]> => {
    const ids = candidates(filter)
    if (ids.length === 0) return []
    const rows = await selectViolations(query)
      .where('violations.id', 'in', sql<number>`(select value from json_each(${JSON.stringify(ids)}))`)
      .execute()
    return rows.map(violationRow).map((violation) => ({
      violation,
      department: departmentOf(violation),
      facts: factsOf(violation),
    }))
  }
}

const mediumPrefix = 'medium:'

function mediumOf({ standing }: ViolationRow): string | null {
  const subject = standing?.subject ?? ''
  return subject.startsWith(mediumPrefix) ? subject.slice(mediumPrefix.length) : null
}

function whoWhen(row: Row): { readonly at: number; readonly account: string } {
  return { at: Number(row['at']), account: String(row['account']) }
}

function reportRow(row: Row): ClockReportRow {
  return {
    ...whoWhen(row),
    id: Number(row['id']),
    violation: Number(row['violation']),
    what: row['what'] as ClockReportRow['what'],
    reportedAt: Number(row['reported_at']),
    recipient: row['recipient'] as ClockReportRow['recipient'],
    office: String(row['office']),
    person: String(row['person']),
    number: String(row['number']),
    note: String(row['note']),
  }
}

function dateRow(row: Row): RectifyDateRow {
  return {
    ...whoWhen(row),
    id: Number(row['id']),
    violation: Number(row['violation']),
    dueAt: Number(row['due_at']),
    reason: String(row['reason']),
  }
}

function settingsRow(row: Row): ClockSettingsRow {
  return {
    // Kept before it was asked: nobody said that there is one.
    hasSuperior: false,
    ...(JSON.parse(String(row['settings'])) as Omit<ClockSettings, 'hasSuperior'>),
    ...whoWhen(row),
    version: Number(row['version']),
    reason: String(row['reason']),
  }
}

function escalationRow(row: Row): EscalationRow {
  const seen = row['seen_at'] ?? null
  return {
    id: Number(row['id']),
    violation: Number(row['violation']),
    clock: row['clock'] as ClockKind,
    step: String(row['step']),
    at: Number(row['at']),
    role: row['role'] as EscalationRole,
    person: String(row['person']),
    leftMs: Number(row['left_ms']),
    dueAt: Number(row['due_at']),
    severity: row['severity'] as Severity,
    seenAt: seen === null ? null : Number(seen),
    seenBy: seen === null ? null : String(row['seen_by']),
  }
}
