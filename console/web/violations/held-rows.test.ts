import { describe, expect, it } from 'vitest'
import type { ViolationItem } from '../../api/contract.ts'
import { partAtCeiling, rowWindow } from './held-rows.ts'

const items = [5, 4, 3, 2, 1].map((id) => ({ id }) as ViolationItem)

describe('rows that wait', () => {
  it('are counted while the list is held and shown when it is not', () => {
    const held = partAtCeiling(items, 3)
    expect(held.shown.map((one) => one.id)).toEqual([3, 2, 1])
    expect(held.waiting).toBe(2)
    expect(partAtCeiling(items, null)).toEqual({ shown: items, waiting: 0 })
  })

  it('all wait where the list was empty when it was held', () => {
    expect(partAtCeiling(items, 0)).toEqual({ shown: [], waiting: 5 })
  })
})

describe('rowWindow', () => {
  const options = { viewHeight: 700, rowHeight: 70, margin: 3 }

  it('always draws the first rows of a list at its top', () => {
    expect(rowWindow({ ...options, scrollTop: 0, count: 10_000 })).toEqual({ first: 0, end: 13 })
  })

  it('draws a few rows of a long list, wherever it stands', () => {
    expect(rowWindow({ ...options, scrollTop: 350_000, count: 10_000 })).toEqual({ first: 4_997, end: 5_013 })
  })

  it('stays inside a list that became shorter than it was scrolled', () => {
    const { first, end } = rowWindow({ ...options, scrollTop: 350_000, count: 20 })
    expect(first).toBeLessThanOrEqual(end)
    expect(end).toBe(20)
  })

  it('draws nothing of an empty list', () => {
    expect(rowWindow({ ...options, scrollTop: 0, count: 0 })).toEqual({ first: 0, end: 0 })
  })
})
