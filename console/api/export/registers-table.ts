/** The registers as tables to export: the columns that offices keep, so that what is exported can be imported again. */

import type { FieldValues, Kind, LedgerKindName } from '../../ledger/fields.ts'
import { LEDGER_KINDS } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import type { LedgerEntryRow } from '../../store/ledger-ports.ts'
import type { Store } from '../../store/ports.ts'
import { cellText, headerOf, sheetKeys } from '../../workflows/registers/sheet-values.ts'
import { SHEET_LIMITS } from '../../workflows/sheets/limits.ts'
import { RegisterQuerySchema } from '../contract-registers.ts'
import { filterOf, type RegisterQuery } from '../routes/registers.ts'
import { column, type ExportTable, pagesOf } from './table.ts'

export function registerTables(store: Store): readonly ExportTable[] {
  return LEDGER_KINDS.map((name) => registerTable(store, name))
}

function registerTable(store: Store, name: LedgerKindName): ExportTable {
  const kind = kindOf(name)
  return {
    name: `register-${name}`,
    access: 'registers.read',
    words: kind.words,
    query: RegisterQuerySchema.properties,
    columns: (language) =>
      keysOf(kind).map((key) =>
        column<LedgerEntryRow>(key, headerOf(kind, key)[language], (row) =>
          cellText(kind, { ...row, fields: row.fields as FieldValues }, key, language),
        ),
      ),
    find: async ({ query, scope }) => {
      const asked = query as RegisterQuery & { readonly sort?: 'number' | 'changed'; readonly order?: string }
      const filter = await filterOf(store, name, asked, scope)
      const { sort = 'number', order = 'asc' } = asked
      const page = { filter, sort, isDescending: order === 'desc', limit: SHEET_LIMITS.exportPageRows }
      return {
        count: await store.countLedger(filter, SHEET_LIMITS.exportRowsMax + 1),
        pages: pagesOf(async (after: Awaited<ReturnType<Store['ledgerEntries']>>['next'] | undefined) => {
          const { entries, next } = await store.ledgerEntries(
            after === undefined || after === null ? page : { ...page, after },
          )
          return { rows: entries, next }
        }),
      }
    },
  }
}

/** The office's columns first, then every other field: an export leaves nothing out that the register has. */
function keysOf(kind: Kind): readonly string[] {
  return sheetKeys(kind)
}
