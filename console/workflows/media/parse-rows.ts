/**
 * Makes media of a spreadsheet's rows, and a list of every cell that may not be as it is. Pure.
 *
 * A row with a fault makes no medium; whether any is registered then is the import's to say, and it says no.
 */
import { isMediumNumber, plainNumber } from '../../ledger/medium-details.ts'
import {
  COLUMN_WORDS,
  columnOf,
  dayOf,
  IMPORT_COLUMNS,
  type ImportColumn,
  kindOf,
  levelOf,
  listOf,
  rightOf,
} from './import-columns.ts'
import { MEDIA_LIMITS } from './limits.ts'
import type { ImportedMedium } from './register.ts'
import type { SheetCell } from './spreadsheet.ts'

export interface ImportFault {
  /** As the spreadsheet counts: the header is row 1. */
  readonly row: number
  /** The header as it stands there; the template's where it is missing. */
  readonly column: string
  readonly value: string
  readonly code: FaultCode
}

export type FaultCode =
  | 'missing'
  | 'missing-column'
  | 'column-twice'
  | 'unknown-column'
  | 'unknown-level'
  | 'unknown-kind'
  | 'unknown-right'
  | 'unknown-computer'
  | 'bad-number'
  | 'number-taken'
  | 'number-twice'
  | 'not-a-date'
  | 'ends-before-start'
  | 'too-long'
  | 'too-many'
  | 'not-text'
  | 'control-characters'
  | 'formula'
  | 'merged'

export interface ParsedRow {
  readonly row: number
  readonly medium: ImportedMedium
}

export interface ParsedRows {
  /** Rows that say anything at all. */
  readonly rows: number
  readonly media: readonly ParsedRow[]
  /** Every number that may be one, also of rows with other faults, with its row. */
  readonly numbers: ReadonlyMap<string, number>
  /** By row, then by column. */
  readonly faults: readonly ImportFault[]
}

export interface KnownToImport {
  /** Numbers of computers. */
  readonly computers: ReadonlySet<string>
  readonly computersMax: number
  readonly usersMax: number
  /** When a medium is good from where the row does not say. */
  readonly nowMs: number
}

interface Place {
  readonly name: ImportColumn
  readonly at: number
  readonly header: string
}

/** Reads the header and every row below it. Numbers that are taken already are looked for elsewhere. */
export function parseRows(rows: readonly (readonly SheetCell[])[], known: KnownToImport): ParsedRows {
  const faults: ImportFault[] = []
  const places = readHeader(rows[0] ?? [], faults)
  const width = rows.reduce((most, { length }) => Math.max(most, length), 0)
  const unnamed = unnamedColumns(rows[0] ?? [], width)
  const media: ParsedRow[] = []
  const numbers = new Map<string, number>()
  let filled = 0
  for (const [at, cells] of rows.entries()) {
    if (at === 0 || cells.every(({ kind }) => kind === 'empty')) continue
    filled += 1
    const reader = new RowReader(at + 1, { cells, places, known, faults })
    reader.refuseUnnamed(unnamed)
    const medium = reader.read(numbers)
    if (medium !== null) media.push({ row: at + 1, medium })
  }
  return { rows: filled, media, numbers, faults }
}

function readHeader(header: readonly SheetCell[], faults: ImportFault[]): ReadonlyMap<ImportColumn, Place> {
  const places = new Map<ImportColumn, Place>()
  const fault = (column: string, code: FaultCode): void =>
    void faults.push({ row: 1, column, value: column, code })
  for (const [at, cell] of header.entries()) {
    const text = textOf(cell).trim()
    if (text === '') continue
    const name = columnOf(text)
    if (name === null) fault(shortened(text), 'unknown-column')
    else if (places.has(name)) fault(shortened(text), 'column-twice')
    else places.set(name, { name, at, header: text })
  }
  for (const name of IMPORT_COLUMNS) {
    const words = COLUMN_WORDS[name]
    if (words.isRequired && !places.has(name)) fault(words.headers[0] ?? name, 'missing-column')
  }
  return places
}

function unnamedColumns(header: readonly SheetCell[], width: number): readonly number[] {
  const columns = Array.from({ length: width }, (_, at) => at)
  return columns.filter((at) => textOf(header[at] ?? { kind: 'empty' }).trim() === '')
}

class RowReader {
  readonly #row: number
  readonly #cells: readonly SheetCell[]
  readonly #places: ReadonlyMap<ImportColumn, Place>
  readonly #known: KnownToImport
  readonly #faults: ImportFault[]
  readonly #faultsBefore: number

  constructor(
    row: number,
    from: {
      readonly cells: readonly SheetCell[]
      readonly places: ReadonlyMap<ImportColumn, Place>
      readonly known: KnownToImport
      readonly faults: ImportFault[]
    },
  ) {
    this.#row = row
    this.#cells = from.cells
    this.#places = from.places
    this.#known = from.known
    this.#faults = from.faults
    this.#faultsBefore = from.faults.length
  }

  /** What stands below no header would be lost without a word. */
  refuseUnnamed(unnamed: readonly number[]): void {
    for (const at of unnamed) {
      const cell = this.#cells[at]
      if (cell === undefined || cell.kind === 'empty') continue
      this.#fault({ header: letterOf(at) }, textOf(cell), 'unknown-column')
    }
  }

  read(numbers: Map<string, number>): ImportedMedium | null {
    const number = this.#number(numbers)
    const level = this.#word('level', levelOf, 'unknown-level')
    const kind = this.#word('kind', kindOf, 'unknown-kind')
    const custodian = this.#text('custodian')
    const department = this.#text('department')
    const computers = this.#computers()
    const users = this.#users()
    const right = this.#word('right', rightOf, 'unknown-right')
    const validFromMs = this.#day('validFrom', 'start') ?? this.#known.nowMs
    const validUntilMs = this.#day('validUntil', 'end')
    const note = this.#text('note') ?? ''
    if (validUntilMs !== null && validUntilMs <= validFromMs) {
      this.#faultAt('validUntil', 'ends-before-start')
    }
    if (this.#faults.length > this.#faultsBefore) return null
    if (level === null || kind === null || right === null || custodian === null || department === null)
      return null
    return {
      ...{ number, level, kind, custodian, department, computers, users, right },
      ...{ validFromMs, validUntilMs, note },
    }
  }

  #number(numbers: Map<string, number>): string | null {
    const text = this.#text('number')
    if (text === null) return null
    const number = plainNumber(text)
    const folded = number.toLowerCase()
    if (!isMediumNumber(number)) this.#faultAt('number', 'bad-number')
    else if (numbers.has(folded)) this.#faultAt('number', 'number-twice')
    else numbers.set(folded, this.#row)
    return number
  }

  #word<Value>(name: ImportColumn, find: (text: string) => Value | null, code: FaultCode): Value | null {
    const text = this.#text(name)
    if (text === null) return null
    const value = find(text)
    if (value === null) this.#faultAt(name, code)
    return value
  }

  #computers(): readonly string[] | null {
    const text = this.#text('computers')
    const listed = text === null ? null : listOf(text)
    if (listed === null) return null
    const { computers, computersMax } = this.#known
    if (listed.some((number) => !computers.has(number))) this.#faultAt('computers', 'unknown-computer')
    else if (listed.length > computersMax) this.#faultAt('computers', 'too-many')
    return listed
  }

  #users(): readonly string[] | null {
    const text = this.#text('users')
    const listed = text === null ? null : listOf(text)
    if (listed === null) return null
    if (listed.length > this.#known.usersMax) this.#faultAt('users', 'too-many')
    else if (listed.some((user) => user.length > 64)) this.#faultAt('users', 'too-long')
    return listed
  }

  /** Start or end of a day by the console's own calendar. */
  #day(name: ImportColumn, edge: 'start' | 'end'): number | null {
    const cell = this.#cell(name)
    if (cell === null || cell.kind === 'empty') return null
    const isReadable = cell.kind === 'date' || cell.kind === 'text' || cell.kind === 'number'
    const day = isReadable ? dayOf(textOf(cell)) : null
    if (day === null) {
      this.#faultAt(name, faultOfKind(cell) ?? 'not-a-date')
      return null
    }
    if (edge === 'start') return new Date(day.year, day.month - 1, day.day).getTime()
    return new Date(day.year, day.month - 1, day.day + 1).getTime() - 1
  }

  /** Null where nothing stands there, or what stands there is a fault. */
  #text(name: ImportColumn): string | null {
    const cell = this.#cell(name)
    if (cell === null) return null
    const { isRequired, charactersMax } = COLUMN_WORDS[name]
    const text = textOf(cell).trim()
    const code =
      faultOfKind(cell) ??
      (text === '' && isRequired ? 'missing' : null) ??
      (cell.kind === 'date' || cell.kind === 'boolean' ? 'not-text' : null) ??
      (text.length > charactersMax ? 'too-long' : null) ??
      (hasControls(text, name === 'note') ? 'control-characters' : null)
    if (code !== null) this.#faultAt(name, code)
    return code !== null || text === '' ? null : text
  }

  #cell(name: ImportColumn): SheetCell | null {
    const place = this.#places.get(name)
    return place === undefined ? null : (this.#cells[place.at] ?? { kind: 'empty' })
  }

  #faultAt(name: ImportColumn, code: FaultCode): void {
    const place = this.#places.get(name)
    if (place === undefined) return
    this.#fault(place, textOf(this.#cells[place.at] ?? { kind: 'empty' }), code)
  }

  #fault({ header }: { readonly header: string }, value: string, code: FaultCode): void {
    this.#faults.push({ row: this.#row, column: shortened(header), value: shortened(value), code })
  }
}

function faultOfKind({ kind }: SheetCell): FaultCode | null {
  if (kind === 'formula') return 'formula'
  return kind === 'covered' ? 'merged' : null
}

function textOf(cell: SheetCell): string {
  return 'text' in cell ? cell.text : ''
}

/** Controls, line breaks and marks that turn the direction of text: on a label they would say something else. */
function hasControls(text: string, mayBreakLines: boolean): boolean {
  const plain = mayBreakLines ? text.replaceAll(/[\t\r\n]/g, '') : text
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(plain)
}

function shortened(text: string): string {
  const { faultValueCharacters: max } = MEDIA_LIMITS
  return text.length <= max ? text : `${text.slice(0, max)}…`
}

/** The column's letters, as the spreadsheet shows them. */
function letterOf(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : `${letterOf(Math.floor(at / 26) - 1)}${letterOf(at % 26)}`
}
