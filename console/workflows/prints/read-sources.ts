/** Reads what labels and forms are printed of: entries of the registers and media, alike. */
import { mayReach, type ViewScope } from '@shoukou/protocol'
import type { FieldValues } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { type PrintSource, sourceOfEntry, sourceOfMedium } from '../../ledger/print-entry.ts'
import type { PrintKind } from '../../ledger/print-mark.ts'
import type { LedgerEntryRow } from '../../store/ledger-ports.ts'
import type { MediumRow } from '../../store/media-ports.ts'
import type { Store } from '../../store/ports.ts'

/** Returns the entries of these numbers that are reached, in this order, and the numbers that are none. */
export async function readSources(
  store: Store,
  scope: ViewScope,
  { kind, numbers }: { readonly kind: PrintKind; readonly numbers: readonly string[] },
): Promise<{ readonly sources: readonly PrintSource[]; readonly unknown: readonly string[] }> {
  const read = await Promise.all(
    numbers.map(async (number) => ({ number, source: await one(store, kind, number) })),
  )
  const isReached = (source: PrintSource | null): source is PrintSource =>
    source !== null && mayReach(scope, source.department)
  return {
    sources: read.map(({ source }) => source).filter(isReached),
    unknown: read.filter(({ source }) => !isReached(source)).map(({ number }) => number),
  }
}

/** Reports whether an entry is there and reached. */
export async function reaches(
  store: Store,
  scope: ViewScope,
  { kind, number }: { readonly kind: string; readonly number: string },
): Promise<boolean> {
  if (scope.kind === 'unit') return true
  const row = kind === 'media' ? await store.medium(number) : await store.ledgerEntry(kind, number)
  return row !== null && mayReach(scope, row.department)
}

export function sourceOfRow(row: LedgerEntryRow): PrintSource {
  const name = row.kind as Exclude<PrintKind, 'media'>
  return sourceOfEntry({ ...kindOf(name), name }, { ...row, fields: row.fields as FieldValues })
}

/** What a device says of itself is hostile text: on paper it stands without control characters. */
export function sourceOfMediumRow(row: MediumRow): PrintSource {
  const { passport } = row
  const product = [passport?.usb?.manufacturer, passport?.usb?.product].map(plain).filter(Boolean).join(' ')
  return sourceOfMedium({ ...row, serial: plain(passport?.usb?.serial ?? passport?.diskSerial), product })
}

async function one(store: Store, kind: PrintKind, number: string): Promise<PrintSource | null> {
  if (kind === 'media') {
    const row = await store.medium(number)
    return row === null ? null : sourceOfMediumRow(row)
  }
  const row = await store.ledgerEntry(kind, number)
  return row === null ? null : sourceOfRow(row)
}

function plain(text: unknown): string {
  return typeof text === 'string' ? text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim() : ''
}
