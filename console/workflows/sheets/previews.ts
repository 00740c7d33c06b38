/**
 * What was read of a file and waits for a person's word. Kept in memory alone, for a while, for the account that loaded it;
 * every table that is imported keeps its previews so.
 */
import { randomUUID } from 'node:crypto'
import { ShoukouError } from '@shoukou/protocol'
import type { SheetFault } from './cells.ts'
import { SHEET_LIMITS } from './limits.ts'
import type { SheetNotes } from './spreadsheet.ts'

/** One cell of a row that would be written: words as a person reads them, in the file's own headers. */
export interface SampleCell {
  readonly column: string
  /** Null: the row is new. */
  readonly before: string | null
  readonly after: string
}

export interface SampleRow {
  readonly row: number
  /** Empty: counted off when it is written. */
  readonly number: string
  readonly act: 'add' | 'change'
  readonly cells: readonly SampleCell[]
}

/** What a file would do. While there is a fault, nothing of it can be confirmed. */
export interface SheetPreview {
  readonly id: string
  /** Rows that say anything at all. */
  readonly rows: number
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly faults: readonly SheetFault[]
  readonly badRows: number
  /** Rows to change first, then new ones. */
  readonly sample: readonly SampleRow[]
  readonly notes: SheetNotes
}

export interface Kept<Content> {
  readonly account: string
  /** The file's name. */
  readonly name: string
  readonly faults: number
  readonly content: Content
}

export interface Previews<Content> {
  /** Returns the name to confirm it by. @throws ShoukouError `rate-limited` */
  keep(preview: Kept<Content>): string
  /**
   * Returns a preview that may be written. It stays until `done`, so that one that could not be written may be confirmed again.
   *
   * @throws ShoukouError `not-found` where it is gone or another account's, `spreadsheet-refused` while it has faults.
   */
  confirmed(id: string, account: string): Kept<Content>
  done(id: string): void
  /** Null where it is gone. */
  find(id: string): Kept<Content> | null
}

export function createPreviews<Content>(now: () => number): Previews<Content> {
  const kept = new Map<string, Kept<Content> & { readonly expiresAt: number }>()
  const expire = (): void => {
    for (const [id, { expiresAt }] of kept) if (expiresAt <= now()) kept.delete(id)
  }
  return {
    keep: (preview) => {
      expire()
      const own = [...kept].filter(([, { account }]) => account === preview.account)
      if (own.length >= SHEET_LIMITS.previewsPerAccountMax) kept.delete(own[0]?.[0] ?? '')
      if (kept.size >= SHEET_LIMITS.previewsMax) {
        throw new ShoukouError('rate-limited', 'Too many previews are open; confirm one, or try again later.')
      }
      const id = randomUUID()
      kept.set(id, { ...preview, expiresAt: now() + SHEET_LIMITS.previewMs })
      return id
    },
    confirmed: (id, account) => {
      expire()
      const preview = kept.get(id)
      if (preview === undefined || preview.account !== account)
        throw new ShoukouError('not-found', 'This preview is gone; load the file again.')
      if (preview.faults > 0) {
        throw new ShoukouError(
          'spreadsheet-refused',
          `${preview.faults} cells are faulty: nothing is written; mend them, and load the file again.`,
        )
      }
      return preview
    },
    done: (id) => void kept.delete(id),
    find: (id) => kept.get(id) ?? null,
  }
}

/** @throws ShoukouError `spreadsheet-refused` where it is hardly the table that was meant. */
export function refuseHopeless(rows: number, faults: number): void {
  if (rows === 0) throw new ShoukouError('spreadsheet-refused', 'The sheet has no row below its header.')
  if (faults <= SHEET_LIMITS.faultsMax) return
  throw new ShoukouError(
    'spreadsheet-refused',
    `${faults} cells are faulty: this is hardly the table that was meant; see the template.`,
  )
}

/** Counts rows with a fault; one of the header is no row's. */
export function badRowsOf(faults: readonly SheetFault[]): number {
  return new Set(faults.filter(({ row }) => row > 1).map(({ row }) => row)).size
}
