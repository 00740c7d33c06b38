/**
 * Makes entries of a spreadsheet's rows, and a list of every cell that may not be as it is. Pure. What an entry must be in its
 * register is checked afterwards, by the same rules as a form: `import-entries.ts`.
 */
import { isEntryNumber, plainNumber } from '../../ledger/check-entry.ts'
import type { FieldValue, Kind } from '../../ledger/fields.ts'
import { type SheetFault, shortened, textOf } from '../sheets/cells.ts'
import { readHeader, unnamedFaults } from '../sheets/header.ts'
import type { SheetCell } from '../sheets/spreadsheet.ts'
import { columnsOf, headerOf, readValue } from './sheet-values.ts'

export interface ParsedEntry {
  readonly row: number
  /** Null: to be counted off. */
  readonly number: string | null
  /** Of each column that the file has, what it says; null: nothing. */
  readonly values: ReadonlyMap<string, FieldValue>
  /** What stands there. */
  readonly texts: ReadonlyMap<string, string>
  readonly isFaulty: boolean
}

export interface ParsedEntries {
  /** Rows that say anything at all. */
  readonly rows: number
  readonly entries: readonly ParsedEntry[]
  /** Key → header, as it stands in the file. */
  readonly headers: ReadonlyMap<string, string>
  readonly faults: readonly SheetFault[]
}

/** Reads the header and every row below it. */
export function parseEntries(kind: Kind, rows: readonly (readonly SheetCell[])[]): ParsedEntries {
  const {
    places,
    faults: headerFaults,
    unnamed,
  } = readHeader(rows, {
    columnOf: columnsOf(kind),
    required: [{ name: 'number', header: headerOf(kind, 'number').zh }],
  })
  const faults: SheetFault[] = [...headerFaults]
  const entries: ParsedEntry[] = []
  const numbers = new Set<string>()
  let filled = 0
  for (const [at, cells] of rows.entries()) {
    if (at === 0 || cells.every(({ kind: what }) => what === 'empty')) continue
    filled += 1
    const row = at + 1
    const before = faults.length
    faults.push(...unnamedFaults(row, cells, unnamed))
    const values = new Map<string, FieldValue>()
    const texts = new Map<string, string>()
    const fault = (header: string, text: string, code: string) =>
      faults.push({ row, column: shortened(header), value: shortened(text), code })
    for (const [key, { at: column, header }] of places) {
      const cell = cells[column] ?? { kind: 'empty' as const }
      const text = textOf(cell)
      texts.set(key, text.trim())
      const read = readValue(kind, key, cell)
      if ('code' in read) fault(header, text, read.code)
      else values.set(key, read.value)
    }
    const asked = values.get('number')
    const number = typeof asked === 'string' && asked !== '' ? plainNumber(asked) : null
    const header = places.get('number')?.header ?? ''
    if (number !== null && !isEntryNumber(number)) fault(header, number, 'bad-number')
    else if (number !== null && numbers.has(number.toLowerCase())) fault(header, number, 'number-twice')
    if (number !== null) numbers.add(number.toLowerCase())
    entries.push({ row, number, values, texts, isFaulty: faults.length > before })
  }
  const headers = new Map([...places].map(([key, { header }]) => [key, shortened(header)] as const))
  return { rows: filled, entries, headers, faults }
}
