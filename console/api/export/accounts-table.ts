/** Accounts as a table to export: who has which role, and since when. */
import { ROLES } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { Store } from '../../store/ports.ts'
import { roleWords } from '../../workflows/accounts/role-change.ts'
import type { AccountItem } from '../contract-access.ts'
import { ACCOUNT_SORTS, ACCOUNT_STATES, type AccountsView, accountsIn } from '../contract-account-order.ts'
import { accountItem } from '../routes/accounts.ts'
import { column, type ExportLanguage, type ExportTable, onePage, timeText } from './table.ts'

interface Asked extends Partial<Pick<AccountsView, 'state' | 'role' | 'sort'>> {
  readonly order?: 'asc' | 'desc'
}

export function accountsTable(store: Store): ExportTable {
  return {
    name: 'accounts',
    access: 'accounts.read',
    words: { zh: '账户', en: 'Accounts' },
    query: {
      state: Type.Optional(Type.Enum([...ACCOUNT_STATES])),
      role: Type.Optional(Type.Enum([...ROLES])),
      sort: Type.Optional(Type.Enum([...ACCOUNT_SORTS])),
      order: Type.Optional(Type.Enum(['asc', 'desc'])),
    },
    columns: columnsIn,
    find: async ({ query }) => {
      const { state = null, role = null, sort = null, order } = query as Asked
      const view = { state, role, sort, isDescending: order === 'desc' }
      const shown = accountsIn((await store.accounts()).map(accountItem), view)
      return { count: shown.length, pages: onePage(shown) }
    },
  }
}

const states: Readonly<Record<AccountItem['state'], readonly [string, string]>> = {
  active: ['在用', 'In use'],
  waiting: ['待第二人同意', 'Waits for a second person'],
  disabled: ['已停用', 'Disabled'],
}

function columnsIn(language: ExportLanguage) {
  const at = language === 'zh' ? 0 : 1
  const make = (key: string, words: readonly [string, string], text: (row: AccountItem) => string) =>
    column<AccountItem>(key, words[at], text)
  return [
    make('name', ['账户名', 'Account'], ({ name }) => name),
    make('person', ['持有人', 'Person'], ({ person }) => person ?? ''),
    make('role', ['角色', 'Role'], ({ role }) => roleWords[role][language]),
    make('department', ['部门', 'Department'], ({ department }) => department ?? ''),
    make('state', ['状态', 'State'], ({ state }) => states[state][at]),
    make('password', ['口令', 'Password'], ({ mustChangePassword }) =>
      mustChangePassword
        ? (['一次性口令，尚未修改', 'one-time, not changed yet'] as const)[at]
        : (['已自行设置', 'set by the person'] as const)[at],
    ),
    make('created', ['创建时间', 'Made'], ({ createdAt }) => timeText(createdAt)),
  ]
}
