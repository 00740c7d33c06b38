import { describe, expect, it } from 'vitest'
import type { Computer } from '../../api/contract.ts'
import { groupByWatch, ringArcs } from './coverage-groups.ts'

const computer = (number: string, state: Computer['watch']['state']) =>
  ({ number, agent: number, watch: { state, reasons: [] } }) as unknown as Computer

describe('groupByWatch', () => {
  it('sorts numbers as people count them', () => {
    const groups = groupByWatch([
      computer('JM-10', 'proven'),
      computer('JM-9', 'proven'),
      computer('JM-1', 'broken'),
    ])
    expect(groups.proven.map((one) => one.number)).toEqual(['JM-9', 'JM-10'])
    expect(groups.broken.length).toBe(1)
    expect(groups.unproven).toEqual([])
  })
})

describe('ringArcs', () => {
  it('draws nothing without computers and a whole ring where all are alike', () => {
    expect(ringArcs(groupByWatch([]), 0.7)).toEqual([])
    expect(ringArcs(groupByWatch([computer('1', 'unproven')]), 0.7).map((one) => one.state)).toEqual([
      'unproven',
    ])
  })

  it('shows one broken among thousands', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => computer(String(at), 'proven'))
    const arcs = ringArcs(groupByWatch([...many, computer('x', 'broken')]), 0.7)
    expect(arcs.map((one) => one.state)).toEqual(['broken', 'proven'])
    const endOfFirst = Number(arcs[0]?.path.match(/A1 1 0 0 1 (\S+)/)?.[1])
    expect(endOfFirst).toBeGreaterThan(0.1)
  })
})
