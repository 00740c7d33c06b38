/** Entries and hand-overs, as the API tells them. Pure. */
import type { LedgerKindName } from '../../ledger/fields.ts'
import type { HandoverRow, LedgerEntryRow } from '../../store/ledger-ports.ts'
import type { Handover, LedgerEntry, LedgerFieldsAnswer } from '../contract-registers.ts'

export function entryView({ id: _id, ...row }: LedgerEntryRow): LedgerEntry {
  return { ...row, kind: row.kind as LedgerKindName, fields: row.fields as LedgerFieldsAnswer }
}

export function handoverView({ kind: _kind, number: _number, ...row }: HandoverRow): Handover {
  return { ...row }
}
