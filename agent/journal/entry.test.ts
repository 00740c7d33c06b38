import { genesisHead, headAfter, LIMITS } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { decodeEntry, ENTRY_MAGIC, encodeEntry, isChained, makeEntry } from './entry.ts'

const genesis = genesisHead('a', 'e')

describe('journal entry', () => {
  it('comes back as it was written, with the head that the protocol says', () => {
    const entry = makeEntry(7, genesis, Buffer.from('{"hostile":"\u202e<script>"}'), 'sha-256')
    const decoded = decodeEntry(encodeEntry(entry), 0)
    expect(decoded).toMatchObject({ kind: 'entry', entry: { seq: 7 } })
    if (decoded.kind !== 'entry') return
    expect(decoded.entry.raw.equals(entry.raw)).toBe(true)
    expect(decoded.entry.headAfter.equals(headAfter(genesis, 7, entry.raw, 'sha-256'))).toBe(true)
    expect(isChained(decoded.entry, 'sha-256')).toBe(true)
  })

  it('is damaged by any single flipped bit', () => {
    const bytes = encodeEntry(makeEntry(1, genesis, Buffer.from('{"v":1}'), 'sha-256'))
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const copy = Buffer.from(bytes)
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(decodeEntry(copy, 0).kind).not.toBe('entry')
    }
  })

  it('is short, not damaged, wherever it is cut', () => {
    const bytes = encodeEntry(makeEntry(1, genesis, Buffer.from('{"v":1}'), 'sha-256'))
    for (let length = 0; length < bytes.length; length += 1) {
      expect(decodeEntry(bytes.subarray(0, length), 0).kind).toBe('short')
    }
  })

  it('holds a record at the limit and refuses a length one past it', () => {
    const largest = encodeEntry(makeEntry(1, genesis, Buffer.alloc(LIMITS.recordBytesMax, 0x20), 'sha-256'))
    expect(decodeEntry(largest, 0).kind).toBe('entry')
    const larger = encodeEntry(
      makeEntry(1, genesis, Buffer.alloc(LIMITS.recordBytesMax + 1, 0x20), 'sha-256'),
    )
    expect(decodeEntry(larger, 0).kind).toBe('damaged')
  })

  it('begins with bytes that no UTF-8 text can hold', () => {
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(ENTRY_MAGIC)).toThrow()
    for (const byte of [0xff, 0xfe]) expect(ENTRY_MAGIC.includes(byte)).toBe(true)
  })
})
