import { expect, it } from 'vitest'
import { timeSpan } from './time-span.ts'

const hour = 3_600_000

it('counts the first two days in hours, then in days', () => {
  expect(timeSpan(23 * hour + 61_500)).toEqual({ days: 0, clock: '23:01:01' })
  expect(timeSpan(47 * hour)).toEqual({ days: 0, clock: '47:00:00' })
  expect(timeSpan(48 * hour)).toEqual({ days: 2, clock: '00:00:00' })
  expect(timeSpan(-90_000)).toEqual({ days: 0, clock: '00:01:30' })
})
