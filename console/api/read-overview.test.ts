import { expect, it } from 'vitest'
import type { Computer } from './contract.ts'
import type { ComputerReader } from './read-computers.ts'
import { createOverviewReader, overviewOf } from './read-overview.ts'

const computer = (number: string, state: Computer['watch']['state'], more: Partial<Computer> = {}) =>
  ({
    ...{ agent: number, number, level: 'secret', lastSeenAt: 5, policyVersion: 2, appliedPolicyVersion: 2 },
    watch: { state, reasons: [] },
    ...more,
  }) as unknown as Computer

it('counts all and names the first of each state, as people count', () => {
  const many = Array.from({ length: 30 }, (_, at) => computer(`JM-${30 - at}`, 'proven'))
  const { watch, behind } = overviewOf(
    [...many, computer('JM-100', 'broken'), computer('JM-99', 'broken', { appliedPolicyVersion: 1 })],
    3,
  )
  expect([watch.proven, watch.unproven, watch.broken]).toEqual([30, 0, 2])
  expect(watch.listed.map(({ number }) => number)).toEqual(['JM-99', 'JM-100', 'JM-1', 'JM-2', 'JM-3'])
  expect(behind).toEqual({
    count: 1,
    listed: [{ agent: 'JM-99', number: 'JM-99', policyVersion: 2, appliedPolicyVersion: 1 }],
  })
})

it('says when whom it does not know was heard, and no time where one was never heard', () => {
  const heardAt = (...seen: (number | null)[]) =>
    overviewOf(
      [computer('P', 'proven'), ...seen.map((lastSeenAt) => computer('U', 'unproven', { lastSeenAt }))],
      3,
    ).watch.heardAt
  expect([heardAt(), heardAt(9, 7), heardAt(9, null)]).toEqual([null, 7, null])
})

it('reads once for pages that look at one moment, and anew for one department', async () => {
  let now = 0
  let reads = 0
  const computers = {
    all: async () => {
      reads += 1
      return []
    },
  } as unknown as ComputerReader
  const read = createOverviewReader(computers, () => now)
  await Promise.all([read({ kind: 'unit' }), read({ kind: 'unit' })])
  expect(reads).toBe(1)
  await read({ kind: 'department', department: 'Finance' })
  expect(reads).toBe(2)
  now = 500
  await read({ kind: 'unit' })
  expect(reads).toBe(3)
})
