import { expect, it } from 'vitest'
import { checkTotals } from './net-check.ts'

const totals = { counted: 20_100, approved: 100, prohibited: 20_000, reported: 0, lost: 0, refused: 0 }

it('adds up where everything not approved was reported or declared lost', () => {
  expect(checkTotals({ ...totals, reported: 19_990, lost: 10 })).toEqual({ state: 'adds-up' })
  expect(checkTotals({ ...totals, prohibited: 0 })).toEqual({ state: 'adds-up' })
})

it('says how many are still to come, and never that more reported is in order', () => {
  expect(checkTotals({ ...totals, reported: 19_990, lost: 9 })).toEqual({ state: 'under-way', count: 1 })
  expect(checkTotals({ ...totals, reported: 20_001 })).toEqual({ state: 'too-many', count: 1 })
})
