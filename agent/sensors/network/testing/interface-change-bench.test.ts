import { expect, it } from 'vitest'
import { needRoot } from '../../testing/recording-context.ts'
import { measureInterfaceChanges } from './interface-change-bench.ts'

it('finds a record in the journal for every flap, long before a sweep would', async () => {
  needRoot()
  const figures = await measureInterfaceChanges({ flaps: 20 })
  expect(figures).toMatchObject({ flaps: 20, missed: 0 })
  expect(figures.journalMs.median).toBeGreaterThan(0)
  expect(figures.journalMs.median).toBeLessThan(5_000)
  expect(figures.toldMs.median).toBeLessThanOrEqual(figures.journalMs.median)
}, 30_000)
