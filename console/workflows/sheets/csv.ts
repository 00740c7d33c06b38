/**
 * Bytes of a CSV file to cells: in UTF-8 with or without its mark, in UTF-16 with one, or in GB 18030 (of which GBK and GB 2312
 * are parts), with the separator that its header uses. What quotes and line breaks mean is RFC 4180.
 *
 * Each cell is text, so leading zeros stay. What begins with `=` is a formula to whoever opens the file, and is one here.
 */
import { ShoukouError } from '@shoukou/protocol/errors.ts'
import { detectDelimiter, parseCsv } from 'hucre/csv'
import { SHEET_LIMITS } from './limits.ts'
import type { SheetCell } from './spreadsheet.ts'

export interface CsvText {
  readonly text: string
  readonly encoding: 'UTF-8' | 'UTF-16' | 'GB 18030'
}

/** @throws ShoukouError `spreadsheet-refused` where it is no text of any encoding that is taken. */
export function decodeCsv(bytes: Uint8Array): CsvText {
  const [a, b, c] = bytes
  if (a === 0xff && b === 0xfe) return { text: decoded(bytes, 'utf-16le'), encoding: 'UTF-16' }
  if (a === 0xfe && b === 0xff) return { text: decoded(bytes, 'utf-16be'), encoding: 'UTF-16' }
  if (bytes.includes(0)) throw refused('The file is neither a spreadsheet nor text; save it as .xlsx.')
  if (a === 0xef && b === 0xbb && c === 0xbf) return { text: decoded(bytes, 'utf-8'), encoding: 'UTF-8' }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'UTF-8' }
  } catch {
    // Not UTF-8: what spreadsheet programs of a Chinese system save without asking is left.
    return { text: decoded(bytes, 'gb18030'), encoding: 'GB 18030' }
  }
}

/** @throws ShoukouError `spreadsheet-refused` where it has more rows or columns than anybody may mean. */
export function csvCells(text: string): readonly (readonly SheetCell[])[] {
  const header = text.slice(0, headerCharacters)
  const found = detectDelimiter(header)
  const rows = parseCsv(text, {
    delimiter: [',', ';', '\t'].includes(found) ? found : ',',
    maxRows: SHEET_LIMITS.rowsMax + 2,
  })
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0)
  if (rows.length > SHEET_LIMITS.rowsMax + 1 || width > SHEET_LIMITS.columnsMax) {
    throw refused(
      `The table has more than ${SHEET_LIMITS.rowsMax} rows or ${SHEET_LIMITS.columnsMax} columns; split it.`,
    )
  }
  return rows.map((row) => row.map((value) => cellOf(value === null ? '' : String(value))))
}

const headerCharacters = 10_000

function cellOf(text: string): SheetCell {
  if (text === '') return { kind: 'empty' }
  // How programs are kept from reading a number as one: ="0012".
  const kept = /^="([^"]*)"$/.exec(text)?.[1]
  if (kept !== undefined) return kept === '' ? { kind: 'empty' } : { kind: 'text', text: cut(kept) }
  return { kind: text.startsWith('=') ? 'formula' : 'text', text: cut(text) }
}

function cut(text: string): string {
  return text.slice(0, SHEET_LIMITS.cellCharactersKept)
}

function decoded(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (cause) {
    throw refused('The text is in no encoding that is taken; save it as .xlsx, or as CSV UTF-8.', cause)
  }
}

function refused(words: string, cause?: unknown): ShoukouError {
  return new ShoukouError('spreadsheet-refused', words, cause === undefined ? {} : { cause })
}
