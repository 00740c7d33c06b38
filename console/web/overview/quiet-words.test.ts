import { expect, it } from 'vitest'
import type { Computer } from '../../api/contract.ts'
import { quietOf } from './quiet-words.ts'

const computer = (state: string, lastSeenAt: number | null) =>
  ({ watch: { state }, lastSeenAt }) as unknown as Computer
const day = 86_400_000

it('says for how many days nothing came, and since when whom it does not know', () => {
  const computers = [computer('proven', 1), computer('unproven', 5 * day), computer('broken', 3 * day)]
  expect(quietOf(computers, 2 * day, 14 * day + 5)).toEqual({ days: 12, unproven: 2, heardAt: 3 * day })
})

it('says no time where a computer was never heard, and never counts a day backwards', () => {
  expect(quietOf([computer('unproven', null), computer('unproven', 4)], null, 9)).toEqual({
    days: null,
    unproven: 2,
    heardAt: null,
  })
  expect(quietOf([], 2 * day, day)).toEqual({ days: 0, unproven: 0, heardAt: null })
})
