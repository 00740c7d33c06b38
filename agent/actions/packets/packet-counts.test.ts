import { describe, expect, it } from 'vitest'
import { NO_COUNTS, PacketCounts } from './packet-counts.ts'

describe('PacketCounts', () => {
  it('declares what an earlier run was never told of', () => {
    const counts = new PacketCounts({ counted: 100, dropped: 0, unlogged: 30 }, 60)
    expect(counts.totals(0)).toMatchObject({ counted: 100, reported: 60, lost: 40 })
  })

  it('declares each kind of loss once', () => {
    const counts = new PacketCounts(NO_COUNTS, 0)
    counts.read({ counted: 100, dropped: 100, unlogged: 10 })
    counts.addOverflowed(3)
    counts.addReported(75)
    counts.settle(85)
    expect(counts.totals(7)).toEqual({
      counted: 100,
      approved: 0,
      prohibited: 100,
      reported: 75,
      // Ten for the rate, seven that were numbered and did not come, three for want of room, five never numbered.
      lost: 25,
      refused: 100,
    })
  })

  it('takes nothing for lost that is still under way', () => {
    const counts = new PacketCounts(NO_COUNTS, 0)
    counts.read({ counted: 10, dropped: 0, unlogged: 0 })
    counts.settle(12)
    expect(counts.totals(0)).toMatchObject({ counted: 10, reported: 0, lost: 0 })
  })

  it('goes on from where a counter was set back, and says that it was', () => {
    const counts = new PacketCounts(NO_COUNTS, 0)
    expect(counts.read({ counted: 10, dropped: 10, unlogged: 2 })).toBe(false)
    expect(counts.read({ counted: 1, dropped: 1, unlogged: 0 })).toBe(true)
    expect(counts.totals(0)).toMatchObject({ counted: 11, refused: 11, lost: 2 })
  })
})
