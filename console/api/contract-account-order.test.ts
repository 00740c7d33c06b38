import { describe, expect, it } from 'vitest'
import type { AccountItem } from './contract-access.ts'
import { ACCOUNT_SORTS, type AccountsView, accountsIn } from './contract-account-order.ts'

const account = (name: string, more: Partial<AccountItem>): AccountItem => ({
  ...{ name, role: 'viewer', person: null, department: null, state: 'active' },
  ...{ mustChangePassword: false, lockedUntil: null, createdAt: 1 },
  ...more,
})
const all = [
  account('secadmin', { role: 'sec-admin', person: '李', createdAt: 2 }),
  account('hall', { state: 'disabled', createdAt: 3 }),
  account('auditor', { role: 'auditor', person: '赵', createdAt: 1, state: 'waiting' }),
]
const plain: AccountsView = { state: null, role: null, sort: null, isDescending: false }
const names = (view: Partial<AccountsView>) => accountsIn(all, { ...plain, ...view }).map(({ name }) => name)

describe('the accounts in a view', () => {
  it('stand as the console has them while nobody asks for another order', () => {
    expect(names({})).toEqual(['secadmin', 'hall', 'auditor'])
  })

  it('are narrowed by state and role', () => {
    expect(names({ state: 'disabled' })).toEqual(['hall'])
    expect(names({ role: 'auditor' })).toEqual(['auditor'])
    expect(names({ role: 'auditor', state: 'active' })).toEqual([])
  })

  it('are sorted either way, and none is lost', () => {
    expect(names({ sort: 'name' })).toEqual(['auditor', 'hall', 'secadmin'])
    expect(names({ sort: 'created', isDescending: true })).toEqual(['hall', 'secadmin', 'auditor'])
    expect(names({ sort: 'state' })).toEqual(['secadmin', 'auditor', 'hall'])
    for (const sort of ACCOUNT_SORTS) expect(names({ sort })).toHaveLength(all.length)
  })
})
