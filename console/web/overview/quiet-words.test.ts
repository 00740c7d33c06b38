import { expect, it } from 'vitest'
import type { Overview } from '../../api/contract.ts'
import { quietOf } from './quiet-words.ts'

const day = 86_400_000
const watch = (unproven: number, broken: number, heardAt: number | null): Overview['watch'] => ({
  ...{ proven: 1, unproven, broken, heardAt, listed: [] },
})

it('says for how many days nothing came, and since when whom it does not know', () => {
  expect(quietOf(watch(1, 1, 3 * day), 2 * day, 14 * day + 5)).toEqual({
    days: 12,
    unproven: 2,
    heardAt: 3 * day,
  })
})

it('says no time where a computer was never heard, and never counts a day backwards', () => {
  expect(quietOf(watch(2, 0, null), null, 9)).toEqual({ days: null, unproven: 2, heardAt: null })
  expect(quietOf(watch(0, 0, null), 2 * day, day)).toEqual({ days: 0, unproven: 0, heardAt: null })
})
