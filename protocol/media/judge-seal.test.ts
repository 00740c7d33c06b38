import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signEnvelope } from '../envelope.ts'
import { NOW_MS, SEAL, STICK, stickWith } from './fixtures/passports.ts'
import { judgeSeal, type SealAuthority } from './judge-seal.ts'
import { signSeal } from './seal.ts'
import { encodeSealBytes, readSealBytes } from './seal-bytes.ts'
import { revocationOf, timeWindowOf } from './seal-terms.ts'
import type { Revocation, Seal } from './shapes.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const policyKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string
const stranger = generateKeyPairSync('ed25519').privateKey
const authority: SealAuthority = { policyKeyPem, passport: STICK, revocations: [], nowMs: NOW_MS }
const readingOf = (seal: Partial<Seal> = {}, key = privateKey) =>
  readSealBytes(encodeSealBytes(signSeal({ ...SEAL, ...seal }, key)))
const missing: Revocation = {
  number: SEAL.number,
  level: 'secret',
  status: 'missing',
  issuedBeforeMs: null,
}
const otherStick = stickWith({ usb: { serial: '60A44C4252BAE360E9A70123' }, diskSerial: null })

describe('the seal on a medium', () => {
  it('is valid on the medium that it was made for', () => {
    expect(judgeSeal(readingOf(), authority)).toMatchObject({
      state: 'valid',
      reason: null,
      seal: SEAL,
      identity: { result: 'match' },
    })
  })

  it('is valid on a medium that was partly formatted, and says what changed', () => {
    const passport = stickWith({ fileSystems: [{ partition: 1, kind: 'ext4', uuid: 'a1', label: null }] })
    expect(judgeSeal(readingOf(), { ...authority, passport })).toMatchObject({
      state: 'valid',
      identity: { result: 'degraded' },
    })
  })

  it('is absent, and nothing is said of the identity, where there is none', () => {
    expect(judgeSeal({ kind: 'absent' }, authority)).toEqual({
      state: 'absent',
      reason: null,
      seal: null,
      identity: { result: 'unknown', reasons: [] },
    })
  })

  it('is refused with a reason of its own for each fault', () => {
    const whole = encodeSealBytes(signSeal(SEAL, privateKey))
    const over = Buffer.from(whole)
    over.fill(0, 100)
    const { payload, signature } = signEnvelope('seal', Buffer.from('{"v":2}'), privateKey)
    const reasonOf = (reading: ReturnType<typeof readSealBytes>, more: Partial<SealAuthority> = {}) =>
      judgeSeal(reading, { ...authority, ...more }).reason
    expect(reasonOf(readSealBytes(whole.subarray(0, 300)))).toBe('truncated')
    expect(reasonOf(readSealBytes(over))).toBe('malformed')
    expect(reasonOf(readingOf({}, stranger))).toBe('bad-signature')
    expect(reasonOf({ kind: 'found', signed: { payload, signature }, length: 1 })).toBe('bad-signature')
    expect(reasonOf(readingOf(), { passport: otherStick })).toBe('other-passport')
    expect(reasonOf(readingOf(), { revocations: [missing] })).toBe('revoked')
    expect(reasonOf(readingOf(), { nowMs: SEAL.validFromMs - 1 })).toBe('not-yet-valid')
    expect(reasonOf(readingOf(), { nowMs: SEAL.validUntilMs ?? 0 })).toBe('expired')
  })

  it('is refused as a copy on a clone, too', () => {
    const passport = stickWith({ sizeBytes: 64_000_000_000 })
    expect(judgeSeal(readingOf(), { ...authority, passport })).toMatchObject({
      reason: 'other-passport',
      identity: { result: 'clone-suspected' },
    })
  })

  it('is called a copy even of a medium that is missing, and names that medium', () => {
    const judged = judgeSeal(readingOf(), { ...authority, passport: otherStick, revocations: [missing] })
    expect(judged).toMatchObject({ reason: 'other-passport', seal: { number: SEAL.number } })
  })

  it('is good from its first millisecond and no more at its last', () => {
    const reading = readingOf()
    expect(judgeSeal(reading, { ...authority, nowMs: SEAL.validFromMs }).state).toBe('valid')
    expect(judgeSeal(reading, { ...authority, nowMs: (SEAL.validUntilMs ?? 0) - 1 }).state).toBe('valid')
    expect(timeWindowOf({ validFromMs: 0, validUntilMs: null }, Number.MAX_SAFE_INTEGER)).toBe('open')
  })
})

describe('a revocation', () => {
  const replaced: Revocation = { ...missing, status: 'replaced', issuedBeforeMs: SEAL.issuedAtMs }

  it('of older seals leaves the newer one good', () => {
    expect(revocationOf(SEAL, [replaced])).toBeNull()
    expect(revocationOf({ ...SEAL, issuedAtMs: SEAL.issuedAtMs - 1 }, [replaced])).toBe(replaced)
  })

  it('of the number wins over one that only says replaced', () => {
    const older = { ...SEAL, issuedAtMs: 0 }
    expect(revocationOf(older, [replaced, missing])).toBe(missing)
    expect(revocationOf(SEAL, [{ ...missing, number: 'M-1' }])).toBeNull()
  })
})
