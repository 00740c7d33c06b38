/**
 * Registers media from a spreadsheet, in two steps: a preview that names every faulty cell, and its confirmation by the same
 * account. Nothing is written before, and nothing at all while one cell is faulty.
 *
 * A medium that is registered as the row has it is left alone, so that a file loaded twice changes nothing. One that differs is
 * refused: a change may make its seals void, and is made on its own page.
 */
import { LIMITS } from '@shoukou/protocol'
import type { MediumRow } from '../../store/media-ports.ts'
import type { Store } from '../../store/ports.ts'
import { rememberReads } from '../registers/remember-reads.ts'
import { SHEET_LIMITS } from '../sheets/limits.ts'
import { badRowsOf, createPreviews, refuseHopeless, type SheetPreview } from '../sheets/previews.ts'
import { readSpreadsheet } from '../sheets/read-spreadsheet.ts'
import { writeSheet } from '../sheets/write-sheet.ts'
import { COLUMN_WORDS, IMPORT_COLUMNS, type ImportColumn } from './import-columns.ts'
import {
  type CustodianFaultCode,
  type ImportFault,
  type ParsedRow,
  type ParsedRows,
  parseRows,
} from './parse-rows.ts'
import { custodianFaults, type ImportedMedium, type MediaRegister } from './register.ts'

export interface ImportDone {
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  /** Of what was added; empty where nothing was. */
  readonly firstNumber: string
  readonly lastNumber: string
}

export interface MediaImport {
  /** @throws ShoukouError `spreadsheet-refused` where it is no table of media at all. */
  preview(file: { readonly name: string; readonly bytes: Uint8Array }, account: string): Promise<SheetPreview>
  /** @throws ShoukouError `not-found` where the preview is gone, `spreadsheet-refused` while it has faults. */
  confirm(id: string, by: { readonly account: string; readonly reason: string }): Promise<ImportDone>
  /** Says what a preview is of, for the log of what administrators do. */
  describe(id: string): string
  template(): Promise<Uint8Array>
}

export interface MediaImportOptions {
  readonly store: Store
  readonly register: MediaRegister
  readonly now: () => number
}

interface Content {
  readonly media: readonly ImportedMedium[]
  readonly unchanged: number
}

export function createMediaImport({ store, register, now }: MediaImportOptions): MediaImport {
  const previews = createPreviews<Content>(now)
  return {
    preview: async ({ name, bytes }, account) => {
      const { rows, notes } = await readSpreadsheet(bytes)
      const computers = new Set((await store.computers()).map(({ number }) => number))
      const parsed = parseRows(rows, {
        computers,
        computersMax: LIMITS.computersPerSealMax,
        usersMax: LIMITS.usersPerSealMax,
        nowMs: now(),
      })
      const known = await knownIn(store, parsed)
      const unfit = await unfitCustodians(store, parsed, known.same)
      const faults = [...parsed.faults, ...known.taken, ...unfit].toSorted((a, b) => a.row - b.row)
      refuseHopeless(parsed.rows, faults.length)
      const news = parsed.media.filter(({ row }) => !known.same.has(row))
      const unchanged = known.same.size
      const media = news.map(({ medium }) => medium)
      const id = previews.keep({ account, name, faults: faults.length, content: { media, unchanged } })
      const badRows = badRowsOf(faults)
      const sample = sampleOf(news)
      const added = parsed.rows - badRows - unchanged
      return { id, rows: parsed.rows, added, changed: 0, unchanged, faults, badRows, sample, notes }
    },
    confirm: async (id, { account, reason }) => {
      const { name, content } = previews.confirmed(id, account)
      const { media, unchanged } = content
      const done =
        media.length === 0
          ? { registered: 0, firstNumber: '', lastNumber: '' }
          : await register.importAll(media, `imported from ${name}: ${reason}`, account)
      previews.done(id)
      const { registered: added, firstNumber, lastNumber } = done
      return { added, changed: 0, unchanged, firstNumber, lastNumber }
    },
    describe: (id) => {
      const preview = previews.find(id)
      return preview === null ? '' : `${preview.name}: ${preview.content.media.length} media`
    },
    template: () => writeSheet('介质登记', templateRows, templateWidths),
  }
}

/** Rows that would give a medium to who may not have it: the register would refuse them all. */
async function unfitCustodians(
  whole: Store,
  { media }: ParsedRows,
  same: ReadonlySet<number>,
): Promise<readonly ImportFault[]> {
  const store = rememberReads(whole)
  const column = COLUMN_WORDS.custodian.headers[0] ?? 'custodian'
  const faults: ImportFault[] = []
  for (const { row, medium } of media.filter((one) => !same.has(one.row)))
    for (const { code } of await custodianFaults(store, medium))
      faults.push({ row, column, value: medium.custodian, code: code as CustodianFaultCode })
  return faults
}

/** Rows that say of a registered medium what the register says, and rows whose number is another medium's. */
async function knownIn(
  store: Store,
  { media, numbers }: ParsedRows,
): Promise<{ readonly same: ReadonlySet<number>; readonly taken: readonly ImportFault[] }> {
  const parsed = new Map(media.map((one) => [one.row, one]))
  const same = new Set<number>()
  const taken: ImportFault[] = []
  const column = COLUMN_WORDS.number.headers[0] ?? 'number'
  for (const number of await store.takenMediumNumbers([...numbers.keys()])) {
    const row = numbers.get(number.toLowerCase()) ?? 1
    const asked = parsed.get(row)
    const is = asked === undefined ? null : await store.medium(number)
    if (asked !== undefined && is !== null && isSame(asked, is)) same.add(row)
    else taken.push({ row, column, value: number, code: 'number-taken' })
  }
  // What the file names by number is no other row's.
  const found = new Set(numbers.keys())
  const held = new Map<string, readonly MediumRow[]>()
  for (const asked of media.filter(({ medium }) => medium.number === null)) {
    const { custodian } = asked.medium
    const own = held.get(custodian) ?? (await store.media({ search: custodian, limit: SHEET_LIMITS.rowsMax }))
    held.set(custodian, own)
    const twin = own.find((one) => !found.has(one.number.toLowerCase()) && isSame(asked, one))
    if (twin === undefined) continue
    found.add(twin.number.toLowerCase())
    same.add(asked.row)
  }
  return { same, taken }
}

/** Reports whether a row says what the register has, as far as the file has columns for it. */
function isSame({ medium, cells }: ParsedRow, is: MediumRow): boolean {
  const said = new Map<ImportColumn, string>(cells.map(({ name, after }) => [name, after]))
  const isGiven = (name: ImportColumn) => said.has(name)
  const texts = (list: readonly string[] | null) => (list === null ? null : [...list].toSorted())
  const equal = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  return (
    is.level === medium.level &&
    is.kind === medium.kind &&
    is.custodian === medium.custodian &&
    is.department === medium.department &&
    is.right === medium.right &&
    equal(texts(is.computers), texts(medium.computers)) &&
    (!isGiven('users') || equal(texts(is.users), texts(medium.users))) &&
    // A row without a first day is good from its registration on.
    ((said.get('validFrom') ?? '') === '' || is.validFromMs === medium.validFromMs) &&
    (!isGiven('validUntil') || is.validUntilMs === medium.validUntilMs) &&
    (!isGiven('note') || is.note === medium.note)
  )
}

function sampleOf(media: readonly ParsedRow[]): SheetPreview['sample'] {
  return media.slice(0, SHEET_LIMITS.sampleRows).map(({ row, medium, cells }) => ({
    row,
    number: medium.number ?? '',
    act: 'add' as const,
    cells: cells
      .filter(({ name, after }) => name !== 'number' && after !== '')
      .map(({ column, before, after }) => ({ column, before, after })),
  }))
}

const templateRows = [IMPORT_COLUMNS.map((name) => COLUMN_WORDS[name].headers[0] ?? name)]
const templateWidths = IMPORT_COLUMNS.map((name) => (COLUMN_WORDS[name].charactersMax > 100 ? 30 : 16))
