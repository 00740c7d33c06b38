import { genesisHead } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { seeded } from '../testing/journal-bench.ts'
import { type Entry, encodeEntry, makeEntry } from './entry.ts'
import { hasOnlyTornTail, scanSegment } from './scan-segment.ts'
import { encodeSegmentHeader } from './segment-header.ts'

const genesis = genesisHead('a', 'e')
const header = encodeSegmentHeader({
  v: 1,
  agent: 'a',
  epoch: 'e',
  firstSeq: 1,
  head: genesis.toString('hex'),
})

function chain(count: number): Entry[] {
  const entries: Entry[] = []
  let head = genesis
  for (let seq = 1; seq <= count; seq += 1) {
    const entry = makeEntry(
      seq,
      head,
      Buffer.from(JSON.stringify({ seq, text: 'x'.repeat(seq % 40) })),
      'sha-256',
    )
    entries.push(entry)
    head = entry.headAfter
  }
  return entries
}

function fileOf(entries: readonly Entry[]): Buffer {
  return Buffer.concat([header, ...entries.map(encodeEntry)])
}

describe('scanning a segment', () => {
  it('finds one run in a whole file', () => {
    const scan = scanSegment(fileOf(chain(20)), 'sha-256')
    expect(scan.faults).toEqual([])
    expect(scan.runs).toMatchObject([{ firstSeq: 1, lastSeq: 20 }])
    expect(scan.endOfEntries).toBe(scan.size)
  })

  it('calls a file cut anywhere inside the last entry torn, and keeps all before it', () => {
    const entries = chain(5)
    const whole = fileOf(entries)
    const before = fileOf(entries.slice(0, 4)).length
    for (let length = before + 1; length < whole.length; length += 1) {
      const scan = scanSegment(whole.subarray(0, length), 'sha-256')
      expect(hasOnlyTornTail(scan)).toBe(true)
      expect(scan.runs.at(-1)?.lastSeq).toBe(4)
      expect(scan.endOfEntries).toBe(before)
    }
  })

  it('calls a tail of zeros torn: some file systems leave one after a power cut', () => {
    const scan = scanSegment(Buffer.concat([fileOf(chain(3)), Buffer.alloc(4_096)]), 'sha-256')
    expect(hasOnlyTornTail(scan)).toBe(true)
    expect(scan.runs.at(-1)?.lastSeq).toBe(3)
  })

  it('loses at most the entry that a flipped bit hit, wherever it hits', () => {
    const random = seeded(42)
    const entries = chain(40)
    const whole = fileOf(entries)
    for (let round = 0; round < 400; round += 1) {
      const copy = Buffer.from(whole)
      const at = Math.floor(random() * copy.length)
      copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8))
      const scan = scanSegment(copy, 'sha-256')
      const kept = scan.runs.reduce((sum, run) => sum + run.lastSeq - run.firstSeq + 1, 0)
      expect(scan.faults.length).toBeGreaterThan(0)
      expect(kept).toBeGreaterThanOrEqual(at < header.length ? 40 : 39)
    }
  })

  it('finds a head that cannot be right although the checksum holds, in the very entry', () => {
    const entries = chain(6)
    const third = entries[2]
    if (third === undefined) throw new Error('no third entry')
    const forged = { ...third, raw: Buffer.from('{"forged":true}') }
    const scan = scanSegment(fileOf([...entries.slice(0, 2), forged, ...entries.slice(3)]), 'sha-256')
    expect(scan.faults).toMatchObject([{ kind: 'chain-mismatch', seq: 3 }])
    expect(scan.runs).toMatchObject([
      { firstSeq: 1, lastSeq: 2 },
      { firstSeq: 4, lastSeq: 6 },
    ])
  })

  it('does not take an entry that was spliced in with a chain of its own', () => {
    const entries = chain(4)
    const spliced = makeEntry(3, genesis, Buffer.from('{"other":"history"}'), 'sha-256')
    const scan = scanSegment(fileOf([...entries.slice(0, 2), spliced, ...entries.slice(3)]), 'sha-256')
    expect(scan.faults).toMatchObject([{ kind: 'chain-mismatch', seq: 3 }])
  })

  it('does not take an entry again that comes twice', () => {
    const entries = chain(3)
    const scan = scanSegment(fileOf([...entries, ...entries.slice(2)]), 'sha-256')
    expect(scan.faults).toMatchObject([{ kind: 'chain-mismatch', seq: 3 }])
    expect(scan.runs).toMatchObject([{ firstSeq: 1, lastSeq: 3 }])
  })

  it('finds the entries of a file whose header is lost', () => {
    const whole = fileOf(chain(4))
    whole.fill(0, 0, header.length)
    const scan = scanSegment(whole, 'sha-256')
    expect(scan.header).toBeNull()
    expect(scan.runs).toMatchObject([{ firstSeq: 1, lastSeq: 4 }])
  })

  it('leaves out what a later segment holds', () => {
    const scan = scanSegment(fileOf(chain(9)), 'sha-256', 6)
    expect(scan.runs).toMatchObject([{ firstSeq: 1, lastSeq: 5 }])
    expect(scan.faults).toEqual([])
  })
})
