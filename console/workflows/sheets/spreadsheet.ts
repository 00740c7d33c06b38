/**
 * Bytes of an .xlsx, or of a CSV file, to cells. What a cell may be is data, nothing in it is computed or followed; what the
 * cells mean is told where the table is read. Files are written by `write-sheet.ts`.
 */
import { ShoukouError } from '@shoukou/protocol/errors.ts'
import { type CellValue, readXlsx, type Sheet } from 'hucre/xlsx'
import { csvCells, decodeCsv } from './csv.ts'
import { SHEET_LIMITS } from './limits.ts'

/** One cell. A formula is told by its text: what it came to on another computer is nobody's word here. */
export type SheetCell =
  | { readonly kind: 'empty' | 'covered' }
  | { readonly kind: 'text' | 'number' | 'boolean' | 'formula'; readonly text: string }
  /** A calendar day, as the sheet shows it. */
  | { readonly kind: 'date'; readonly text: string }

/** What a reader of the file may not have seen, and what was left out. */
export interface SheetNotes {
  /** What is read: the sheet's name; null in a CSV file. */
  readonly sheet: string | null
  /** Of a CSV file: which characters its bytes were taken for; null in a spreadsheet. */
  readonly encoding: string | null
  /** Read as all others are. */
  readonly hiddenRows: number
  readonly hiddenColumns: number
  /** Not read: the other sheets, and how many of them are hidden. */
  readonly otherSheets: number
  readonly hiddenSheets: number
}

export interface SheetRows {
  readonly rows: readonly (readonly SheetCell[])[]
  readonly notes: SheetNotes
}

/**
 * Reads the first sheet that is not hidden, or a CSV file. Texts are cut behind the longest that any column takes, so that too
 * long is still seen to be so.
 *
 * @throws ShoukouError `spreadsheet-refused` where it is neither, or larger than anything that may be meant.
 */
export async function readSheet(bytes: Uint8Array): Promise<SheetRows> {
  if (bytes.length > SHEET_LIMITS.bytesMax) throw refused('The file is too large; split it.')
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return readWorkbook(bytes)
  if (bytes[0] === 0xd0 && bytes[1] === 0xcf)
    throw refused('The file is an old .xls, or has a password; save it as .xlsx without a password.')
  if (bytes.length === 0) throw refused('The file is empty.')
  const { text, encoding } = decodeCsv(bytes)
  const notes = { sheet: null, encoding, hiddenRows: 0, hiddenColumns: 0, otherSheets: 0, hiddenSheets: 0 }
  return { rows: csvCells(text), notes }
}

async function readWorkbook(bytes: Uint8Array): Promise<SheetRows> {
  assertUnpackable(bytes)
  let [sheets, hidden, isChosen] = [0, 0, false]
  const workbook = await readXlsx(bytes, {
    sheets: (info) => {
      sheets += 1
      const isHidden = info.hidden === true || info.veryHidden === true
      if (isHidden) hidden += 1
      if (isHidden || isChosen) return false
      isChosen = true
      return true
    },
  }).catch((cause: unknown) => {
    throw refused('The file is no .xlsx that can be read; save it as .xlsx without a password.', cause)
  })
  const sheet = workbook.sheets.find(({ hidden: isHidden }) => isHidden !== true)
  if (sheet === undefined || !isChosen || sheets > SHEET_LIMITS.sheetsMax)
    throw refused('The file has no sheet that can be seen.')
  const rows = cellsOf(sheet)
  const notes = {
    sheet: sheet.name.slice(0, 100),
    encoding: null,
    hiddenRows: [...(sheet.rowDefs ?? [])].filter(([at, row]) => row.hidden === true && at < rows.length)
      .length,
    hiddenColumns: (sheet.columns ?? []).filter((column) => column.hidden === true).length,
    otherSheets: sheets - 1,
    hiddenSheets: hidden,
  }
  return { rows, notes }
}

function cellsOf(sheet: Sheet): readonly (readonly SheetCell[])[] {
  const width = sheet.rows.reduce((most, row) => Math.max(most, row.length), 0)
  if (sheet.rows.length > SHEET_LIMITS.rowsMax + 1 || width > SHEET_LIMITS.columnsMax) {
    throw refused(
      `The sheet reaches to row ${sheet.rows.length} and column ${width}; at most ${SHEET_LIMITS.rowsMax} rows and ${SHEET_LIMITS.columnsMax} columns are taken. Delete what stands outside of the table.`,
    )
  }
  const covered = coveredCells(sheet.merges ?? [], sheet.rows.length, width)
  const cellAt = (value: CellValue, row: number, column: number): SheetCell => {
    const place = `${row},${column}`
    if (covered.has(place)) return { kind: 'covered' }
    const formula = sheet.cells?.get(place)?.formula
    return formula === undefined ? cellOf(value) : { kind: 'formula', text: kept(`=${formula}`) }
  }
  return sheet.rows.map((row, at) => row.map((value, column) => cellAt(value, at, column)))
}

function cellOf(value: CellValue | undefined): SheetCell {
  if (value === null || value === undefined || value === '') return { kind: 'empty' }
  if (typeof value === 'string') return { kind: 'text', text: kept(value) }
  if (typeof value === 'number') return { kind: 'number', text: String(value) }
  if (typeof value === 'boolean') return { kind: 'boolean', text: value ? 'TRUE' : 'FALSE' }
  return Number.isNaN(value.getTime())
    ? { kind: 'text', text: 'Invalid Date' }
    : { kind: 'date', text: value.toISOString().slice(0, 10) }
}

function kept(text: string): string {
  return text.slice(0, SHEET_LIMITS.cellCharactersKept)
}

interface Merge {
  readonly startRow: number
  readonly startCol: number
  readonly endRow: number
  readonly endCol: number
}

/** Cells under a merged one, but for its first: they hold nothing, and look as if they did. Bounded by the sheet's cells. */
function coveredCells(merges: readonly Merge[], rows: number, columns: number): ReadonlySet<string> {
  const covered = new Set<string>()
  for (const { startRow, startCol, endRow, endCol } of merges) {
    for (let row = startRow; row <= Math.min(endRow, rows - 1); row += 1) {
      for (let column = startCol; column <= Math.min(endCol, columns - 1); column += 1) {
        if (row !== startRow || column !== startCol) covered.add(`${row},${column}`)
      }
    }
  }
  return covered
}

/**
 * Refuses an archive that would unpack into more than any register needs, before anything of it is unpacked. The library
 * itself unpacks no entry beyond the size that the directory (APPNOTE 6.3.10, §4.3.12) declares.
 */
function assertUnpackable(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = bytes.length - endBytes
  // The directory's end must be the file's: a comment behind it could hold a second one, and two readers read two archives.
  if (end < 0 || view.getUint32(end, true) !== endSignature)
    throw refused('The file is no .xlsx; save it as .xlsx from the spreadsheet program.')
  const entries = view.getUint16(end + 10, true)
  if (entries > SHEET_LIMITS.zipEntriesMax) throw refused('The file has too many parts.')
  let at = view.getUint32(end + 16, true)
  let unpacked = 0
  for (let entry = 0; entry < entries; entry += 1) {
    if (at + entryBytes > end || view.getUint32(at, true) !== entrySignature)
      throw refused('The file is damaged.')
    const packed = view.getUint32(at + 20, true)
    const size = view.getUint32(at + 24, true)
    // Without a declared size nothing bounds what it unpacks into.
    if (size === 0 && packed > 2) throw refused('The file has a part that does not say how large it is.')
    unpacked += size
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true))
    at += entryBytes + (name ?? 0) + (extra ?? 0) + (comment ?? 0)
  }
  if (unpacked > SHEET_LIMITS.unpackedBytesMax) throw refused('The file unpacks into too much.')
}

const endSignature = 0x06054b50
const endBytes = 22
const entrySignature = 0x02014b50
const entryBytes = 46

function refused(words: string, cause?: unknown): ShoukouError {
  return new ShoukouError('spreadsheet-refused', words, cause === undefined ? {} : { cause })
}
