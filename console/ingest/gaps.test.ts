import { expect, it } from 'vitest'
import { settleGaps } from './gaps.ts'

const gap = { epoch: 'e1', firstSeq: 5, lastSeq: 9, noticedAt: 1, declareBySeq: 20 }

it('settles a gap as declared where the journal declares all of it, in one part or several', () => {
  const declared = [{ firstSeq: 5, lastSeq: 9, state: 'declared' }]
  expect(settleGaps([gap], [{ firstSeq: 5, lastSeq: 9 }], 12)).toEqual(declared)
  expect(
    settleGaps(
      [gap],
      [
        { firstSeq: 7, lastSeq: 9 },
        { firstSeq: 3, lastSeq: 6 },
      ],
      12,
    ),
  ).toEqual(declared)
})

it('waits for the end that the agent named, then calls the gap undeclared', () => {
  expect(
    settleGaps(
      [gap],
      [
        { firstSeq: 5, lastSeq: 7 },
        { firstSeq: 9, lastSeq: 9 },
      ],
      19,
    ),
  ).toEqual([])
  expect(settleGaps([gap], [{ firstSeq: 5, lastSeq: 7 }], 20)).toEqual([
    { firstSeq: 5, lastSeq: 9, state: 'undeclared' },
  ])
})
