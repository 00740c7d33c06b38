import {
  type ChainHash,
  encodeRecordsFrame,
  genesisHead,
  hashOf,
  headAfter,
  parseRecordsFrame,
  type RecordsFrame,
} from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { checkFrame, type FrameContext } from './check-frame.ts'

const agent = 'a1'
const epoch = 'e1'
const raws = Array.from({ length: 10 }, (_, index) => Buffer.from(`record ${index + 1}`))
const heads = [genesisHead(agent, epoch)]
for (const [index, raw] of raws.entries())
  heads.push(headAfter(heads[index] ?? Buffer.alloc(32), index + 1, raw, 'sha-256'))
const headAt = (seq: number): string => heads[seq]?.toString('hex') ?? ''

function frame(from: number, to: number, more: Partial<RecordsFrame['header']> = {}): RecordsFrame {
  const header = {
    epoch,
    firstSeq: from,
    headBefore: headAt(from - 1),
    headAfter: headAt(to),
    gap: null,
    ...more,
  }
  return parseRecordsFrame(encodeRecordsFrame(header, raws.slice(from - 1, to)))
}

const context = (seq: number): FrameContext => ({
  agent,
  epoch,
  stored: seq === 0 ? null : { epoch, seq, head: headAt(seq) },
})

describe('a frame of records', () => {
  it('that goes on where the journal ends is fresh', () => {
    expect(checkFrame(frame(1, 3), context(0)).fresh.map((one) => one.seq)).toEqual([1, 2, 3])
    expect(checkFrame(frame(4, 5), context(3)).fresh.map((one) => one.head)).toEqual([headAt(4), headAt(5)])
  })

  it('that repeats stored records names them to be compared, and the rest as fresh', () => {
    const checked = checkFrame(frame(2, 6), context(4))
    expect(checked.resent.map((one) => one.seq)).toEqual([2, 3, 4])
    expect(checked.fresh.map((one) => one.seq)).toEqual([5, 6])
    expect(checkFrame(frame(1, 2), context(4))).toMatchObject({ fresh: [], gap: null })
  })

  it('that jumps is out of sequence, unless it names what it no longer has', () => {
    expect(() => checkFrame(frame(6, 7), context(3))).toThrow(
      expect.objectContaining({ code: 'out-of-sequence' }),
    )
    const named = frame(6, 7, { gap: { firstSeq: 4, lastSeq: 5 } })
    expect(checkFrame(named, context(3)).gap).toMatchObject({
      firstSeq: 4,
      lastSeq: 5,
      headBefore: named.header.headBefore,
    })
    for (const gap of [
      { firstSeq: 5, lastSeq: 5 },
      { firstSeq: 4, lastSeq: 4 },
    ]) {
      expect(() => checkFrame(frame(6, 7, { gap }), context(3))).toThrow(
        expect.objectContaining({ code: 'out-of-sequence' }),
      )
    }
  })

  it('whose first head is not the stored one breaks the chain', () => {
    const forked = [Buffer.from('other')]
    const before = Buffer.alloc(32, 7)
    const header = {
      epoch,
      firstSeq: 4,
      headBefore: before.toString('hex'),
      headAfter: headAfter(before, 4, forked[0] ?? Buffer.alloc(0), 'sha-256').toString('hex'),
      gap: null,
    }
    const other = parseRecordsFrame(encodeRecordsFrame(header, forked))
    expect(() => checkFrame(other, context(3))).toThrow(expect.objectContaining({ code: 'chain-broken' }))
    const first = {
      ...other,
      header: {
        ...other.header,
        firstSeq: 1,
        headAfter: headAfter(before, 1, Buffer.from('other'), 'sha-256').toString('hex'),
      },
    }
    expect(() => checkFrame(first, context(0))).toThrow(expect.objectContaining({ code: 'chain-broken' }))
  })

  it('that overlaps with another content is a replay with a difference', () => {
    const changed = [Buffer.from('record 3!'), Buffer.from('record 4')]
    const after = changed.reduce(
      (head, raw, index) => headAfter(head, 3 + index, raw, 'sha-256'),
      heads[2] ?? Buffer.alloc(32),
    )
    const header = { epoch, firstSeq: 3, headBefore: headAt(2), headAfter: after.toString('hex'), gap: null }
    const other = parseRecordsFrame(encodeRecordsFrame(header, changed))
    expect(() => checkFrame(other, context(3))).toThrow(
      expect.objectContaining({ code: 'replayed-differently' }),
    )
  })

  it('that does not hold together, or names another journal, is refused', () => {
    expect(() => checkFrame(frame(1, 2, { headAfter: headAt(3) }), context(0))).toThrow(
      expect.objectContaining({ code: 'malformed-frame' }),
    )
    expect(() => checkFrame(frame(1, 2, { epoch: 'e2' }), context(0))).toThrow(
      expect.objectContaining({ code: 'foreign-record' }),
    )
  })
})

describe('a frame of a journal chained with SM3', () => {
  const named = { agent, epoch: 'sm3.e1', stored: null }
  const taken = raws.slice(0, 3)

  function chained(chainHash: ChainHash, before: Buffer): RecordsFrame {
    const after = taken.reduce((head, raw, index) => headAfter(head, index + 1, raw, chainHash), before)
    const ends = { headBefore: before.toString('hex'), headAfter: after.toString('hex') }
    return parseRecordsFrame(
      encodeRecordsFrame({ epoch: named.epoch, firstSeq: 1, ...ends, gap: null }, taken),
    )
  }
  const genesis = genesisHead(agent, named.epoch)

  it('is taken with the heads that SM3 makes, and goes on from them', () => {
    const { fresh } = checkFrame(chained('sm3', genesis), named)
    const last = taken.reduce((head, raw, index) => headAfter(head, index + 1, raw, 'sm3'), genesis)
    expect(fresh.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(fresh.at(-1)?.head).toBe(last.toString('hex'))
  })

  it('is refused where its records were hashed with SHA-256, or its first head was', () => {
    expect(() => checkFrame(chained('sha-256', genesis), named)).toThrow(
      expect.objectContaining({ code: 'malformed-frame' }),
    )
    // What the genesis of that very name would be, were it SHA-256's.
    const other = hashOf('sha-256', 'shoukou.genesis.v1\0', `${agent}\0${named.epoch}`)
    expect(() => checkFrame(chained('sm3', other), named)).toThrow(
      expect.objectContaining({ code: 'chain-broken' }),
    )
  })
})
