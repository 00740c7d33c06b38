/** Which clocks stand first where few have room. Pure. */
import type { Clock } from '../../api/contract-clocks.ts'

/**
 * Returns the clocks that wait for something: the one that is longest overdue, then those that run, the least time left
 * first, then the others that are overdue. Old ones that nobody ends must not push away the one that can still be met.
 */
export function mostPressing<One extends Pick<Clock, 'state' | 'leftMs'>>(clocks: readonly One[]): One[] {
  const byLeft = clocks.toSorted((a, b) => a.leftMs - b.leftMs)
  const overdue = byLeft.filter(({ state }) => state === 'overdue')
  return [...overdue.slice(0, 1), ...byLeft.filter(({ state }) => state === 'running'), ...overdue.slice(1)]
}
