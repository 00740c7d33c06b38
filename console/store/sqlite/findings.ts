/** Findings with who took them on, and their history: each comes, is acted on, and goes by itself. On SQLite. */
import { ShoukouError } from '@shoukou/protocol'
import { type ExpressionBuilder, type Selectable, sql } from 'kysely'
import type {
  FindingAct,
  FindingEventRow,
  FindingFilter,
  FindingRow,
  FindingsStore,
  FoundRow,
} from '../findings-ports.ts'
import { plainLedgerNumber } from '../ledger-text.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

type Part = Pick<
  FindingsStore,
  | 'syncFindings'
  | 'findings'
  | 'countFindings'
  | 'countFindingKinds'
  | 'finding'
  | 'findingEvents'
  | 'actOnFindings'
  | 'findingMark'
  | 'setFindingMark'
>
type Columns = Selectable<Tables['findings']>

const ranks: Readonly<Record<string, number>> = { high: 0, medium: 1, low: 2 }

export function findingsIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  const statements = {
    open: connection.prepare(
      'select row, id, since, told, department from findings where resolved_at is null',
    ),
    one: connection.prepare('select * from findings where id = ?'),
    add: connection.prepare(
      "insert into findings (id, kind, severity, rank, place, number, number_plain, department, since, told, first_at, note, snooze_reason, reopened, version) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', 0, 1) returning row",
    ),
    update: connection.prepare(
      'update findings set since = ?, told = ?, department = ?, number = ? where row = ?',
    ),
    // Whoever had it when it went is not asked again: it is new work, with the note that was left.
    reopen: connection.prepare(
      'update findings set resolved_at = null, taken_by = null, taken_at = null, snoozed_until = null, reopened = reopened + 1, version = version + 1 where row = ?',
    ),
    resolve: connection.prepare('update findings set resolved_at = ?, version = version + 1 where row = ?'),
    event: connection.prepare(
      'insert into finding_events (finding, at, account, kind, text) values (?, ?, ?, ?, ?)',
    ),
    act: connection.prepare(
      'update findings set taken_by = ?, taken_at = ?, note = ?, snoozed_until = ?, snooze_reason = ?, version = version + 1 where row = ? and version = ?',
    ),
    mark: connection.prepare('select value from counters where name = ?'),
    setMark: connection.prepare(
      'insert into counters (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
    ),
  }
  const columnsOf = (id: string) => statements.one.get(id) as unknown as Columns | undefined

  const add = (one: FoundRow, at: number): 'opened' | 'reopened' => {
    const told = JSON.stringify(one.told)
    const before = columnsOf(one.id)
    if (before === undefined) {
      const row = statements.add.get(
        ...[one.id, one.kind, one.severity, ranks[one.severity] ?? 9, one.place, one.number],
        ...[plainLedgerNumber(one.number), one.department, one.since, told, at],
      )
      statements.event.run(Number(row?.['row']), at, null, 'opened', '')
      return 'opened'
    }
    statements.reopen.run(before.row)
    statements.update.run(one.since, told, one.department, one.number, before.row)
    statements.event.run(before.row, at, null, 'reopened', '')
    return 'reopened'
  }

  return {
    async syncFindings(found, at) {
      return ingest.transaction(() => {
        const open = new Map(
          statements.open.all().map((row) => [String(row['id']), row as unknown as Columns]),
        )
        const change = { opened: 0, reopened: 0, resolved: 0 }
        for (const one of found) {
          const before = open.get(one.id)
          open.delete(one.id)
          if (before === undefined) {
            change[add(one, at)] += 1
            continue
          }
          const told = JSON.stringify(one.told)
          const isAsBefore =
            before.since === one.since && before.told === told && before.department === one.department
          if (!isAsBefore) statements.update.run(one.since, told, one.department, one.number, before.row)
        }
        for (const { row } of open.values()) {
          statements.resolve.run(at, row)
          statements.event.run(row, at, null, 'resolved', '')
          change.resolved += 1
        }
        return change
      })
    },
    async findings(filter, { offset, limit }) {
      let selected = query.selectFrom('findings').selectAll().where(matching(filter))
      if (filter.sort !== undefined)
        selected = selected.orderBy(filter.sort, filter.isDescending === true ? 'desc' : 'asc')
      const rows = await selected
        .orderBy('rank')
        .orderBy('since')
        .orderBy('row')
        .limit(limit)
        .offset(offset)
        .execute()
      return rows.map(findingRow)
    },
    async countFindings(filter, max) {
      const row = await query
        .selectFrom(
          query.selectFrom('findings').select('row').where(matching(filter)).limit(max).as('counted'),
        )
        .select((e) => e.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },
    async countFindingKinds(filter) {
      const rows = await query
        .selectFrom('findings')
        .select((e) => ['kind', e.fn.countAll<number>().as('count')])
        .where(matching(filter))
        .groupBy('kind')
        .orderBy('kind')
        .execute()
      return rows.map(({ kind, count }) => ({ kind, count: Number(count) }))
    },
    async finding(id) {
      const row = columnsOf(id)
      return row === undefined ? null : findingRow(row)
    },
    async findingEvents(id, limit) {
      const row = columnsOf(id)
      if (row === undefined) return []
      const events = await query
        .selectFrom('finding_events')
        .select(['at', 'account', 'kind', 'text'])
        .where('finding', '=', row.row)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return events.map((one) => ({ ...one, at: Number(one.at), kind: one.kind as FindingEventRow['kind'] }))
    },
    async actOnFindings(of, act, by) {
      ingest.transaction(() => {
        for (const { id, version } of of) {
          const before = columnsOf(id)
          if (before === undefined)
            throw new ShoukouError('not-found', 'There is no finding of this name; load the list again.')
          const [after, kind, text] = acted(before, act, by)
          const done = statements.act.run(...after, before.row, version)
          if (Number(done.changes) !== 1) {
            throw new ShoukouError(
              'edit-conflict',
              `${before.number}: somebody else acted meanwhile; load the list again, and look.`,
            )
          }
          statements.event.run(before.row, by.at, by.account, kind, text)
        }
      })
    },
    findingMark: async (name) => {
      const value = statements.mark.get(`findings:${name}`)?.['value'] ?? null
      return value === null ? null : Number(value)
    },
    setFindingMark: async (name, value) => void statements.setMark.run(`findings:${name}`, value),
  }
}

type Acted = readonly [string | null, number | null, string, number | null, string]

function acted(
  before: Columns,
  act: FindingAct,
  { account, at }: { readonly account: string; readonly at: number },
): readonly [Acted, FindingEventRow['kind'], string] {
  const { taken_by, taken_at, note, snoozed_until, snooze_reason } = before
  switch (act.kind) {
    case 'take':
      return [[account, at, note, snoozed_until, snooze_reason], 'taken', '']
    case 'release':
      return [[null, null, note, snoozed_until, snooze_reason], 'released', '']
    case 'note':
      return [[taken_by, taken_at, act.text, snoozed_until, snooze_reason], 'noted', act.text]
    case 'snooze':
      return [
        [taken_by, taken_at, note, act.until, act.until === null ? '' : act.text],
        act.until === null ? 'woken' : 'snoozed',
        act.text,
      ]
  }
}

function matching(filter: FindingFilter) {
  return (e: ExpressionBuilder<Tables, 'findings'>) => {
    const { state, departments, takenBy, search, at } = filter
    const list = (column: 'kind' | 'severity' | 'place', values: readonly string[] | undefined) =>
      values === undefined ? [] : [e(column, 'in', [...values])]
    const snoozed = e.and([e('snoozed_until', 'is not', null), e('snoozed_until', '>', at)])
    return e.and([
      ...list('kind', filter.kinds),
      ...list('severity', filter.severities),
      ...list('place', filter.places),
      ...(departments === undefined ? [] : [e('department', 'in', [...departments])]),
      ...(takenBy === undefined
        ? []
        : [takenBy === null ? e('taken_by', 'is', null) : e('taken_by', '=', takenBy)]),
      ...(search === undefined ? [] : [sql<boolean>`instr(number_plain, ${plainLedgerNumber(search)}) > 0`]),
      ...(state === 'resolved' ? [e('resolved_at', 'is not', null)] : []),
      ...(state === 'snoozed' ? [e('resolved_at', 'is', null), snoozed] : []),
      ...(state === 'open' ? [e('resolved_at', 'is', null), e.not(snoozed)] : []),
    ])
  }
}

function findingRow(row: Columns): FindingRow {
  const numberOrNull = (value: number | null) => (value === null ? null : Number(value))
  return {
    row: Number(row.row),
    id: row.id,
    kind: row.kind,
    severity: row.severity,
    place: row.place,
    number: row.number,
    department: row.department,
    since: Number(row.since),
    told: JSON.parse(row.told) as Record<string, string>,
    firstAt: Number(row.first_at),
    resolvedAt: numberOrNull(row.resolved_at),
    takenBy: row.taken_by,
    takenAt: numberOrNull(row.taken_at),
    note: row.note,
    snoozedUntil: numberOrNull(row.snoozed_until),
    snoozeReason: row.snooze_reason,
    reopened: Number(row.reopened),
    version: Number(row.version),
  }
}
