/** Which column of a sheet says what: the header read, and what stands below no header told. Pure. */
import { type CellFaultCode, letterOf, type SheetFault, shortened, textOf } from './cells.ts'
import type { SheetCell } from './spreadsheet.ts'

export interface Place<Name extends string> {
  readonly name: Name
  readonly at: number
  readonly header: string
}

export interface Header<Name extends string> {
  readonly places: ReadonlyMap<Name, Place<Name>>
  readonly faults: readonly SheetFault<CellFaultCode>[]
  /** Columns without a header: what stands below one would be lost without a word. */
  readonly unnamed: readonly number[]
}

export interface KnownColumns<Name extends string> {
  /** The column that a header names; null where it names none. */
  readonly columnOf: (header: string) => Name | null
  /** Columns that must be there, with what the template calls them. */
  readonly required: readonly { readonly name: Name; readonly header: string }[]
}

/** Reads the first row of a sheet. */
export function readHeader<Name extends string>(
  rows: readonly (readonly SheetCell[])[],
  known: KnownColumns<Name>,
): Header<Name> {
  const header = rows[0] ?? []
  const places = new Map<Name, Place<Name>>()
  const faults: SheetFault<CellFaultCode>[] = []
  const fault = (column: string, code: CellFaultCode): void =>
    void faults.push({ row: 1, column, value: column, code })
  for (const [at, cell] of header.entries()) {
    const text = textOf(cell).trim()
    if (text === '') continue
    const name = known.columnOf(text)
    if (name === null) fault(shortened(text), 'unknown-column')
    else if (places.has(name)) fault(shortened(text), 'column-twice')
    else places.set(name, { name, at, header: text })
  }
  for (const { name, header: words } of known.required) {
    if (!places.has(name)) fault(words, 'missing-column')
  }
  const width = rows.reduce((most, { length }) => Math.max(most, length), 0)
  const columns = Array.from({ length: width }, (_, at) => at)
  const unnamed = columns.filter((at) => textOf(header[at] ?? { kind: 'empty' }).trim() === '')
  return { places, faults, unnamed }
}

/** Faults of the cells of a row that stand below no header. */
export function unnamedFaults(
  row: number,
  cells: readonly SheetCell[],
  unnamed: readonly number[],
): readonly SheetFault<CellFaultCode>[] {
  return unnamed.flatMap((at) => {
    const cell = cells[at]
    if (cell === undefined || cell.kind === 'empty') return []
    return [{ row, column: letterOf(at), value: shortened(textOf(cell)), code: 'unknown-column' as const }]
  })
}
