/** Which accounts are shown, in the page's address: pure, and each way back. The order is that of `table-view.ts`. */
import { ROLES, type Role } from '@shoukou/protocol/access.ts'
import { ACCOUNT_SORTS, ACCOUNT_STATES, type AccountsView } from '../../api/contract-account-order.ts'
import type { TableShape } from '../show/table-view.ts'

export interface AccountsFilter {
  readonly state: AccountsView['state']
  readonly role: Role | null
}

/** Beside the account's name, which is always shown. */
export const accountsShape: TableShape = {
  columns: ['person', 'role', 'state', 'password', 'created'],
  sortable: [...ACCOUNT_SORTS],
  ownSort: null,
}

/** Reads a filter from the address; what it does not know is left out. */
export function accountsFilterFromAddress(address: URLSearchParams): AccountsFilter {
  return {
    state: ACCOUNT_STATES.find((one) => one === address.get('state')) ?? null,
    role: ROLES.find((one) => one === address.get('role')) ?? null,
  }
}

/** Writes a filter for the address and for an export: equal filters make equal addresses. */
export function accountsFilterToAddress({ state, role }: AccountsFilter): URLSearchParams {
  const address = new URLSearchParams()
  if (state !== null) address.set('state', state)
  if (role !== null) address.set('role', role)
  return address
}

/** Returns the columns of an export: those that are shown; a role is of a department. */
export function exportedAccountColumns(shown: readonly string[]): readonly string[] {
  return ['name', ...shown.flatMap((column) => (column === 'role' ? ['role', 'department'] : [column]))]
}
