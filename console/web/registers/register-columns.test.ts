import { describe, expect, it } from 'vitest'
import { LEDGER_KINDS } from '../../ledger/fields.ts'
import { kindOf } from '../../ledger/kinds.ts'
import { sheetKeys } from '../../workflows/registers/sheet-values.ts'
import { tableViewFromAddress } from '../show/table-view.ts'
import { columnWords, exportedColumns, registerShape } from './register-columns.ts'

describe.each(LEDGER_KINDS.map((name) => [name, kindOf(name)] as const))(
  'the columns of %s',
  (_name, kind) => {
    const shape = registerShape(kind)

    it('are each there once, with words, and those that are listed are shown first', () => {
      expect(new Set(shape.columns).size).toBe(shape.columns.length)
      const own = kind.custodian === 'self' ? ['name'] : []
      for (const { key } of kind.fields) if (!own.includes(key)) expect(shape.columns).toContain(key)
      const { columns } = tableViewFromAddress(new URLSearchParams(), shape)
      expect(columns).toEqual(shape.usual)
      for (const column of shape.columns) {
        if (column !== 'changed') expect(columnWords(kind, column)?.zh).not.toBe('')
      }
    })

    it('can all be exported', () => {
      const known = sheetKeys(kind)
      for (const key of exportedColumns(kind, shape.columns) ?? []) expect(known).toContain(key)
      expect(exportedColumns(kind, null)).toBeUndefined()
    })
  },
)
