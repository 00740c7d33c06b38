import { describe, expect, it } from 'vitest'
import { chooseDeletions } from './retention.ts'

const segments = [1, 2, 3, 4, 5].map((n) => ({ firstSeq: n * 10, lastSeq: n * 10 + 9, bytes: 200 }))

describe('choosing what to delete', () => {
  it('deletes nothing while there is room, however much is acknowledged', () => {
    expect(chooseDeletions(segments, 1_000, { used: 750, max: 1_000 })).toEqual([])
  })

  it('deletes the oldest acknowledged segments until there is room', () => {
    const going = chooseDeletions(segments, 1_000, { used: 1_000, max: 1_000 })
    expect(going.map(({ firstSeq }) => firstSeq)).toEqual([10, 20])
  })

  it('never deletes a segment with one record that is not acknowledged', () => {
    expect(chooseDeletions(segments, 18, { used: 1_000, max: 1_000 })).toEqual([])
    expect(chooseDeletions(segments, 19, { used: 1_000, max: 1_000 })).toHaveLength(1)
  })

  it('never deletes the last segment', () => {
    expect(chooseDeletions(segments, 1_000, { used: 100_000, max: 1_000 })).toHaveLength(4)
  })
})
