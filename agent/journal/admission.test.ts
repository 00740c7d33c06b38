import { describe, expect, it } from 'vitest'
import { hasRoomAgain, isAdmitted } from './admission.ts'

describe('admission by importance', () => {
  it.each([
    [0, 800],
    [1, 950],
    [2, 1_000],
  ] as const)('admits importance %i up to %i of 1000, and not one byte more', (importance, limit) => {
    expect(isAdmitted(importance, { used: limit - 10, max: 1_000 }, 10)).toBe(true)
    expect(isAdmitted(importance, { used: limit - 10, max: 1_000 }, 11)).toBe(false)
  })

  it('has room again only clearly below the threshold', () => {
    expect(hasRoomAgain(0, { used: 751, max: 1_000 })).toBe(false)
    expect(hasRoomAgain(0, { used: 750, max: 1_000 })).toBe(true)
  })
})
