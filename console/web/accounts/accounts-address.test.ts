import { describe, expect, it } from 'vitest'
import {
  accountsFilterFromAddress,
  accountsFilterToAddress,
  exportedAccountColumns,
} from './accounts-address.ts'

describe('which accounts are shown', () => {
  it('comes back from the address as it was written', () => {
    const filter = { state: 'waiting', role: 'custodian' } as const
    expect(accountsFilterFromAddress(accountsFilterToAddress(filter))).toEqual(filter)
    expect(accountsFilterToAddress({ state: null, role: null }).toString()).toBe('')
  })

  it('leaves out what somebody typed by hand and does not exist', () => {
    const typed = new URLSearchParams('state=deleted&role=root')
    expect(accountsFilterFromAddress(typed)).toEqual({ state: null, role: null })
  })

  it('is exported with the columns that are shown, a role with its department', () => {
    expect(exportedAccountColumns(['role', 'created'])).toEqual(['name', 'role', 'department', 'created'])
  })
})
