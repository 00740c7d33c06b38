import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hashOf } from './algorithms/hashes.ts'
import { chainHashOf, epochName, genesisHead, headAfter, nextHead, recordDigest } from './chain.ts'

interface Vector {
  name: string
  agent: string
  epoch: string
  genesis: string
  before: string
  records: {
    seq: number
    raw: string | null
    rawByte?: string
    rawLength?: number
    digest: string
    head: string
  }[]
}

const file = join(import.meta.dirname, 'fixtures/chain-vectors.json')
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }

describe('the hash chain', () => {
  it('has vectors to be compared with', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(5)
  })

  it.each(vectors)('agrees with another implementation: $name', (vector) => {
    expect(genesisHead(vector.agent, vector.epoch).toString('hex')).toBe(vector.genesis)
    const hash = chainHashOf(vector.epoch)
    let head: Buffer = Buffer.from(vector.before, 'hex')
    for (const record of vector.records) {
      const raw =
        record.raw === null
          ? Buffer.alloc(record.rawLength ?? 0, record.rawByte)
          : Buffer.from(record.raw, 'base64')
      expect(recordDigest(raw, hash).toString('hex')).toBe(record.digest)
      expect(nextHead(head, record.seq, Buffer.from(record.digest, 'hex'), hash).toString('hex')).toBe(
        record.head,
      )
      head = headAfter(head, record.seq, raw, hash)
      expect(head.toString('hex')).toBe(record.head)
    }
  })

  it('begins differently for each agent and each journal', () => {
    const heads = [
      ['agent-1', 'epoch-1'],
      ['agent-1', 'epoch-2'],
      ['agent-2', 'epoch-1'],
    ].map(([agent, epoch]) => genesisHead(agent ?? '', epoch ?? '').toString('hex'))
    expect(new Set(heads).size).toBe(3)
  })

  it('does not let the border between agent and epoch slide', () => {
    expect(genesisHead('ab', 'c')).not.toEqual(genesisHead('a', 'bc'))
  })

  it('changes with one bit of a record, with its number, and with the head before', () => {
    const before = genesisHead('a', 'e')
    const raw = Buffer.from('{"seq":1}')
    const flipped = Buffer.from(raw)
    flipped[3] = (flipped[3] ?? 0) ^ 1
    const heads = [
      headAfter(before, 1, raw, 'sha-256'),
      headAfter(before, 1, flipped, 'sha-256'),
      headAfter(before, 2, raw, 'sha-256'),
      headAfter(genesisHead('a', 'f'), 1, raw, 'sha-256'),
    ].map((head) => head.toString('hex'))
    expect(new Set(heads).size).toBe(4)
  })

  it('leaves the head that it goes on from untouched', () => {
    const before = genesisHead('a', 'e')
    const copy = Buffer.from(before)
    headAfter(before, 1, Buffer.from('x'), 'sha-256')
    expect(before).toEqual(copy)
  })

  it('reads a view into a larger buffer as its own bytes alone', () => {
    const whole = Buffer.from('xx{"a":1}yy')
    expect(recordDigest(whole.subarray(2, 9), 'sha-256')).toEqual(
      recordDigest(Buffer.from('{"a":1}'), 'sha-256'),
    )
  })

  it('is made with the hash that the journal’s name says, and the name is in its first head', () => {
    expect(chainHashOf(epochName('sm3', '0001-0123456789abcdef'))).toBe('sm3')
    expect(chainHashOf(epochName('sha-256', '0001-0123456789abcdef'))).toBe('sha-256')
    for (const name of ['', 'sm3', 'SM3.1', '0001-sm3.', ' sm3.1']) expect(chainHashOf(name)).toBe('sha-256')
    const named = genesisHead('a', 'sm3.1')
    expect(named).toEqual(hashOf('sm3', 'shoukou.genesis.v1\0a\0sm3.1'))
    expect(named).not.toEqual(hashOf('sha-256', 'shoukou.genesis.v1\0a\0sm3.1'))
    const raw = Buffer.from('{"seq":1}')
    expect(headAfter(named, 1, raw, 'sm3')).not.toEqual(headAfter(named, 1, raw, 'sha-256'))
  })
})
