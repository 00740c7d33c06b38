/**
 * Writes what a table shows as .xlsx or CSV, page by page, so that a long one is never held as a whole. What each table has is
 * its own affair; what keeps a cell from being a formula is `quote.ts`.
 *
 * Every cell is text: numbers keep their zeros, days stay as they are written. A CSV begins with the mark of UTF-8, without which
 * spreadsheet programs of a Chinese system read it as GBK.
 */
import { Readable } from 'node:stream'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { ShoukouError } from '@shoukou/protocol'
import { writeXlsxStream } from 'hucre/xlsx'
import { SHEET_LIMITS } from './limits.ts'
import { quoted } from './quote.ts'

export type ExportFormat = 'xlsx' | 'csv'

export interface ExportColumn<Row> {
  readonly key: string
  readonly header: string
  readonly text: (row: Row) => string
}

export interface ExportedTable<Row> {
  /** The sheet's name. */
  readonly name: string
  readonly columns: readonly ExportColumn<Row>[]
  /** Pages in the order shown; the next is read when the one before is written. */
  readonly pages: AsyncIterable<readonly Row[]>
}

/** @throws ShoukouError `invalid-request` in words, where the filter finds more than one export writes. */
export function refuseTooMany(found: number): void {
  if (found <= SHEET_LIMITS.exportRowsMax) return
  throw new ShoukouError(
    'invalid-request',
    `The filter finds ${found} rows or more, and one export has ${SHEET_LIMITS.exportRowsMax} at most; narrow the filter (by department, state or time) and export the parts.`,
  )
}

/** Returns the columns that are asked for, in that order. @throws ShoukouError `invalid-request` where one is none of the table. */
export function chosenColumns<Row>(
  all: readonly ExportColumn<Row>[],
  asked: string | undefined,
): readonly ExportColumn<Row>[] {
  if (asked === undefined || asked === '') return all
  const keys = [...new Set(asked.split(','))]
  return keys.map((key) => {
    const column = all.find((one) => one.key === key)
    if (column !== undefined && keys.length <= SHEET_LIMITS.exportColumnsMax) return column
    const known = all.map((one) => one.key).join(', ')
    throw new ShoukouError('invalid-request', `The query: "columns" are some of ${known}.`)
  })
}

/** Streams a table. What fails on the way ends the stream with an error: half a file is not taken for a whole one. */
export function exportTable<Row>(format: ExportFormat, table: ExportedTable<Row>): Readable {
  const rows = rowsOf(table)
  if (format === 'csv') return Readable.from(csvLines(rows))
  const stream = writeXlsxStream(rows, {
    name: table.name.replaceAll(/[[\]:*?/\\]/g, ' ').slice(0, 31),
    columns: table.columns.map(() => ({ width: 18 })),
    freezePane: { rows: 1 },
  })
  return Readable.fromWeb(stream as NodeReadableStream)
}

async function* rowsOf<Row>({ columns, pages }: ExportedTable<Row>): AsyncGenerator<string[]> {
  yield columns.map(({ header }) => header)
  let left: number = SHEET_LIMITS.exportRowsMax
  for await (const page of pages) {
    for (const row of page.slice(0, left)) yield columns.map(({ text }) => cell(text(row)))
    left -= page.length
    if (left <= 0) return
  }
}

async function* csvLines(rows: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  yield '\uFEFF'
  for await (const row of rows) yield `${row.map(csvCell).join(',')}\r\n`
}

function csvCell(text: string): string {
  // Also where whoever opens it parts cells by another sign.
  return /[",;\t\r\n']|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Control characters but tab and line breaks may not stand in a sheet (XML 1.0, production 2). */
function cell(text: string): string {
  const { exportCellCharacters: max } = SHEET_LIMITS
  const cut = text.length > max ? `${text.slice(0, max)}…` : text
  // oxlint-disable-next-line no-control-regex
  return quoted(cut.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '\uFFFD'))
}
