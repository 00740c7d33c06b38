import { expect, it } from 'vitest'
import { dayShares } from './day-shares.ts'

const dayMs = 86_400_000
const today = new Date(2026, 10, 22).getTime()

it('shows a day on which nobody looked as nothing, never as watched', () => {
  const rows = [
    { day: today - 2 * dayMs, looks: 3, proven: 2, unproven: 1, broken: 1 },
    { day: today, looks: 1, proven: 1, unproven: 0, broken: 0 },
  ]
  const days = dayShares(rows, today + 3_600_000, 4)
  expect(days.map(({ looks }) => looks)).toEqual([0, 3, 0, 1])
  expect(days[1]).toMatchObject({ proven: 0.5, unproven: 0.25, broken: 0.25 })
  expect(days[2]).toMatchObject({ proven: 0, unproven: 0, broken: 0 })
})

it('ends with today, also where nothing was ever looked at', () => {
  const days = dayShares([], today + 5 * 3_600_000, 30)
  expect(days).toHaveLength(30)
  expect(days.at(-1)?.day).toBe(today)
  expect(days.every(({ looks }) => looks === 0)).toBe(true)
})
