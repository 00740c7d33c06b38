import { describe, expect, it } from 'vitest'
import { ROLE_CONFLICTS, ROLES, type Role } from './access.ts'
import { areTwoPeople, conflictingAccount, type HeldRole, isLastOfRole, personKey } from './access-people.ts'
import { departmentName, mayReach, viewScopeOf } from './access-scope.ts'

const held = (
  name: string,
  role: Role,
  person: string | null,
  state: HeldRole['state'] = 'active',
): HeldRole => ({
  name,
  role,
  person,
  state,
})

describe('a person', () => {
  it('is the same however the name is spaced, cased or widened', () => {
    expect(personKey('  Ｚｈａｎｇ　 Wei ')).toBe(personKey('zhang wei'))
    expect(areTwoPeople({ name: 'a', person: '工号 0042' }, { name: 'b', person: ' 工号　００４２' })).toBe(
      false,
    )
  })

  it('is another one only where both are named', () => {
    expect(areTwoPeople({ name: 'a', person: 'li' }, { name: 'b', person: 'sun' })).toBe(true)
    expect(areTwoPeople({ name: 'a', person: null }, { name: 'b', person: 'sun' })).toBe(false)
    expect(areTwoPeople({ name: 'a', person: 'li' }, { name: 'b', person: null })).toBe(false)
    expect(areTwoPeople({ name: 'a', person: 'li' }, { name: 'a', person: 'sun' })).toBe(false)
  })

  it('holds no two roles of a conflict, in either order, over all accounts that are not disabled', () => {
    const conflicts = (one: Role, other: Role): boolean =>
      ROLE_CONFLICTS.some((pair) => pair.includes(one) && pair.includes(other) && one !== other)
    for (const one of ROLES) {
      for (const other of ROLES) {
        for (const state of ['active', 'waiting', 'disabled'] as const) {
          const found = conflictingAccount([held('a', one, 'Li', state)], held('b', other, 'li'))
          const expected = conflicts(one, other) && state !== 'disabled'
          expect(found !== null, `${one} (${state}) and ${other}`).toBe(expected)
        }
      }
    }
  })

  it('may hold what the regulation does not forbid: the system and the security administrator', () => {
    expect(conflictingAccount([held('a', 'sys-admin', 'li')], held('b', 'sec-admin', 'li'))).toBeNull()
  })

  it('makes no conflict with the account itself, nor where nobody is named', () => {
    const accounts = [held('a', 'auditor', 'li'), held('b', 'auditor', null)]
    expect(conflictingAccount(accounts, held('a', 'sys-admin', 'li'))).toBeNull()
    expect(conflictingAccount(accounts, held('c', 'sys-admin', null))).toBeNull()
  })
})

describe('the last account of a role', () => {
  it('is told for the three that must be held, and for no other', () => {
    for (const role of ROLES) {
      const own = held('a', role, 'li')
      const isKept = role === 'sys-admin' || role === 'sec-admin' || role === 'auditor'
      expect(isLastOfRole([own], own), role).toBe(isKept)
      expect(isLastOfRole([own, held('b', role, 'sun')], own), role).toBe(false)
      expect(isLastOfRole([own, held('b', role, 'sun', 'waiting')], own), role).toBe(isKept)
      expect(isLastOfRole([own, held('b', role, 'sun', 'disabled')], own), role).toBe(isKept)
    }
  })
})

describe('what a role sees', () => {
  it('is the whole unit, or its own department and nothing that is given to none', () => {
    const unit = viewScopeOf({ role: 'viewer', department: 'Finance' })
    for (const department of ['Finance', 'Research', null]) expect(mayReach(unit, department)).toBe(true)
    const own = viewScopeOf({ role: 'custodian', department: 'Finance' })
    expect(mayReach(own, 'Finance')).toBe(true)
    for (const department of ['Research', 'finance', 'Finance ', '', null])
      expect(mayReach(own, department)).toBe(false)
  })

  it('is nothing where the account has no department', () => {
    const none = viewScopeOf({ role: 'custodian', department: null })
    for (const department of ['Finance', '', null]) expect(mayReach(none, department)).toBe(false)
  })

  it('is compared by one way to write a name', () => {
    expect(departmentName('  财务 \t 处 ')).toBe('财务 处')
  })
})
