/** What an export of one table needs: who may, which rows, which columns in which words. One mechanism serves them all: `routes/export.ts`. */
import type { Permission, ViewScope } from '@shoukou/protocol'
import type { TProperties } from 'typebox'
import type { ExportColumn } from '../../workflows/sheets/export-table.ts'

export type ExportLanguage = 'zh' | 'en'

export interface ExportRequest {
  /** As the list's own query, already checked by its schema. */
  readonly query: Readonly<Record<string, unknown>>
  readonly scope: ViewScope
  readonly account: string
  readonly mayReadViolations: boolean
  readonly language: ExportLanguage
}

/** The rows that a filter finds, in the order of the list. */
export interface FoundRows {
  readonly count: number
  readonly pages: AsyncIterable<readonly unknown[]>
}

export interface ExportTable {
  /** In the address, and the file's name. */
  readonly name: string
  readonly access: Permission
  readonly words: Readonly<Record<ExportLanguage, string>>
  /** The list's own filter and order. */
  readonly query: TProperties
  readonly columns: (language: ExportLanguage) => readonly ExportColumn<never>[]
  readonly find: (request: ExportRequest) => Promise<FoundRows>
}

/** Returns a column whose rows are of one type. A table's `find` and its columns speak of the same rows. */
export function column<Row>(key: string, header: string, text: (row: Row) => string): ExportColumn<never> {
  return { key, header, text }
}

/** Reads pages until there is none; each page says where the next one begins. */
export async function* pagesOf<Row, Place>(
  read: (after: Place | undefined) => Promise<{ readonly rows: readonly Row[]; readonly next: Place | null }>,
): AsyncGenerator<readonly Row[]> {
  let after: Place | undefined
  for (;;) {
    const { rows, next } = await read(after)
    yield rows
    if (next === null) return
    after = next
  }
}

/** Returns rows that are at hand already as the pages of an export. */
export async function* onePage<Row>(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield await Promise.resolve(rows)
}

/** Reads all pages of a list that nobody counts, up to one row more than an export writes. */
export async function readAll<Row>(
  pages: AsyncIterable<readonly Row[]>,
  rowsMax: number,
): Promise<readonly Row[]> {
  const all: Row[] = []
  for await (const page of pages) {
    all.push(...page)
    if (all.length > rowsMax) break
  }
  return all
}

/** Returns a time as an office writes it, by the console's own calendar. */
export function timeText(ms: number | null): string {
  if (ms === null) return ''
  const at = new Date(ms)
  const two = (part: number) => String(part).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

export function dayText(ms: number | null): string {
  return timeText(ms).slice(0, 10)
}
