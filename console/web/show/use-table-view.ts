/** A table's view out of the address, and back into it. */
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { type TableShape, type TableView, tableViewFromAddress, withTableView } from './table-view.ts'

export interface ShownTable {
  readonly shape: TableShape
  readonly view: TableView
  readonly change: (view: TableView) => void
  readonly shows: (column: string) => boolean
}

/** `shape` stays the same as long as the table does. */
export function useTableView(shape: TableShape): ShownTable {
  const [address, setAddress] = useSearchParams()
  const view = useMemo(() => tableViewFromAddress(address, shape), [address, shape])
  return {
    shape,
    view,
    change: (next) => setAddress((before) => withTableView(before, next, shape), { replace: true }),
    shows: (column) => view.columns.includes(column),
  }
}
