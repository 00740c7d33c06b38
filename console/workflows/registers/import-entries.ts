/**
 * Brings a register's spreadsheet in: a preview that says of each row what it would do, and its confirmation by the same
 * account. All of it is written in one transaction, or nothing.
 *
 * A row whose number is registered changes that entry where a column of the file says something else; columns that the file
 * does not have are left alone. Levels and states of entries are not changed so: a classification officer sets the one, the
 * entry's own steps lead to the other. A row that says what is there changes nothing, so a file may be loaded twice.
 */
import { ShoukouError } from '@shoukou/protocol'
import {
  type FieldValue,
  type FieldValues,
  type Kind,
  type LedgerKindName,
  stateOf,
} from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import type { LedgerEntryRow } from '../../store/ledger-ports.ts'
import type { Store } from '../../store/ports.ts'
import type { SheetFault } from '../sheets/cells.ts'
import { SHEET_LIMITS } from '../sheets/limits.ts'
import {
  badRowsOf,
  createPreviews,
  refuseHopeless,
  type SampleRow,
  type SheetPreview,
} from '../sheets/previews.ts'
import { readSpreadsheet } from '../sheets/read-spreadsheet.ts'
import type { SheetRows } from '../sheets/spreadsheet.ts'
import { checkCustody } from './check-against.ts'
import type { By, CheckedRow, ImportedEntry, Registers } from './create-registers.ts'
import { type ParsedEntries, type ParsedEntry, parseEntries } from './parse-entries.ts'
import { rememberReads } from './remember-reads.ts'
import { headerOf, type SheetLanguage, textOfValue } from './sheet-values.ts'

export interface EntriesImported {
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  /** Of what was added; empty where nothing was. */
  readonly firstNumber: string
  readonly lastNumber: string
}

export interface EntriesImport {
  /** @throws ShoukouError `spreadsheet-refused` where it is no table of this register at all. */
  preview(
    kind: LedgerKindName,
    file: { readonly name: string; readonly bytes: Uint8Array; readonly language: SheetLanguage },
    account: string,
  ): Promise<SheetPreview>
  /** @throws ShoukouError `not-found`, `spreadsheet-refused`, `edit-conflict`, `number-taken`: then nothing was written. */
  confirm(kind: LedgerKindName, id: string, by: By & { readonly reason: string }): Promise<EntriesImported>
  /** Says what a preview is of, for the log of what administrators do. */
  describe(id: string): string
}

interface Content {
  readonly kind: LedgerKindName
  readonly rows: readonly ImportedEntry[]
  readonly unchanged: number
}

/** One row with what it would do. */
interface Planned {
  readonly parsed: ParsedEntry
  readonly asked: ImportedEntry
  readonly changes: CheckedRow['changes']
  readonly isFaulty: boolean
}

export function createEntriesImport(options: {
  readonly store: Store
  readonly book: Pick<Registers, 'checkImport' | 'importAll'>
  readonly now: () => number
  /** Left out: in a thread of its own, with bounds of time and memory. */
  readonly read?: (bytes: Uint8Array) => Promise<SheetRows>
}): EntriesImport {
  const { read = readSpreadsheet } = options
  const previews = createPreviews<Content>(options.now)
  return {
    preview: async (name, { name: fileName, bytes, language }, account) => {
      const kind = kindOf(name)
      const { rows, notes } = await read(bytes)
      const parsed = parseEntries(kind, rows)
      const { planned, faults, unchanged } = await plan(kind, parsed, options)
      const content = { kind: name, rows: planned.map(({ asked }) => asked), unchanged }
      refuseHopeless(parsed.rows, faults.length)
      const id = previews.keep({ account, name: fileName, faults: faults.length, content })
      const good = planned.filter(({ isFaulty }) => !isFaulty)
      return {
        ...{ id, rows: parsed.rows, faults, badRows: badRowsOf(faults), unchanged, notes },
        added: good.filter(({ asked }) => asked.base === undefined).length,
        changed: good.filter(({ asked }) => asked.base !== undefined).length,
        sample: sampleOf(kind, parsed, { planned: good, language }),
      }
    },
    confirm: async (name, id, { account, person, reason }) => {
      const preview = previews.confirmed(id, account)
      const { kind, rows, unchanged } = preview.content
      if (kind !== name) throw new ShoukouError('not-found', 'This preview is gone; load the file again.')
      const why = `imported from ${preview.name}: ${reason}`
      const written =
        rows.length === 0 ? [] : await options.book.importAll(kind, rows, why, { account, person })
      previews.done(id)
      const added = written.filter(({ version }) => version === 1)
      return {
        ...{ added: added.length, changed: written.length - added.length, unchanged },
        ...{ firstNumber: added[0]?.number ?? '', lastNumber: added.at(-1)?.number ?? '' },
      }
    },
    describe: (id) => {
      const preview = previews.find(id)
      return preview === null
        ? ''
        : `${preview.content.kind}: ${preview.name}, ${preview.content.rows.length} rows`
    },
  }
}

async function plan(
  kind: Kind,
  parsed: ParsedEntries,
  { store: whole, book }: { readonly store: Store; readonly book: Pick<Registers, 'checkImport'> },
): Promise<{
  readonly planned: readonly Planned[]
  readonly faults: readonly SheetFault[]
  readonly unchanged: number
}> {
  const store = rememberReads(whole)
  const readable = parsed.entries.filter(({ isFaulty }) => !isFaulty)
  const bases = await basesOf(store, kind, readable)
  const asked = readable.map((row) => askedOf(kind, row, bases.get(row.row)))
  const checked = await book.checkImport(kind.name, asked)
  const twins = new Twins(store, kind, {
    numbers: readable.flatMap(({ number }) => number ?? []),
    columns: parsed.headers.keys(),
  })
  const planned: Planned[] = []
  const faults: SheetFault[] = [...parsed.faults]
  let unchanged = 0
  for (const [at, row] of readable.entries()) {
    const [entry, found] = [asked[at], checked[at]]
    if (entry === undefined || found === undefined) continue
    const base = bases.get(row.row)
    const isSame = base === undefined ? row.number === null && (await twins.has(entry)) : isUnchanged(found)
    if (isSame) {
      unchanged += 1
      continue
    }
    const own = base === undefined ? [] : changeFaults(kind, base, { row, changes: found.changes })
    const all = [...own, ...found.faults]
    planned.push({ parsed: row, asked: entry, changes: found.changes, isFaulty: all.length > 0 })
    faults.push(...cellFaults(kind, parsed, row, all))
  }
  return { planned, faults: once(faults).toSorted((a, b) => a.row - b.row), unchanged }
}

function isUnchanged({ changes }: CheckedRow): boolean {
  return Object.keys(changes).length === 0
}

async function basesOf(
  store: Store,
  kind: Kind,
  rows: readonly ParsedEntry[],
): Promise<ReadonlyMap<number, LedgerEntryRow>> {
  const numbers = rows.flatMap(({ number }) => number ?? [])
  const taken = new Set((await store.takenLedgerNumbers(kind.name, numbers)).map(folded))
  const bases = new Map<number, LedgerEntryRow>()
  for (const { row, number } of rows) {
    if (number === null || !taken.has(folded(number))) continue
    const base = await store.ledgerEntry(kind.name, number)
    if (base !== null) bases.set(row, base)
  }
  return bases
}

/** What a row asks for: of an entry that is there, with everything that the file is silent about. */
function askedOf(kind: Kind, row: ParsedEntry, base: LedgerEntryRow | undefined): ImportedEntry {
  const { values } = row
  const core = (key: string, before: string): string => {
    const value = values.get(key)
    return typeof value === 'string' ? value : values.has(key) ? '' : before
  }
  const fields: Record<string, FieldValue> = { ...((base?.fields ?? {}) as FieldValues) }
  const custodian = core('custodian', base?.custodian ?? '')
  // Another name: whoever was named by entry is it no longer.
  if (base !== undefined && custodian !== base.custodian) delete fields['custodianEntry']
  for (const { key } of kind.fields) if (values.has(key)) fields[key] = values.get(key) ?? null
  const level = values.get('level')
  const first = kind.states[0]?.key ?? ''
  return {
    number: base?.number ?? row.number,
    level: values.has('level') ? ((level ?? null) as ImportedEntry['level']) : (base?.level ?? null),
    department: core('department', base?.department ?? ''),
    custodian,
    state: base?.state ?? (core('state', first) || first),
    fields,
    ...(base === undefined ? {} : { base }),
  }
}

type CellFault = { readonly field: string; readonly code: string }

/** What a file may not change of an entry that is there. */
function changeFaults(
  kind: Kind,
  base: LedgerEntryRow,
  { row, changes }: { readonly row: ParsedEntry; readonly changes: CheckedRow['changes'] },
): readonly CellFault[] {
  const state = row.values.get('state')
  const faults: CellFault[] = []
  if (stateOf(kind, base.state).isClosed === true) faults.push({ field: 'number', code: 'entry-closed' })
  if (typeof state === 'string' && state !== '' && state !== base.state)
    faults.push({ field: 'state', code: 'state-by-step' })
  const custodian = changes['custodian']?.[1]
  if (typeof custodian === 'string') faults.push(...checkCustody(kind, base, { custodian }))
  if (kind.name !== 'people' && 'level' in changes) faults.push({ field: 'level', code: 'level-by-officer' })
  return faults
}

/** Faults of an entry at the cells that they are of; what the file has no column for is said of its header. */
function cellFaults(
  kind: Kind,
  { headers }: ParsedEntries,
  { row, texts }: ParsedEntry,
  faults: readonly CellFault[],
): readonly SheetFault[] {
  return faults.map(({ field, code }) => {
    const column = headers.get(field)
    if (column !== undefined) return { row, column, value: (texts.get(field) ?? '').slice(0, 100), code }
    const words = headerOf(kind, field).zh
    if (code === 'missing') return { row: 1, column: words, value: '', code: 'missing-column' }
    return { row, column: words, value: '', code }
  })
}

function once(faults: readonly SheetFault[]): readonly SheetFault[] {
  const seen = new Set<string>()
  return faults.filter((one) => {
    const name = `${one.row} ${one.column} ${one.code}`
    return !seen.has(name) && seen.add(name)
  })
}

/** Entries that rows without a number may be already: each is found once. */
class Twins {
  readonly #store: Store
  readonly #kind: Kind
  readonly #keys: readonly string[]
  /** What the file names by number is no other row's. */
  readonly #named: ReadonlySet<string>
  /** Custodian → what an entry of theirs says in every column that the file has → how many say so. */
  readonly #said = new Map<string, Map<string, number>>()

  constructor(
    store: Store,
    kind: Kind,
    file: { readonly numbers: readonly string[]; readonly columns: Iterable<string> },
  ) {
    this.#store = store
    this.#kind = kind
    this.#keys = [...file.columns].filter((key) => key !== 'number')
    this.#named = new Set(file.numbers.map(folded))
  }

  async has(asked: ImportedEntry): Promise<boolean> {
    const name = asked.fields['name']
    const custodian =
      this.#kind.custodian === 'self' ? (typeof name === 'string' ? name : '') : asked.custodian
    const said = this.#said.get(custodian) ?? (await this.#saidOf(custodian))
    this.#said.set(custodian, said)
    const words = this.#wordsOf(asked)
    const left = said.get(words) ?? 0
    said.set(words, left - 1)
    return left > 0
  }

  async #saidOf(custodian: string): Promise<Map<string, number>> {
    const { entries } = await this.#store.ledgerEntries({
      filter: { kind: this.#kind.name, custodian },
      ...{ sort: 'number', isDescending: false, limit: SHEET_LIMITS.rowsMax },
    })
    const said = new Map<string, number>()
    for (const one of entries) {
      if (this.#named.has(folded(one.number))) continue
      const words = this.#wordsOf(one)
      said.set(words, (said.get(words) ?? 0) + 1)
    }
    return said
  }

  #wordsOf(from: ImportedEntry | LedgerEntryRow): string {
    const { level, department, custodian, state } = from
    const core: Readonly<Record<string, FieldValue>> = { level, department, custodian, state }
    return JSON.stringify(
      this.#keys.map((key) =>
        textOfValue(this.#kind, key, key in core ? (core[key] ?? null) : valueOf(from, key), 'zh'),
      ),
    )
  }
}

function valueOf({ fields }: ImportedEntry | LedgerEntryRow, key: string): FieldValue {
  return (fields as FieldValues)[key] ?? null
}

function sampleOf(
  kind: Kind,
  { headers }: ParsedEntries,
  { planned, language }: { readonly planned: readonly Planned[]; readonly language: SheetLanguage },
): readonly SampleRow[] {
  const inOrder = planned.toSorted(
    (a, b) => Number(a.asked.base === undefined) - Number(b.asked.base === undefined),
  )
  return inOrder.slice(0, SHEET_LIMITS.sampleRows).map(({ parsed, asked, changes }) => {
    const isNew = asked.base === undefined
    const cells = Object.entries(changes)
      .filter(([key]) => key !== 'number')
      .slice(0, SHEET_LIMITS.sampleCells)
      .map(([key, [before, after]]) => ({
        column: headers.get(key) ?? headerOf(kind, key)[language],
        before: isNew ? null : textOfValue(kind, key, before, language),
        after: textOfValue(kind, key, after, language),
      }))
    return { row: parsed.row, number: asked.number ?? '', act: isNew ? 'add' : 'change', cells } as const
  })
}

function folded(number: string): string {
  return number.normalize('NFKC').trim().toLowerCase()
}
