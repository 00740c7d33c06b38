/** In which orders the list of computers can be shown and exported: one comparison for the page and the file. Part of the contract. */
import { LEVELS } from '@shoukou/protocol/levels.ts'
import type { Computer } from './contract.ts'

export const COMPUTER_SORTS = ['number', 'level', 'status', 'watch', 'last-seen', 'violations'] as const
export type ComputerSort = (typeof COMPUTER_SORTS)[number]

/** What needs somebody comes first. */
const statuses: readonly Computer['status'][] = [
  'silent',
  'offline',
  'stopped',
  'pending',
  'standalone',
  'online',
]
const watches: readonly Computer['watch']['state'][] = ['broken', 'unproven', 'proven']

type Ordered = Pick<Computer, 'number' | 'level' | 'status' | 'watch' | 'lastSeenAt' | 'violations'>

/** Returns the computers in order; those that are alike by number, as people count. */
export function inOrder<Row extends Ordered>(
  computers: readonly Row[],
  sort: ComputerSort,
  isDescending: boolean,
): Row[] {
  if (sort === 'number') return byNumber(computers, isDescending)
  const sign = isDescending ? -1 : 1
  return byNumber(computers, false).toSorted((a, b) => sign * (placeOf(a, sort) - placeOf(b, sort)))
}

/**
 * Returns them as people count: JM-9 before JM-10. By a key made once of each: comparing thousands in a language's order takes
 * longer than reading them.
 */
export function byNumber<Row extends Pick<Ordered, 'number'>>(
  computers: readonly Row[],
  isDescending: boolean,
): Row[] {
  const sign = isDescending ? -1 : 1
  return computers
    .map((one) => ({
      one,
      key: one.number.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(16, '0')),
    }))
    .toSorted((a, b) => sign * (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ one }) => one)
}

function placeOf(one: Ordered, sort: Exclude<ComputerSort, 'number'>): number {
  switch (sort) {
    case 'level':
      return LEVELS.indexOf(one.level)
    case 'status':
      return statuses.indexOf(one.status)
    case 'watch':
      return watches.indexOf(one.watch.state)
    case 'last-seen':
      return one.lastSeenAt ?? 0
    case 'violations':
      return one.violations.reduce((sum, { count }) => sum + count, 0)
  }
}
