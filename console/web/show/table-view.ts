/**
 * Which columns a table shows and by which it is sorted, in the page's address, so that a colleague who is sent it sees the
 * same: pure, and each way back. What a table filters by is its own affair, and stands beside it.
 */
export interface TableShape {
  /** All that may be shown beside the first one, which names the row; in the order shown. */
  readonly columns: readonly string[]
  /** Those shown while nobody chose; left out: all. */
  readonly usual?: readonly string[]
  /** Those that it can be sorted by; the first one may be among them. */
  readonly sortable: readonly string[]
  /** What it is sorted by while nobody chose; null: an order of its own, that no column shows. */
  readonly ownSort: string | null
}

export interface TableView {
  readonly columns: readonly string[]
  readonly sort: string | null
  readonly isDescending: boolean
}

const keys = ['sort', 'order', 'columns'] as const
export type ViewKey = (typeof keys)[number]

/** Reads a view from the address; what the table does not have is left out. */
export function tableViewFromAddress(address: URLSearchParams, shape: TableShape): TableView {
  const asked = address.get('columns')?.split(',')
  const sort = shape.sortable.find((one) => one === address.get('sort')) ?? shape.ownSort
  return {
    columns: shape.columns.filter((one) => (asked ?? shape.usual ?? shape.columns).includes(one)),
    sort,
    isDescending: sort !== null && address.get('order') === 'desc',
  }
}

/** Writes a view into a copy of the address and leaves the rest as it is: equal views make equal addresses. */
export function withTableView(
  address: URLSearchParams,
  { columns, sort, isDescending }: TableView,
  shape: TableShape,
): URLSearchParams {
  const next = new URLSearchParams(address)
  const put = (key: ViewKey, value: string | null) =>
    value === null ? next.delete(key) : next.set(key, value)
  const usual = shape.columns.filter((one) => (shape.usual ?? shape.columns).includes(one))
  put('columns', columns.join(',') === usual.join(',') ? null : columns.join(','))
  put('sort', sort === shape.ownSort ? null : sort)
  put('order', sort !== null && isDescending ? 'desc' : null)
  return next
}

/** Returns a list's new filter with the view that it is looked at in. */
export function keepingView(
  before: URLSearchParams,
  filter: URLSearchParams,
  kept: readonly ViewKey[] = keys,
): URLSearchParams {
  const next = new URLSearchParams(filter)
  for (const key of kept) {
    const value = before.get(key)
    if (value !== null) next.set(key, value)
  }
  return next
}

/** Returns the view after a click on a column's head: upwards, downwards, as it was. */
export function sortedBy(view: TableView, column: string, shape: TableShape): TableView {
  if (view.sort !== column) return { ...view, sort: column, isDescending: false }
  if (!view.isDescending) return { ...view, isDescending: true }
  return { ...view, sort: shape.ownSort, isDescending: false }
}

/** Returns the view with one column more, or one less. */
export function withColumn(view: TableView, column: string, isShown: boolean, shape: TableShape): TableView {
  const columns = shape.columns.filter((one) => (one === column ? isShown : view.columns.includes(one)))
  return { ...view, columns }
}

/** Writes the order for the API; nothing where it is the list's own. */
export function sortToQuery(query: URLSearchParams, view: TableView, shape: TableShape): URLSearchParams {
  const next = new URLSearchParams(query)
  if (view.sort !== null && view.sort !== shape.ownSort) next.set('sort', view.sort)
  if (view.isDescending) next.set('order', 'desc')
  return next
}
