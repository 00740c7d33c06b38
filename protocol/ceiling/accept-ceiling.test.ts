import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signEnvelope } from '../envelope.ts'
import { handsOver, judgeCeiling, judgeFirstCeiling } from './accept-ceiling.ts'
import { vouchesFor } from './daily-keys.ts'
import { HOLDERS, makeHolder, signedBy, testCeiling } from './fixtures/test-ceiling.ts'
import { encodeCeiling, readCeiling, signersOf } from './signatures.ts'

const daily = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const first = testCeiling([daily.publicKey])
const second = { ...first, version: 2 }
const [one, two, three] = HOLDERS

describe('a ceiling', () => {
  it('counts only with enough different keys of its own', () => {
    expect(judgeCeiling(signedBy(first), null)).toMatchObject({ kind: 'accepted' })
    expect(judgeCeiling(signedBy(first, [three, one]), null)).toMatchObject({ kind: 'accepted' })
    for (const holders of [[], [one], [one, one], [one, makeHolder()]]) {
      expect(judgeCeiling(signedBy(first, holders), null)).toMatchObject({ reason: 'not-enough-signatures' })
    }
  })

  it('counts a key once, however often its signature stands there', () => {
    const signed = signedBy(first, [one])
    const twice = { ...signed, signatures: [...signed.signatures, ...signed.signatures] }
    expect(signersOf(twice, [one.publicKey, one.publicKey])).toHaveLength(1)
    expect(judgeCeiling(twice, null)).toMatchObject({ reason: 'not-enough-signatures' })
  })

  it('takes no signature that was made over other bytes, nor one under another key’s name', () => {
    const other = signedBy({ ...first, unit: 'Another unit' })
    expect(judgeCeiling({ ...signedBy(first), signatures: other.signatures }, null)).toMatchObject({
      reason: 'not-enough-signatures',
    })
    const signed = signedBy(first, [one])
    const [signature] = signed.signatures
    const claimed = signedBy(first, [two]).signatures[0]
    if (signature === undefined || claimed === undefined) throw new Error('not signed')
    const forged = { ...signed, signatures: [signature, { ...signature, keyId: claimed.keyId }] }
    expect(judgeCeiling(forged, null)).toMatchObject({ reason: 'not-enough-signatures' })
  })

  it('follows another only with enough of its keys, and with a higher version', () => {
    const current = signedBy(second)
    expect(judgeCeiling(current, current)).toMatchObject({ kind: 'same' })
    expect(judgeCeiling(signedBy(first), current)).toMatchObject({ reason: 'older-version' })
    expect(judgeCeiling(signedBy({ ...second, commands: [] }), current)).toMatchObject({
      reason: 'version-reused',
    })
    expect(judgeCeiling(signedBy({ ...second, version: 3 }), current)).toMatchObject({ kind: 'accepted' })
    expect(judgeCeiling(signedBy({ ...second, version: 3, unit: 'Other' }), current)).toMatchObject({
      reason: 'foreign-unit',
    })
  })

  it('hands over to other keys only by the old ones and the new ones together', () => {
    const [four, five] = [makeHolder(), makeHolder()]
    const keys = [four, five].map(({ publicKey }) => ({ publicKey, holder: 'new' }))
    const handed = { ...first, version: 2, keys }
    const current = signedBy(first)
    expect(handsOver(first, handed)).toBe(true)
    expect(judgeCeiling(signedBy(handed, [four, five]), current)).toMatchObject({ reason: 'foreign-keys' })
    expect(judgeCeiling(signedBy(handed, [one, two]), current)).toMatchObject({
      reason: 'not-enough-signatures',
    })
    expect(judgeCeiling(signedBy(handed, [one, two, four, five]), current)).toMatchObject({
      kind: 'accepted',
    })
  })

  it('is none where a key stands there twice, nobody could reach the threshold, or a daily key is a ceiling key', () => {
    const [key] = first.keys
    if (key === undefined) throw new Error('no key')
    const broken = [
      { ...first, keys: [key, key] },
      { ...first, threshold: 4 },
      { ...first, threshold: 1 },
      { ...first, dailyKeys: [{ publicKey: one.publicKey, fromMs: 0, untilMs: 9 }] },
      { ...first, dailyKeys: first.dailyKeys.map((each) => ({ ...each, untilMs: each.fromMs })) },
      { ...first, network: { within: ['10.1.0.0/33'] } },
      { ...first, more: true },
    ]
    for (const each of broken) expect(() => encodeCeiling(each)).toThrow(/./)
    const payload = Buffer.from(JSON.stringify({ ...first, keys: [key, key] })).toString('base64')
    expect(readCeiling({ v: 1, payload, signatures: [] })).toBeNull()
  })

  it('never throws, whatever stands in it', () => {
    for (const each of [
      null,
      7,
      {},
      { v: 1, payload: '', signatures: [] },
      { v: 1, payload: '////', signatures: [] },
    ])
      expect(readCeiling(each)).toBeNull()
  })
})

describe('the first ceiling of an agent without one', () => {
  it('is taken only with the word of the daily key that it pinned, over these very bytes', () => {
    const ceiling = signedBy(first)
    const word = (key: string, bytes = Buffer.from(ceiling.payload, 'base64')) =>
      signEnvelope('first-ceiling', bytes, key).signature
    const judge = (dailySignature: string | null) =>
      judgeFirstCeiling({ ceiling, dailySignature }, daily.publicKey)
    expect(judge(word(daily.privateKey))).toMatchObject({ kind: 'accepted' })
    const other = generateKeyPairSync('ed25519')
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString()
    for (const wrong of [null, word(other), word(daily.privateKey, Buffer.from('{}'))])
      expect(judge(wrong)).toMatchObject({ reason: 'daily-key-did-not-sign' })
    const bytes = Buffer.from(ceiling.payload, 'base64')
    const asPolicy = signEnvelope('policy', bytes, daily.privateKey).signature
    expect(judge(asPolicy)).toMatchObject({ reason: 'daily-key-did-not-sign' })
  })
})

describe('a daily key', () => {
  it('is vouched for by what it signed within its span, while that is not long over', () => {
    const ceiling = testCeiling([daily.publicKey])
    const spans = [{ ...ceiling.dailyKeys[0], fromMs: 1_000, untilMs: 2_000 }] as typeof ceiling.dailyKeys
    const bounded = { ...ceiling, dailyKeys: spans }
    const asked = (issuedAtMs: number, nowMs: number) =>
      vouchesFor(bounded, daily.publicKey, { issuedAtMs, nowMs })
    expect([asked(1_000, 1_000), asked(2_000, 2_000), asked(1_500, 0)]).toEqual([true, true, true])
    expect([asked(999, 1_500), asked(2_001, 1_500), asked(1_500, 2_000 + 86_400_001)]).toEqual([
      false,
      false,
      false,
    ])
  })
})
