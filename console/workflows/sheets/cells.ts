/** Cells as rows are made of them: what is wrong with one, what text it holds, which day it means. Pure. */
import { SHEET_LIMITS } from './limits.ts'
import { unquoted } from './quote.ts'
import type { SheetCell } from './spreadsheet.ts'

export interface SheetFault<Code extends string = string> {
  /** As the spreadsheet counts: the header is row 1. */
  readonly row: number
  /** The header as it stands there; the template's where it is missing. */
  readonly column: string
  readonly value: string
  readonly code: Code
}

/** What a cell, a header or a number may be wrong by, whatever the table is of. */
export type CellFaultCode =
  | 'missing'
  | 'missing-column'
  | 'column-twice'
  | 'unknown-column'
  | 'number-taken'
  | 'number-twice'
  | 'not-a-date'
  | 'too-long'
  | 'not-text'
  | 'lost-zeros'
  | 'control-characters'
  | 'formula'
  | 'merged'

export function textOf(cell: SheetCell): string {
  return 'text' in cell ? unquoted(cell.text) : ''
}

/** Reports what makes a cell unreadable, whatever is asked of it. */
export function faultOfKind({ kind }: SheetCell): CellFaultCode | null {
  if (kind === 'formula') return 'formula'
  return kind === 'covered' ? 'merged' : null
}

/**
 * Reports what keeps a cell from being a code: a number of a sheet has no leading zeros any more, no digit behind the
 * fifteenth, and `1.2E+11` is how a program wrote one down.
 */
export function codeFault(cell: SheetCell): CellFaultCode | null {
  if (cell.kind === 'number') return 'lost-zeros'
  if (cell.kind === 'text' && /^\d(?:\.\d+)?e[+-]?\d+$/i.test(plainWidth(cell.text))) return 'lost-zeros'
  return null
}

/** Controls, line breaks and marks that turn the direction of text: on a label they would say something else. */
export function hasControls(text: string, mayBreakLines: boolean): boolean {
  const plain = mayBreakLines ? text.replaceAll(/[\t\r\n]/g, '') : text
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(plain)
}

/** Width, case and blanks aside: an input method's full-width letters are the plain ones. */
export function folded(text: string): string {
  return plainWidth(text).toLowerCase().replaceAll(/\s+/gu, '')
}

export function shortened(text: string): string {
  const { faultValueCharacters: max } = SHEET_LIMITS
  return text.length <= max ? text : `${text.slice(0, max)}…`
}

/** The column's letters, as the spreadsheet shows them. */
export function letterOf(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : `${letterOf(Math.floor(at / 26) - 1)}${letterOf(at % 26)}`
}

export interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

/**
 * Returns a calendar day: `2027-12-31`, `2027/12/31`, `2027.12.31`, `2027年12月31日`, `20271231`. Null for anything else,
 * also for the bare number that a spreadsheet keeps a date as: which day it means depends on the file.
 */
export function dayOf(text: string): Day | null {
  const plain = plainWidth(text).trim()
  const found =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(plain) ??
    /^(\d{4})年(\d{1,2})月(\d{1,2})日?$/.exec(plain.replaceAll(/\s+/g, '')) ??
    /^(\d{4})(\d{2})(\d{2})$/.exec(plain)
  if (found === null) return null
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number]
  const date = new Date(Date.UTC(year, month - 1, day))
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal && year >= 1990 && year <= 2200 ? { year, month, day } : null
}

/** Returns a day as registers keep it. */
export function isoDay({ year, month, day }: Day): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}

/** Returns the day that a cell means; null where it means none. */
export function dayOfCell(cell: SheetCell): Day | null {
  return cell.kind === 'date' || cell.kind === 'text' || cell.kind === 'number' ? dayOf(textOf(cell)) : null
}

function plainWidth(text: string): string {
  return text.normalize('NFKC')
}
