/**
 * Makes media of a spreadsheet's rows, and a list of every cell that may not be as it is. Pure.
 *
 * A row with a fault makes no medium; whether any is registered then is the import's to say, and it says no.
 */
import { isMediumNumber, plainNumber } from '../../ledger/medium-details.ts'
import {
  type CellFaultCode,
  codeFault,
  dayOfCell,
  faultOfKind,
  hasControls,
  type SheetFault,
  shortened,
  textOf,
} from '../sheets/cells.ts'
import { type Place, readHeader, unnamedFaults } from '../sheets/header.ts'
import type { SampleCell } from '../sheets/previews.ts'
import type { SheetCell } from '../sheets/spreadsheet.ts'
import {
  COLUMN_WORDS,
  columnOf,
  IMPORT_COLUMNS,
  type ImportColumn,
  kindOf,
  levelOf,
  listOf,
  rightOf,
} from './import-columns.ts'
import type { ImportedMedium } from './register.ts'

export type ImportFault = SheetFault<FaultCode>

/** Of who is to have it: what the people's register says of them. */
export type CustodianFaultCode =
  | 'not-serving'
  | 'tier-too-low'
  | 'temporary-staff'
  | 'not-trained'
  | 'no-undertaking'

export type FaultCode =
  | CellFaultCode
  | CustodianFaultCode
  | 'unknown-level'
  | 'unknown-kind'
  | 'unknown-right'
  | 'unknown-computer'
  | 'bad-number'
  | 'ends-before-start'
  | 'too-many'

export interface ParsedRow {
  readonly row: number
  readonly medium: ImportedMedium
  /** Columns that the file has, with what stands in this row. */
  readonly cells: readonly (SampleCell & { readonly name: ImportColumn })[]
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

/** Reads the header and every row below it. Numbers that are taken already are looked for elsewhere. */
export function parseRows(rows: readonly (readonly SheetCell[])[], known: KnownToImport): ParsedRows {
  const header = readHeader(rows, { columnOf, required: requiredColumns })
  const { places, unnamed } = header
  const faults: ImportFault[] = [...header.faults]
  const media: ParsedRow[] = []
  const numbers = new Map<string, number>()
  let filled = 0
  for (const [at, cells] of rows.entries()) {
    if (at === 0 || cells.every(({ kind }) => kind === 'empty')) continue
    filled += 1
    faults.push(...unnamedFaults(at + 1, cells, unnamed))
    const reader = new RowReader(at + 1, { cells, places, known, faults })
    const medium = reader.read(numbers)
    if (medium !== null) media.push({ row: at + 1, medium, cells: saidIn(cells, places) })
  }
  return { rows: filled, media, numbers, faults }
}

const requiredColumns = IMPORT_COLUMNS.filter((name) => COLUMN_WORDS[name].isRequired).map((name) => ({
  name,
  header: COLUMN_WORDS[name].headers[0] ?? name,
}))

function saidIn(
  cells: readonly SheetCell[],
  places: ReadonlyMap<ImportColumn, Place<ImportColumn>>,
): ParsedRow['cells'] {
  return [...places.values()].map(({ name, at, header }) => ({
    ...{ name, column: shortened(header), before: null },
    after: textOf(cells[at] ?? { kind: 'empty' }).trim(),
  }))
}

class RowReader {
  readonly #row: number
  readonly #cells: readonly SheetCell[]
  readonly #places: ReadonlyMap<ImportColumn, Place<ImportColumn>>
  readonly #known: KnownToImport
  readonly #faults: ImportFault[]
  readonly #faultsBefore: number

  constructor(
    row: number,
    from: {
      readonly cells: readonly SheetCell[]
      readonly places: ReadonlyMap<ImportColumn, Place<ImportColumn>>
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
    const day = dayOfCell(cell)
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
      (codeColumns.has(name) ? codeFault(cell) : null) ??
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
    const value = shortened(textOf(this.#cells[place.at] ?? { kind: 'empty' }))
    this.#faults.push({ row: this.#row, column: shortened(place.header), value, code })
  }
}

/** Of which a leading zero is part. */
const codeColumns = new Set<ImportColumn>(['number', 'computers', 'users'])
