import { describe, expect, it } from 'vitest'
import type { ViolationItem } from '../../api/contract.ts'
import { stepSelection } from './list-keys.ts'

const items = [9, 7, 3].map((id) => ({ id }) as ViolationItem)

describe('j and k', () => {
  it('walk down and up', () => {
    expect(stepSelection(items, 9, 'j')).toBe(1)
    expect(stepSelection(items, 3, 'k')).toBe(1)
  })

  it('stay at the ends', () => {
    expect(stepSelection(items, 3, 'j')).toBeNull()
    expect(stepSelection(items, 9, 'k')).toBeNull()
  })

  it('begin at the top where nothing, or something not in the list, is selected', () => {
    expect(stepSelection(items, null, 'j')).toBe(0)
    expect(stepSelection(items, 8, 'k')).toBe(0)
    expect(stepSelection([], null, 'j')).toBeNull()
  })
})
