/** Which columns a register's list may show, beside the number: every field that its entries have. Pure. */
import type { Kind, Words } from '../../ledger/fields.ts'
import type { TableShape } from '../show/table-view.ts'

const changed = 'changed'

/** Returns the columns in order; `usual`: those that the kind's definition lists. */
export function registerShape(kind: Kind): TableShape {
  const isPerson = kind.custodian === 'self'
  const others = kind.fields
    .map(({ key }) => key)
    // A person's own name is what stands under the custodian.
    .filter((key) => !kind.listed.includes(key) && !(isPerson && key === 'name'))
  const before = [...(isPerson ? ['custodian'] : []), 'level', 'state', ...kind.listed]
  const after = ['department', ...(isPerson ? [] : ['custodian']), changed]
  return {
    columns: [...before, ...others, ...after],
    usual: [...before, ...after],
    sortable: ['number', changed],
    ownSort: 'number',
  }
}

/** Returns what a column is headed by; null: when an entry was changed, which is no field of it. */
export function columnWords(kind: Kind, column: string): Words | null {
  if (column === changed) return null
  const core = kind.coreWords[column as keyof Kind['coreWords']]
  return core ?? kind.fields.find(({ key }) => key === column)?.words ?? { zh: column, en: column }
}

/**
 * Returns the columns of an export: those that are shown. Where nobody chose any, all that the register has, so that the file
 * can be brought in again.
 */
export function exportedColumns(kind: Kind, shown: readonly string[] | null): readonly string[] | undefined {
  if (shown === null) return undefined
  const isPerson = kind.custodian === 'self'
  const fields = new Set(kind.fields.map(({ key }) => key))
  return [
    'number',
    ...shown.flatMap((column) => {
      if (column === changed) return []
      // A person is its own custodian: the column shows the name.
      if (isPerson && column === 'custodian') return fields.has('name') ? ['name'] : []
      return [column]
    }),
  ]
}
