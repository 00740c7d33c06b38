/**
 * Registers media from a spreadsheet, in two steps: a preview that names every faulty cell, and its confirmation by the same
 * account. Nothing is written before, and nothing at all while one cell is faulty. Previews are kept in memory alone.
 */
import { randomUUID } from 'node:crypto'
import { type Level, LIMITS, ShoukouError } from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'
import { COLUMN_WORDS, IMPORT_COLUMNS } from './import-columns.ts'
import { MEDIA_LIMITS } from './limits.ts'
import { type ImportFault, type ParsedRow, parseRows } from './parse-rows.ts'
import { readSpreadsheet } from './read-spreadsheet.ts'
import type { Imported, ImportedMedium, MediaRegister } from './register.ts'
import { writeSheet } from './spreadsheet.ts'

export interface ImportPreview {
  readonly id: string
  readonly rows: number
  readonly faults: readonly ImportFault[]
  readonly badRows: number
  readonly sample: readonly {
    readonly row: number
    readonly number: string
    readonly level: Level
    readonly custodian: string
    readonly department: string
  }[]
}

export interface MediaImport {
  /** @throws ShoukouError `spreadsheet-refused` where it is no table of media at all. */
  preview(
    file: { readonly name: string; readonly bytes: Uint8Array },
    account: string,
  ): Promise<ImportPreview>
  /** @throws ShoukouError `not-found` where the preview is gone, `spreadsheet-refused` while it has faults. */
  confirm(id: string, account: string): Promise<Imported>
  /** Says what a preview is of, for the log of what administrators do. */
  describe(id: string): string
  template(): Promise<Uint8Array>
}

interface KeptPreview {
  readonly account: string
  readonly name: string
  readonly media: readonly ImportedMedium[]
  readonly faults: number
  readonly expiresAt: number
}

export interface MediaImportOptions {
  readonly store: Store
  readonly register: MediaRegister
  readonly now: () => number
}

export function createMediaImport({ store, register, now }: MediaImportOptions): MediaImport {
  const kept = new Map<string, KeptPreview>()
  const expire = (): void => {
    for (const [id, { expiresAt }] of kept) if (expiresAt <= now()) kept.delete(id)
  }
  const keep = (preview: KeptPreview): string => {
    expire()
    const own = [...kept].filter(([, { account }]) => account === preview.account)
    if (own.length >= MEDIA_LIMITS.previewsPerAccountMax) kept.delete(own[0]?.[0] ?? '')
    if (kept.size >= MEDIA_LIMITS.previewsMax) {
      throw new ShoukouError('rate-limited', 'Too many previews are open; confirm one, or try again later.')
    }
    const id = randomUUID()
    kept.set(id, preview)
    return id
  }
  return {
    preview: async ({ name, bytes }, account) => {
      const { rows } = await readSpreadsheet(bytes)
      const computers = new Set((await store.computers()).map(({ number }) => number))
      const parsed = parseRows(rows, {
        computers,
        computersMax: LIMITS.computersPerSealMax,
        usersMax: LIMITS.usersPerSealMax,
        nowMs: now(),
      })
      const taken = await takenIn(store, parsed.numbers)
      const faults = [...parsed.faults, ...taken].toSorted((a, b) => a.row - b.row)
      if (parsed.rows === 0) refuse('The sheet has no row below its header.')
      if (faults.length > MEDIA_LIMITS.faultsMax) {
        refuse(
          `${faults.length} cells are faulty: this is hardly the table that was meant; see the template.`,
        )
      }
      const media = parsed.media.map(({ medium }) => medium)
      const expiresAt = now() + MEDIA_LIMITS.previewMs
      const id = keep({ account, name, media, faults: faults.length, expiresAt })
      const badRows = new Set(faults.map(({ row }) => row)).size
      return { id, rows: parsed.rows, faults, badRows, sample: sampleOf(parsed.media) }
    },
    confirm: async (id, account) => {
      expire()
      const preview = kept.get(id)
      if (preview === undefined || preview.account !== account)
        throw new ShoukouError('not-found', 'This preview is gone; load the file again.')
      if (preview.faults > 0) {
        refuse(
          `${preview.faults} cells are faulty: nothing is registered; mend them, and load the file again.`,
        )
      }
      const done = await register.importAll(preview.media, `imported from ${preview.name}`, account)
      // Only now: one that could not be written may be confirmed again.
      kept.delete(id)
      return done
    },
    describe: (id) => {
      const preview = kept.get(id)
      return preview === undefined ? '' : `${preview.name}: ${preview.media.length} media`
    },
    template: () => writeSheet('介质登记', templateRows, templateWidths),
  }
}

async function takenIn(store: Store, numbers: ReadonlyMap<string, number>): Promise<ImportFault[]> {
  const column = COLUMN_WORDS.number.headers[0] ?? 'number'
  return (await store.takenMediumNumbers([...numbers.keys()])).map((value) => ({
    row: numbers.get(value.toLowerCase()) ?? 1,
    column,
    value,
    code: 'number-taken',
  }))
}

function sampleOf(media: readonly ParsedRow[]): ImportPreview['sample'] {
  return media.slice(0, MEDIA_LIMITS.sampleRows).map(({ row, medium }) => ({
    row,
    number: medium.number ?? '',
    level: medium.level,
    custodian: medium.custodian,
    department: medium.department,
  }))
}

const templateRows = [IMPORT_COLUMNS.map((name) => COLUMN_WORDS[name].headers[0] ?? name)]
const templateWidths = IMPORT_COLUMNS.map((name) => (COLUMN_WORDS[name].charactersMax > 100 ? 30 : 16))

function refuse(words: string): never {
  throw new ShoukouError('spreadsheet-refused', words)
}
