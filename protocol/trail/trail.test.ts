import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkpointText, parseCheckpointText } from './checkpoint-text.ts'
import { encodeTrailEntry, parseTrailEntry, TRAIL_LIMITS, type TrailEntry } from './entry.ts'
import { type Checkpoint, isCheckpointOf, isWitnessOf, signCheckpoint, signWitness } from './signed-head.ts'
import { EVIDENCE_CHAIN, TRAIL_CHAIN } from './trail-chain.ts'

const entry: TrailEntry = {
  v: 1,
  seq: 1,
  atMs: 5,
  account: 'li',
  role: 'sec-admin',
  act: 'policy-change',
  object: 'agent-1',
  detail: '',
  outcome: { kind: 'intended' },
  address: '10.0.0.7',
}
const checkpoint: Checkpoint = {
  origin: 'ab'.repeat(16),
  seq: 12,
  head: 'cd'.repeat(32),
  atMs: 1_700_000_000_000,
  kept: 3,
  keptHead: 'ef'.repeat(32),
  journals: 2,
  journalsRoot: '01'.repeat(32),
}
const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

describe('the chains of the console', () => {
  it('are those that were set for good', () => {
    const genesis = TRAIL_CHAIN.genesis('ab'.repeat(16))
    expect(genesis.toString('hex')).toBe('8afe560bd955f9a4748cb063a84b9f977156cf4edc3d9133031c148ff7ef90e2')
    expect(TRAIL_CHAIN.after(genesis, 1, Buffer.from('{}')).toString('hex')).toBe(
      '6538a915182e2a2bbea951554d6852de698c5d693d1ea1b5a36ef85835ce1387',
    )
    expect(
      EVIDENCE_CHAIN.after(EVIDENCE_CHAIN.genesis('ab'.repeat(16)), 1, Buffer.from('{}')).toString('hex'),
    ).toBe('ddb584e39bb80ac1346ccc13c18a7e64a08ab61fa42e106b5de7df658ac298b1')
  })
})

describe('an entry of the log', () => {
  it('is read as it was written, hostile text included', () => {
    const hostile = {
      ...entry,
      object: '=cmd|\u202E\u0000\ud800',
      reason: '</script>',
      before: { a: [1] },
      after: null,
    }
    expect(parseTrailEntry(encodeTrailEntry(hostile))).toEqual(hostile)
  })

  it('holds what is too long as its digest, and never more than its bounds', () => {
    const long = 'x'.repeat(TRAIL_LIMITS.textMax)
    expect(parseTrailEntry(encodeTrailEntry({ ...entry, detail: long })).detail).toBe(long)
    expect(parseTrailEntry(encodeTrailEntry({ ...entry, detail: `${long}x` })).detail).toMatch(
      /^x{512}… \(sha256 [0-9a-f]{64}\)$/,
    )
    const list = 'y'.repeat(TRAIL_LIMITS.valueBytesMax - 1)
    expect(parseTrailEntry(encodeTrailEntry({ ...entry, after: list })).after).toMatchObject({
      bytes: TRAIL_LIMITS.valueBytesMax + 1,
    })
  })

  it.each(['', 'null', '[]', '{"v":2}', '{"v":1,"seq":1}', '\xff'])('is not what %j is', (text) => {
    expect(() => parseTrailEntry(Buffer.from(text, 'latin1'))).toThrow()
  })
})

describe('a signed head', () => {
  it('holds for what was signed, and for nothing else', () => {
    const witness = signWitness({ seq: 7, head: 'ab'.repeat(32) }, privateKey)
    expect(isWitnessOf(witness, publicKey)).toBe(true)
    expect(isWitnessOf({ ...witness, seq: 8 }, publicKey)).toBe(false)
    expect(isWitnessOf({ ...witness, head: 'ac'.repeat(32) }, publicKey)).toBe(false)
    const signed = signCheckpoint(checkpoint, privateKey)
    expect(isCheckpointOf(signed, publicKey)).toBe(true)
    for (const field of Object.keys(checkpoint) as (keyof Checkpoint)[]) {
      const value = signed[field]
      const other = typeof value === 'number' ? value + 1 : value.replace(/./, 'f')
      expect([field, isCheckpointOf({ ...signed, [field]: other }, publicKey)]).toEqual([field, false])
    }
  })

  it('is read from its line, broken by a printer or not, and from number and head alone', () => {
    const signed = signCheckpoint(checkpoint, privateKey)
    const text = checkpointText(signed)
    expect(parseCheckpointText(`  ${text.replaceAll(' ', '\n ')}\n`)).toEqual({
      kind: 'signed',
      checkpoint: signed,
    })
    expect(parseCheckpointText(`12 ${'CDCD '.repeat(16)}`)).toEqual({
      kind: 'head',
      seq: 12,
      head: checkpoint.head,
    })
    for (const wrong of ['', '12', `12 ${'cd'.repeat(31)}`, text.slice(0, -1), `x ${checkpoint.head}`]) {
      expect(() => parseCheckpointText(wrong)).toThrow('A checkpoint is the line')
    }
  })
})
