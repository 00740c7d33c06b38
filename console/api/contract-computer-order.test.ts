import { describe, expect, it } from 'vitest'
import type { Computer } from './contract.ts'
import { COMPUTER_SORTS, inOrder } from './contract-computer-order.ts'

const computer = (number: string, more: Partial<Computer> = {}): Computer =>
  ({
    ...{ number, level: 'secret', status: 'online', lastSeenAt: 5, violations: [] },
    watch: { state: 'proven', reasons: [] },
    ...more,
  }) as unknown as Computer

const all = [
  computer('JM-10', { level: 'top-secret', status: 'silent', lastSeenAt: null }),
  computer('JM-9', { watch: { state: 'broken', reasons: [] } }),
  computer('JM-11', { violations: [{ severity: 'high', count: 3 }], lastSeenAt: 9 }),
]
const numbers = (sort: (typeof COMPUTER_SORTS)[number], isDescending = false) =>
  inOrder(all, sort, isDescending).map(({ number }) => number)

describe('the order of computers', () => {
  it('is by number as people count, either way', () => {
    expect(numbers('number')).toEqual(['JM-9', 'JM-10', 'JM-11'])
    expect(numbers('number', true)).toEqual(['JM-11', 'JM-10', 'JM-9'])
  })

  it('by anything else leaves those that are alike by number', () => {
    expect(numbers('level')).toEqual(['JM-9', 'JM-11', 'JM-10'])
    expect(numbers('status')).toEqual(['JM-10', 'JM-9', 'JM-11'])
    expect(numbers('watch')).toEqual(['JM-9', 'JM-10', 'JM-11'])
    expect(numbers('last-seen', true)).toEqual(['JM-11', 'JM-9', 'JM-10'])
    expect(numbers('violations', true)).toEqual(['JM-11', 'JM-9', 'JM-10'])
  })

  it('loses none, whatever it is', () => {
    for (const sort of COMPUTER_SORTS) expect(inOrder(all, sort, true)).toHaveLength(all.length)
  })
})
