import { describe, expect, it } from 'vitest'
import { arcsOf } from './coverage-groups.ts'

describe('arcsOf', () => {
  it('draws nothing without computers and a whole ring where all are alike', () => {
    expect(arcsOf({ proven: 0, unproven: 0, broken: 0 }, 0.7)).toEqual([])
    expect(arcsOf({ proven: 0, unproven: 1, broken: 0 }, 0.7).map((one) => one.state)).toEqual(['unproven'])
  })

  it('shows one broken among thousands', () => {
    const arcs = arcsOf({ proven: 5_000, unproven: 0, broken: 1 }, 0.7)
    expect(arcs.map((one) => one.state)).toEqual(['broken', 'proven'])
    const endOfFirst = Number(arcs[0]?.path.match(/A1 1 0 0 1 (\S+)/)?.[1])
    expect(endOfFirst).toBeGreaterThan(0.1)
  })
})
