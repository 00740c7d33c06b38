/** Which accounts the list shows and in which order, on the page and in a file: one comparison for both. Part of the contract. */
import type { AccountItem } from './contract-access.ts'

export const ACCOUNT_SORTS = ['name', 'person', 'role', 'state', 'created'] as const
export type AccountSort = (typeof ACCOUNT_SORTS)[number]
export const ACCOUNT_STATES = [
  'active',
  'waiting',
  'disabled',
] as const satisfies readonly AccountItem['state'][]

export interface AccountsView {
  readonly state: AccountItem['state'] | null
  readonly role: string | null
  /** Null: as the console has them, the first ones first. */
  readonly sort: AccountSort | null
  readonly isDescending: boolean
}

/** Returns the accounts that a view shows, in its order; those that are alike stay as they were. */
export function accountsIn(accounts: readonly AccountItem[], view: AccountsView): readonly AccountItem[] {
  const { state, role, sort, isDescending } = view
  const shown = accounts.filter(
    (one) => (state === null || one.state === state) && (role === null || one.role === role),
  )
  if (sort === null) return shown
  const sign = isDescending ? -1 : 1
  return shown.toSorted((a, b) => sign * compare(a, b, sort))
}

function compare(a: AccountItem, b: AccountItem, sort: AccountSort): number {
  switch (sort) {
    case 'created':
      return a.createdAt - b.createdAt
    case 'state':
      return ACCOUNT_STATES.indexOf(a.state) - ACCOUNT_STATES.indexOf(b.state)
    case 'name':
    case 'role':
      return a[sort].localeCompare(b[sort], 'en', { numeric: true })
    case 'person':
      return (a.person ?? '').localeCompare(b.person ?? '', 'zh-CN')
  }
}
