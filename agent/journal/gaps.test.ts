import { describe, expect, it } from 'vitest'
import { newGaps } from './gaps.ts'

const known = {
  reason: 'segment-damaged',
  firstSeq: 5,
  lastSeq: 6,
  setAside: null,
  isDeclared: true,
} as const

describe('new gaps', () => {
  it('are what no known gap covers', () => {
    const gaps = newGaps([{ firstSeq: 3, lastSeq: 9, reason: 'segment-missing', setAside: null }], [known])
    expect(gaps.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
      [3, 4],
      [7, 9],
    ])
  })

  it('are none where all is known', () => {
    expect(
      newGaps([{ firstSeq: 5, lastSeq: 6, reason: 'segment-missing', setAside: null }], [known]),
    ).toEqual([])
  })
})
