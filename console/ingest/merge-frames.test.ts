import {
  encodeRecordsFrame,
  genesisHead,
  headAfter,
  parseRecordsFrame,
  type RecordsFrame,
} from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { checkFrame } from './check-frame.ts'
import { mergeFrames } from './merge-frames.ts'

const context = { agent: 'a', epoch: 'e', stored: null }
const raws = Array.from({ length: 9 }, (_, n) => Buffer.from(`{"n":${n}}`))
const heads = raws.reduce(
  (known, raw, at) => [...known, headAfter(known[at] ?? Buffer.alloc(32), at + 1, raw, 'sha-256')],
  [genesisHead('a', 'e')],
)
const hex = (seq: number): string => heads[seq]?.toString('hex') ?? ''

function frame(from: number, to: number, more: Partial<RecordsFrame['header']> = {}): RecordsFrame {
  const header = {
    epoch: 'e',
    firstSeq: from,
    headBefore: hex(from - 1),
    headAfter: hex(to),
    gap: null,
    ...more,
  }
  return parseRecordsFrame(encodeRecordsFrame(header, raws.slice(from - 1, to)))
}

it('joins an unbroken run into a frame that holds as each of them does', () => {
  const merged = mergeFrames([frame(1, 2), frame(3, 3), frame(4, 9)], 0)
  if (merged === null) throw new Error('not merged')
  const { fresh } = checkFrame(merged, context)
  expect(fresh.map((one) => one.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(fresh.at(-1)?.head).toBe(hex(9))
  expect(checkFrame(frame(1, 9), context).fresh).toEqual(fresh)
})

it.each([
  ['a number left out', [frame(1, 2), frame(4, 5)]],
  ['a number that comes again', [frame(1, 2), frame(2, 3)]],
  ['a seam where the heads differ', [frame(1, 2), frame(3, 4, { headBefore: hex(7) })]],
  ['another journal', [frame(1, 2), frame(3, 4, { epoch: 'f' })]],
  ['a gap', [frame(1, 2), frame(3, 4, { gap: { firstSeq: 1, lastSeq: 2 } })]],
  ['a beginning that is stored already', [frame(2, 3), frame(4, 5)]],
])('joins nothing that has %s', (_, frames) => {
  expect(mergeFrames(frames, 0)).toBeNull()
})

it('lets no frame pass with a head that is not its own, although the whole holds', () => {
  const wrong = hex(7)
  const merged = mergeFrames([frame(1, 2, { headAfter: wrong }), frame(3, 4, { headBefore: wrong })], 0)
  if (merged === null) throw new Error('not merged')
  expect(() => checkFrame(merged, context)).toThrow('is not that of its records')
})
