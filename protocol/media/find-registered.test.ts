import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../fixtures/seeded-random.ts'
import { DEFAULT_POLICY_SETTINGS, type Policy } from '../policy.ts'
import { comparePassports } from './compare-passports.ts'
import { decideMedium } from './decide-medium.ts'
import { type FindQuestion, findRegistered } from './find-registered.ts'
import { CARD, NAMELESS, NOW_MS, PORTABLE_DISK, SEAL, STICK, stickWith } from './fixtures/passports.ts'
import { signSeal } from './seal.ts'
import { encodeSealBytes, readSealBytes, type SealReading } from './seal-bytes.ts'
import { openPolicySeals, sealsFor } from './seal-index.ts'
import type { Passport, Revocation, Seal } from './shapes.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const policyKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string
const stranger = generateKeyPairSync('ed25519').privateKey
const sign = (seal: Partial<Seal>, key = privateKey) => signSeal({ ...SEAL, ...seal }, key)
const onMedium = (seal: Partial<Seal>, key = privateKey): SealReading =>
  readSealBytes(encodeSealBytes(sign(seal, key)))
const absent: SealReading = { kind: 'absent' }
const settings = { ...DEFAULT_POLICY_SETTINGS, level: 'secret' as const }
const stranded = stickWith({ usb: { serial: '60A44C4252BAE360E9A70123' }, diskSerial: null })

function question(more: {
  readonly passport?: Passport
  readonly reading?: SealReading | null
  readonly seals?: readonly Partial<Seal>[]
  readonly revocations?: Revocation[]
  readonly settings?: Policy['settings']
}): FindQuestion {
  const seals = (more.seals ?? []).map((seal) => sign(seal))
  return {
    passport: more.passport ?? STICK,
    reading: more.reading === undefined ? absent : more.reading,
    policy: {
      settings: more.settings ?? settings,
      media: { seals, revocations: more.revocations ?? [] },
    },
    policyKeyPem,
    nowMs: NOW_MS,
  }
}
const find = (more: Parameters<typeof question>[0]) => findRegistered(question(more))

describe('which registered medium it is', () => {
  it('is told by the seal on it, with a policy that knows nothing of it', () => {
    expect(find({ reading: onMedium({}) })).toMatchObject({
      ...{ result: 'match', source: 'seal', number: SEAL.number, level: 'secret' },
      ...{ sealState: 'valid', sealReason: null, sealId: SEAL.id },
    })
  })

  it('is told by the policy where the seal was formatted away', () => {
    const passport = stickWith({ partitionTable: null, fileSystems: [] })
    expect(find({ passport, seals: [{}] })).toMatchObject({
      ...{ result: 'match', source: 'policy', number: SEAL.number },
      ...{ sealState: 'absent', sealId: null },
    })
  })

  it('is told by the policy where the place of the seal could not be read', () => {
    expect(find({ reading: null, seals: [{}] })).toMatchObject({ source: 'policy', sealState: 'unread' })
  })

  it('is the newer certificate of one number, wherever it stands', () => {
    const newer = { id: 'seal-new', issuedAtMs: SEAL.issuedAtMs + 1, right: 'read-only' as const }
    expect(find({ reading: onMedium({}), seals: [newer] })).toMatchObject({
      source: 'policy',
      seal: { id: 'seal-new', right: 'read-only' },
    })
    expect(find({ reading: onMedium(newer), seals: [{}] })).toMatchObject({
      source: 'seal',
      seal: { id: 'seal-new' },
    })
  })

  it('is the policy seal that fits best', () => {
    const degraded = {
      number: 'M-2',
      passport: stickWith({ fileSystems: [], partitionTable: { kind: 'gpt', id: 'a' } }),
    }
    expect(find({ seals: [degraded, {}] })).toMatchObject({ result: 'match', number: SEAL.number })
    expect(find({ seals: [{ passport: stranded, number: 'M-3' }, degraded] })).toMatchObject({
      result: 'degraded',
      number: 'M-2',
    })
  })

  it('is that of the highest level where nothing tells two apart', () => {
    const twins = [
      { number: 'M-1', level: 'confidential', passport: NAMELESS, issuedAtMs: 9_000 },
      { number: 'M-2', level: 'top-secret', passport: NAMELESS, issuedAtMs: 1 },
    ] as const
    expect(find({ passport: NAMELESS, seals: twins })).toMatchObject({ number: 'M-2' })
    expect(find({ passport: NAMELESS, seals: twins.toReversed() })).toMatchObject({ number: 'M-2' })
  })

  it('is nobody where nothing fits', () => {
    expect(find({ passport: stranded, seals: [{}] })).toMatchObject({
      ...{ result: 'unknown', source: 'none', seal: null, number: null, level: null },
    })
  })

  it('takes no seal of another authority, on the medium or in the policy', () => {
    expect(find({ reading: onMedium({}, stranger) })).toMatchObject({
      result: 'unknown',
      sealReason: 'bad-signature',
    })
    const policy = { settings, media: { seals: [sign({}, stranger)], revocations: [] } }
    expect(findRegistered({ ...question({}), policy })).toMatchObject({ result: 'unknown' })
    expect(openPolicySeals(policy.media, policyKeyPem)).toMatchObject({ seals: [], refused: 1 })
  })
})

describe('a medium that is not what it says', () => {
  it('is suspected a clone by the policy seal whose numbers it shows', () => {
    const passport = stickWith({ sizeBytes: 1_024_000 })
    expect(find({ passport, seals: [{}] })).toMatchObject({
      ...{ result: 'clone-suspected', source: 'policy', number: SEAL.number },
    })
  })

  it('is no clone of one where it is truly another that is registered', () => {
    const passport = stickWith({ sizeBytes: 1_024_000 })
    expect(find({ passport, seals: [{}, { number: 'M-9', passport }] })).toMatchObject({
      result: 'match',
      number: 'M-9',
    })
  })

  it('is a mismatch where it carries the seal of another medium', () => {
    const found = find({ passport: stranded, reading: onMedium({}) })
    expect(found).toMatchObject({
      ...{ result: 'clone-suspected', source: 'seal', number: SEAL.number },
      ...{ sealState: 'refused', sealReason: 'other-passport' },
    })
    const asked = { host: { number: 'C-1', level: 'secret', roles: [] }, user: null } as const
    expect(decideMedium({ identity: found, ...asked, revocations: [], nowMs: NOW_MS })).toMatchObject({
      right: 'none',
      rule: 'media-identity-mismatch',
    })
  })

  it('is itself where it is registered and carries a copied seal', () => {
    const own = { number: 'M-9', passport: stranded }
    expect(find({ passport: stranded, reading: onMedium({}), seals: [own] })).toMatchObject({
      ...{ result: 'match', source: 'policy', number: 'M-9', sealReason: 'other-passport' },
    })
  })

  it('is not let in by the list of device ids when it is suspected a clone', () => {
    const usb = STICK.usb
    if (usb === null || usb.serial === null) throw new Error('the stick has a serial')
    const registeredMedia = [
      { vendorId: usb.vendorId, productId: usb.productId, serial: usb.serial, note: '' },
    ]
    const passport = stickWith({ sizeBytes: 1_024_000 })
    expect(find({ passport, seals: [{}], settings: { ...settings, registeredMedia } }).result).toBe(
      'clone-suspected',
    )
    expect(find({ passport, settings: { ...settings, registeredMedia } })).toMatchObject({
      ...{ result: 'match', source: 'device-ids', level: 'secret', number: null },
    })
    const oneByte = [{ ...registeredMedia[0], serial: 'E0D55EA573DCF450E97A104B ' }] as typeof registeredMedia
    expect(find({ settings: { ...settings, registeredMedia: oneByte } }).result).toBe('unknown')
  })
})

describe('a certificate that is no longer good', () => {
  const missing: Revocation = {
    number: SEAL.number,
    level: 'secret',
    status: 'missing',
    issuedBeforeMs: null,
  }
  const asked = { host: { number: 'C-2024-0012', level: 'secret', roles: [] }, user: null } as const

  it('still names its medium, so that it is refused by its number', () => {
    const found = find({ reading: onMedium({}), revocations: [missing] })
    expect(found).toMatchObject({ number: SEAL.number, sealState: 'refused', sealReason: 'revoked' })
    expect(decideMedium({ identity: found, ...asked, revocations: [missing], nowMs: NOW_MS })).toMatchObject({
      right: 'none',
      rule: 'media-status-invalid',
      number: SEAL.number,
    })
  })

  it('is not passed over for a twin that the policy knows', () => {
    const reading = onMedium({ passport: NAMELESS })
    const asTwin = { passport: NAMELESS, reading, seals: [{ number: 'M-2', passport: NAMELESS }] }
    expect(find({ ...asTwin, revocations: [missing] })).toMatchObject({
      number: SEAL.number,
      sealReason: 'revoked',
    })
  })

  it('is refused for its time where it expired, and gives way to a renewed one in the policy', () => {
    const reading = onMedium({ validUntilMs: NOW_MS })
    const found = find({ reading })
    expect(found).toMatchObject({ sealReason: 'expired', source: 'seal' })
    const decide = (identity: typeof found) =>
      decideMedium({ identity, ...asked, revocations: [], nowMs: NOW_MS })
    expect(decide(found)).toMatchObject({ right: 'none', fault: 'expired' })
    const renewed = find({ reading, seals: [{ issuedAtMs: SEAL.issuedAtMs + 1 }] })
    expect(decide(renewed).right).toBe('read-write')
  })
})

describe('the index of a policy', () => {
  it('finds the one seal of 300 sticks of one model, and compares no other', () => {
    const passports = Array.from({ length: 300 }, (_, at) =>
      stickWith({ usb: { serial: `E0D55EA573DCF450E97A${String(at).padStart(4, '0')}` }, diskSerial: null }),
    )
    const seals = passports.map((passport, at) => ({ number: `M-${at}`, passport }))
    const asked = question({ seals, passport: passports[299] ?? STICK })
    const opened = openPolicySeals(asked.policy.media, policyKeyPem)
    expect(opened.seals).toHaveLength(300)
    expect(sealsFor(opened, asked.passport).map((seal) => seal.number)).toEqual(['M-299'])
    expect(findRegistered({ ...asked, opened }).number).toBe('M-299')
  })

  it('passes over no seal that would compare as anything but unknown', () => {
    const random = seededRandom(7)
    const draw = (): Passport => {
      const base = random.pick([STICK, NAMELESS, PORTABLE_DISK, CARD])
      const usb = base.usb === null || random.int(5) === 0 ? null : base.usb
      const serials = ['A1B2C3D4E5', 'F6E7D8C9B0', '000000000001', null] as const
      return {
        ...base,
        bus: random.pick(['usb', 'ata', 'optical'] as const),
        usb: usb === null ? null : { ...usb, serial: random.pick(serials) },
        diskSerial: random.pick(serials),
        wwn: random.pick(['5001b448b6f2c1aa', null] as const),
        sizeBytes: random.pick([1_024, 2_048, null] as const),
      }
    }
    const seals = Array.from({ length: 60 }, (_, at) => ({ number: `M-${at}`, passport: draw() }))
    const opened = openPolicySeals(question({ seals }).policy.media, policyKeyPem)
    let known = 0
    for (let round = 0; round < 500; round += 1) {
      const passport = draw()
      const found = new Set(sealsFor(opened, passport))
      for (const seal of opened.seals) {
        if (comparePassports(seal.passport, passport).result === 'unknown') continue
        known += 1
        expect(found.has(seal)).toBe(true)
      }
    }
    expect(known).toBeGreaterThan(500)
  })
})
