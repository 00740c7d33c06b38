/** The registers' entries: written, found, listed, and how they name each other. On SQLite, in the thread that opened it. */
import type { DatabaseSync } from 'node:sqlite'
import { type Level, ShoukouError } from '@shoukou/protocol'
import { type ExpressionBuilder, type Selectable, sql } from 'kysely'
import type {
  LedgerEntryRow,
  LedgerEventKind,
  LedgerEventRow,
  LedgerFields,
  LedgerFilter,
  LedgerNamedBy,
  LedgerPage,
  LedgerPageRows,
  LedgerSort,
  LedgerStore,
  LedgerWrite,
  NumberStem,
} from '../ledger-ports.ts'
import { gramsAsked, gramsOf, numberOrder, plainLedgerNumber } from '../ledger-text.ts'
import type { Tables } from '../schema.ts'
import type { OpenDatabase } from './database.ts'
import type { SqliteIngest } from './ingest.ts'

type Part = Pick<
  LedgerStore,
  | 'writeLedger'
  | 'indexLedger'
  | 'ledgerEntry'
  | 'ledgerEntries'
  | 'countLedger'
  | 'ledgerHistory'
  | 'ledgerNamedBy'
  | 'takenLedgerNumbers'
  | 'nextLedgerNumber'
  | 'firstLedgerEntryAt'
  | 'ledgerCustodians'
>

/** Fewer finds than this are read and ordered; more are met soon enough on the way through the order. */
const findsOrderedMax = 2_000

export function ledgerIn({ query, connection }: OpenDatabase, ingest: SqliteIngest): Part {
  const writer = ledgerWriter(connection)
  const find = connection.prepare('select * from ledger_entries where kind = ? and number_plain = ?')
  const finds = connection.prepare('select rowid from ledger_text where ledger_text match ? limit ?')
  const first = connection.prepare('select min(created_at) as at from ledger_entries where kind = ?')
  const entry = (kind: string, number: string): LedgerEntryRow | null => {
    const row = find.get(kind, plainLedgerNumber(number))
    return row === undefined ? null : entryRow(row as unknown as EntryColumns)
  }
  /** Ids that a search finds, where they are few; null: not searched for, or too many to be told one by one. */
  const few = (search: string | undefined): readonly number[] | null => {
    const asked = search === undefined ? null : gramsAsked(search)
    if (asked === null) return null
    const rows = finds.all(asked, findsOrderedMax + 1)
    return rows.length > findsOrderedMax ? null : rows.map((row) => Number(row['rowid']))
  }
  return {
    async writeLedger(writes: readonly LedgerWrite[]): Promise<readonly LedgerEntryRow[]> {
      return ingest.transaction(() => writes.map((one) => writer(one)))
    },
    async indexLedger(texts): Promise<void> {
      ingest.transaction(() => {
        for (const { kind, number, text } of texts) writer.index(kind, number, text)
      })
    },
    ledgerEntry: async (kind, number) => entry(kind, number),
    async ledgerEntries(page: LedgerPage): Promise<LedgerPageRows> {
      const { filter, sort, isDescending, after, limit } = page
      const column = orderColumns[sort]
      const direction = isDescending ? 'desc' : 'asc'
      let selected = query
        .selectFrom('ledger_entries')
        .selectAll()
        .where(filterEntries(filter, few(filter.search)))
      if (after !== undefined) {
        const sign = isDescending ? sql`<` : sql`>`
        selected = selected.where(
          sql<boolean>`(${sql.ref(column)}, ${sql.ref('id')}) ${sign} (${after.value}, ${after.id})`,
        )
      }
      const rows = await selected
        .orderBy(column, direction)
        .orderBy('id', direction)
        .limit(limit + 1)
        .execute()
      const entries = rows.slice(0, limit)
      const last = entries.at(-1)
      return {
        entries: entries.map(entryRow),
        next: rows.length > limit && last !== undefined ? { value: last[column], id: last.id } : null,
      }
    },
    async countLedger(filter: LedgerFilter, max: number): Promise<number> {
      const row = await query
        .selectFrom(
          query
            .selectFrom('ledger_entries')
            .select('id')
            .where(filterEntries(filter, few(filter.search)))
            .limit(max)
            .as('counted'),
        )
        .select((e) => e.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },
    async ledgerHistory(kind: string, number: string, limit: number): Promise<readonly LedgerEventRow[]> {
      const found = entry(kind, number)
      if (found === null) return []
      const rows = await query
        .selectFrom('ledger_events')
        .select(['at', 'account', 'kind', 'changes', 'reason'])
        .where('entry', '=', found.id)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ ...row, at: Number(row.at), kind: row.kind as LedgerEventKind }))
    },
    async ledgerNamedBy(kind: string, number: string, limit: number): Promise<readonly LedgerNamedBy[]> {
      return query
        .selectFrom('ledger_links')
        .innerJoin('ledger_entries', 'ledger_entries.id', 'ledger_links.entry')
        .select([
          'ledger_entries.kind',
          'ledger_entries.number',
          'ledger_entries.state',
          'ledger_links.field',
        ])
        .where('ledger_links.kind', '=', kind)
        .where('ledger_links.number_plain', '=', plainLedgerNumber(number))
        .orderBy('ledger_entries.kind')
        .orderBy('ledger_entries.number_key')
        .limit(limit)
        .execute()
    },
    async takenLedgerNumbers(kind: string, numbers: readonly string[]): Promise<readonly string[]> {
      return numbers.flatMap((number) => entry(kind, number)?.number ?? [])
    },
    async nextLedgerNumber(kind: string, stem: NumberStem): Promise<string> {
      return writer.next(kind, stem)
    },
    async firstLedgerEntryAt(kind: string): Promise<number | null> {
      const at = first.get(kind)?.['at'] ?? null
      return at === null ? null : Number(at)
    },
    async ledgerCustodians(begin: string, departments: readonly string[] | null, limit: number) {
      let selected = query
        .selectFrom('ledger_entries')
        .select('custodian')
        .distinct()
        .where('custodian', '>=', begin)
        .where('custodian', '<', `${begin}\u{10FFFF}`)
        .where('custodian', '<>', '')
      if (departments !== null) selected = selected.where('department', 'in', [...departments])
      return (await selected.orderBy('custodian').limit(limit).execute()).map(({ custodian }) => custodian)
    },
  }
}

const orderColumns = { number: 'number_key', changed: 'changed_at' } as const satisfies Record<
  LedgerSort,
  keyof Tables['ledger_entries']
>

type EntryColumns = Selectable<Tables['ledger_entries']>

function entryRow(row: EntryColumns): LedgerEntryRow {
  return {
    id: Number(row.id),
    kind: row.kind,
    number: row.number,
    state: row.state,
    level: row.level as Level | null,
    department: row.department,
    custodian: row.custodian,
    fields: JSON.parse(row.fields) as LedgerFields,
    version: Number(row.version),
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    changedAt: Number(row.changed_at),
  }
}

function filterEntries(filter: LedgerFilter, few: readonly number[] | null) {
  return (e: ExpressionBuilder<Tables, 'ledger_entries'>) => {
    const asked = filter.search === undefined ? null : gramsAsked(filter.search)
    return e.and([
      e('kind', '=', filter.kind),
      ...(filter.states === undefined ? [] : [e('state', 'in', [...filter.states])]),
      ...(filter.levels === undefined ? [] : [e('level', 'in', [...filter.levels])]),
      ...(filter.departments === undefined ? [] : [e('department', 'in', [...filter.departments])]),
      ...(filter.custodian === undefined ? [] : [e('custodian', '=', filter.custodian)]),
      ...(asked === null
        ? []
        : [
            few === null
              ? sql<boolean>`id in (select rowid from ledger_text where ledger_text match ${asked})`
              : e('id', 'in', [...few]),
          ]),
    ])
  }
}

interface Writer {
  (write: LedgerWrite): LedgerEntryRow
  /** What an entry is found by. */
  index(kind: string, number: string, text: string): void
  /** The number that would be given next. */
  next(kind: string, stem: NumberStem): string
}

function ledgerWriter(connection: DatabaseSync): Writer {
  const add = connection.prepare(
    'insert into ledger_entries (kind, number, number_plain, number_key, state, level, department, custodian, fields, version, created_at, created_by, changed_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id',
  )
  const change = connection.prepare(
    'update ledger_entries set state = ?, level = ?, department = ?, custodian = ?, fields = ?, version = ?, changed_at = ? where kind = ? and number_plain = ? and version = ? returning id',
  )
  const taken = connection.prepare('select number from ledger_entries where kind = ? and number_plain = ?')
  const enrolled = connection.prepare(
    'select 1 from computers where lower(number) = ? and retired_at is null limit 1',
  )
  const counted = connection.prepare('select value from counters where name = ?')
  const count = connection.prepare(
    'insert into counters (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
  )
  const addEvent = connection.prepare(
    'insert into ledger_events (entry, at, account, kind, changes, reason) values (?, ?, ?, ?, ?, ?)',
  )
  const unlink = connection.prepare('delete from ledger_links where entry = ?')
  const addLink = connection.prepare(
    'insert or ignore into ledger_links (entry, field, kind, number_plain) values (?, ?, ?, ?)',
  )
  const unindex = connection.prepare('delete from ledger_text where rowid = ?')
  const index = connection.prepare('insert into ledger_text (rowid, grams) values (?, ?)')
  const endHandover = connection.prepare(
    "update ledger_handovers set ended_at = ?, ended = 'done' where id = ? and ended_at is null",
  )
  const entry = connection.prepare('select * from ledger_entries where id = ?')
  const byNumber = connection.prepare('select * from ledger_entries where kind = ? and number_plain = ?')

  const isTaken = (kind: string, number: string): boolean => {
    const plain = plainLedgerNumber(number)
    if (taken.get(kind, plain) !== undefined) return true
    // A number that an enrolled computer bears is that computer's: nobody counts it off for another one.
    return kind === 'computers' && enrolled.get(plain) !== undefined
  }
  const counterOf = (kind: string, stem: NumberStem) =>
    `ledger:${kind}:${stem.before}\u{0}${stem.after}`.toLowerCase()
  const nextOf = (kind: string, stem: NumberStem): { readonly number: string; readonly count: number } => {
    let at = Number(counted.get(counterOf(kind, stem))?.['value'] ?? 0) + 1
    while (isTaken(kind, numberOf(stem, at))) at += 1
    return { number: numberOf(stem, at), count: at }
  }
  const numberFor = ({ kind, number }: LedgerWrite['entry']): string => {
    if (typeof number === 'string') {
      if (taken.get(kind, plainLedgerNumber(number)) === undefined) return number
      throw new ShoukouError(
        'number-taken',
        `${number} is taken; choose another number, or leave it to the console.`,
        { context: { number } },
      )
    }
    const next = nextOf(kind, number)
    count.run(counterOf(kind, number), next.count)
    return next.number
  }
  const idOf = (write: LedgerWrite): number => {
    const { entry: one, baseVersion } = write
    const { kind, state, level, department, custodian, version, changedAt } = one
    const fields = JSON.stringify(one.fields)
    if (baseVersion === null) {
      const number = numberFor(one)
      const row = add.get(
        ...[kind, number, plainLedgerNumber(number), numberOrder(number), state, level],
        ...[department, custodian, fields, version, one.createdAt, one.createdBy, changedAt],
      )
      return Number(row?.['id'])
    }
    if (typeof one.number !== 'string') throw new Error('An entry keeps its number.')
    const { number } = one
    const row = change.get(
      ...[state, level, department, custodian, fields, version, changedAt],
      ...[kind, plainLedgerNumber(number), baseVersion],
    )
    if (row !== undefined) return Number(row['id'])
    throw new ShoukouError(
      'edit-conflict',
      `${number} was changed meanwhile; load it, and make the change again.`,
    )
  }
  const find = ({ id, number, custodian }: LedgerEntryRow, text: string): void => {
    unindex.run(id)
    index.run(id, gramsOf(`${number} ${custodian} ${text}`))
  }
  const write = (one: LedgerWrite): LedgerEntryRow => {
    const id = idOf(one)
    unlink.run(id)
    for (const { field, kind, number } of one.links) addLink.run(id, field, kind, plainLedgerNumber(number))
    const row = entryRow(entry.get(id) as unknown as EntryColumns)
    find(row, one.text)
    for (const { at, account, kind, changes, reason } of one.events)
      addEvent.run(id, at, account, kind, changes, reason)
    if (one.handover !== undefined) {
      const { id: handover, doneAt } = one.handover
      if (Number(endHandover.run(doneAt, handover).changes) !== 1)
        throw new ShoukouError('edit-conflict', 'The hand-over is over already; load it.')
    }
    return row
  }
  const indexOne = (kind: string, number: string, text: string): void => {
    const row = byNumber.get(kind, plainLedgerNumber(number))
    if (row !== undefined) find(entryRow(row as unknown as EntryColumns), text)
  }
  return Object.assign(write, {
    index: indexOne,
    next: (kind: string, stem: NumberStem) => nextOf(kind, stem).number,
  })
}

function numberOf({ before, after, digits }: NumberStem, count: number): string {
  return `${before}${String(count).padStart(digits, '0')}${after}`
}
