import { expect, it } from 'vitest'
import { backSince, jumpBetween } from './own-clock.ts'

it('finds a jump of two seconds either way, and none below', () => {
  const before = { wallMs: 1_000_000, atMs: 500 }
  expect(jumpBetween(before, { wallMs: 1_001_000, atMs: 1_500 })).toBeNull()
  expect(jumpBetween(before, { wallMs: 1_001_000 + 1_999, atMs: 1_500 })).toBeNull()
  expect(jumpBetween(before, { wallMs: 1_001_000 + 2_000, atMs: 1_500 })).toBe(2_000)
  expect(jumpBetween(before, { wallMs: 1_001_000 - 3_600_000, atMs: 1_500 })).toBe(-3_600_000)
})

it('finds at a start only that the clock went back: for the time in between nobody can speak', () => {
  expect(backSince(null, 5)).toBeNull()
  expect(backSince(1_000_000, 9_000_000)).toBeNull()
  expect(backSince(1_000_000, 998_001)).toBeNull()
  expect(backSince(1_000_000, 998_000)).toBe(-2_000)
})
