import { expect, it } from 'vitest'
import { mostPressing } from './most-pressing.ts'

it('keeps the clocks that run in sight, however many others are overdue', () => {
  const one = (leftMs: number) => ({ leftMs, state: leftMs > 0 ? 'running' : 'overdue' }) as const
  const shown = mostPressing([one(50), one(-1), one(-9), one(-5), one(20), { leftMs: 1, state: 'met' }])
  expect(shown.map(({ leftMs }) => leftMs)).toEqual([-9, 20, 50, -5, -1])
})
