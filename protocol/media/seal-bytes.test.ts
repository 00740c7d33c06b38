import { createHash, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type SeededRandom, seededRandom } from '../fixtures/seeded-random.ts'
import { thrownBy } from '../fixtures/thrown-by.ts'
import { LIMITS } from '../limits.ts'
import { CARD, NOW_MS, PORTABLE_DISK, SEAL, STICK } from './fixtures/passports.ts'
import { judgeSeal } from './judge-seal.ts'
import { openSeal, signSeal } from './seal.ts'
import { encodeSealBytes, readSealBytes, SEAL_FORM_BYTES_MAX, SEAL_HEAD_BYTES } from './seal-bytes.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
const signed = signSeal(SEAL, privateKey)
const bytes = encodeSealBytes(signed)
const fixtures = join(import.meta.dirname, 'fixtures')

/** Puts the right checksum at the end, as somebody would who knows the form. */
function withChecksum(body: Buffer): Buffer {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32LE(crc32(body))
  return Buffer.concat([body, checksum])
}

/** A well-formed frame around any deflated bytes. */
function framed(deflated: Buffer, payloadLength: number): Buffer {
  const head = Buffer.from(bytes.subarray(0, SEAL_HEAD_BYTES))
  head.writeUInt16LE(payloadLength, 9)
  head.writeUInt16LE(deflated.length, 11)
  return withChecksum(Buffer.concat([head, deflated]))
}

describe('the form on a medium', () => {
  it('gives back what was signed, whatever follows it', () => {
    const found = { kind: 'found', signed, length: bytes.length }
    expect(readSealBytes(bytes)).toEqual(found)
    expect(readSealBytes(Buffer.concat([bytes, Buffer.alloc(700, 0xa5)]))).toEqual(found)
  })

  it('fits a realistic seal for three computers into 1,008 bytes, on each kind of medium', () => {
    for (const passport of [STICK, PORTABLE_DISK, CARD]) {
      expect(encodeSealBytes(signSeal({ ...SEAL, passport }, privateKey)).length).toBeLessThanOrEqual(500)
    }
    const crowded = {
      ...SEAL,
      custodian: '信息化工作办公室 涉密载体管理员（代）',
      users: ['zhang.san', 'li.si', 'wang.wu'],
      passport: {
        ...PORTABLE_DISK,
        partitionTable: { kind: 'gpt' as const, id: '3f2504e0-4f89-11d3-9a0c-0305e82c3301' },
        fileSystems: [1, 2, 3, 4].map((partition) => ({
          ...{ partition, kind: 'ext4', label: `数据${partition}` },
          uuid: `9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6${partition}`,
        })),
      },
    }
    expect(encodeSealBytes(signSeal(crowded, privateKey)).length).toBeLessThanOrEqual(1_008)
  })

  it('is absent where nothing of it stands', () => {
    for (const nothing of [
      Buffer.alloc(0),
      Buffer.alloc(4_096),
      Buffer.from('SHKSEA'),
      Buffer.alloc(512, 0xff),
    ]) {
      expect(readSealBytes(nothing)).toEqual({ kind: 'absent' })
    }
  })

  it('is truncated at every length short of its own', () => {
    for (let length = 8; length < bytes.length; length += 1) {
      expect(readSealBytes(bytes.subarray(0, length))).toEqual({ kind: 'damaged', reason: 'truncated' })
    }
  })

  it('is damaged, and told so, where its end was written over', () => {
    const over = Buffer.from(bytes)
    over.fill(0, 200)
    expect(readSealBytes(over)).toEqual({ kind: 'damaged', reason: 'checksum' })
  })

  it('finds every single changed bit', () => {
    for (let bit = 64; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(readSealBytes(changed).kind).toBe('damaged')
    }
  })

  it('is malformed in another version, or where it says more than a seal may have', () => {
    const other = Buffer.from(bytes.subarray(0, -4))
    other[8] = 2
    expect(readSealBytes(withChecksum(other))).toEqual({ kind: 'damaged', reason: 'malformed' })
    const empty = deflateRawSync(Buffer.alloc(0))
    for (const length of [0, 1, LIMITS.sealBytesMax + 1, 0xffff]) {
      expect(readSealBytes(framed(empty, length))).toEqual({ kind: 'damaged', reason: 'malformed' })
    }
  })

  it('inflates no bomb: a stream of more than it says is malformed', () => {
    const bomb = deflateRawSync(Buffer.alloc(40_000_000), { level: 9 })
    expect(bomb.length).toBeLessThan(0xffff)
    const beforeAll = performance.now()
    expect(inflateRawSync(bomb)).toHaveLength(40_000_000)
    const before = performance.now()
    expect(readSealBytes(framed(bomb, LIMITS.sealBytesMax))).toEqual({ kind: 'damaged', reason: 'malformed' })
    expect(performance.now() - before).toBeLessThan((before - beforeAll) / 2)
  })

  it('reads a payload at the limit', () => {
    const payload = Buffer.alloc(LIMITS.sealBytesMax, 0x20)
    expect(readSealBytes(framed(deflateRawSync(payload), payload.length))).toMatchObject({
      kind: 'found',
      signed: { payload: payload.toString('base64') },
    })
  })

  it('is not made of what is not signed, nor above the limit', () => {
    expect(thrownBy(() => encodeSealBytes({ ...signed, signature: '' }))).toMatchObject({
      code: 'seal-refused',
    })
    const payload = Buffer.alloc(LIMITS.sealBytesMax + 1).toString('base64')
    expect(thrownBy(() => encodeSealBytes({ ...signed, payload }))).toMatchObject({ code: 'limit-exceeded' })
    expect(SEAL_FORM_BYTES_MAX).toBeGreaterThan(LIMITS.sealBytesMax)
  })
})

describe('a seal written years ago', () => {
  it('is read to the byte: the dictionary is set in stone', () => {
    const golden = readFileSync(join(fixtures, 'seal-v1.bin'))
    const key = readFileSync(join(fixtures, 'seal-v1-key.pem'), 'utf8')
    const reading = readSealBytes(golden)
    if (reading.kind !== 'found') throw new Error(reading.kind)
    expect(reading.length).toBe(golden.length)
    const payload = Buffer.from(reading.signed.payload, 'base64')
    expect(createHash('sha256').update(payload).digest('hex')).toMatchInlineSnapshot(
      `"912655866830bec85662873a45ece5f5f4d39b8bad6124111eda0033cd5c3193"`,
    )
    expect(openSeal(reading.signed, key)).toEqual(SEAL)
  })
})

/** Changes a seal in one of the ways that break readers; half of them with the checksum mended. */
function mutate(random: SeededRandom): Buffer {
  const changed = Buffer.from(bytes)
  const rounds = 1 + random.int(4)
  for (let round = 0; round < rounds; round += 1)
    changed[8 + random.int(changed.length - 8)] = random.int(256)
  switch (random.int(5)) {
    case 0:
      return changed.subarray(0, random.int(changed.length))
    case 1:
      return Buffer.concat([bytes.subarray(0, 8), random.bytes(random.int(600))])
    case 2:
      return framed(Buffer.from(random.bytes(random.int(300))), random.int(LIMITS.sealBytesMax + 10))
    case 3: {
      const body = changed.subarray(0, -4)
      body.writeUInt16LE(body.length - SEAL_HEAD_BYTES, 11)
      body[8] = 1
      return withChecksum(body)
    }
    default:
      return changed
  }
}

it('answers on 25,000 mutated seals, and believes none of them', { timeout: 60_000 }, () => {
  const random = seededRandom(20_243)
  const authority = { policyKeyPem: pem, passport: STICK, revocations: [], nowMs: NOW_MS }
  const counts = { absent: 0, found: 0, damaged: 0 }
  for (let round = 0; round < 25_000; round += 1) {
    const reading = readSealBytes(mutate(random))
    counts[reading.kind] += 1
    const isOurs = reading.kind === 'found' && reading.signed.payload === signed.payload
    const isWhole = isOurs && reading.signed.signature === signed.signature
    if (!isWhole) expect(judgeSeal(reading, authority).state).not.toBe('valid')
  }
  expect(counts.found).toBeGreaterThan(100)
  expect(counts.damaged).toBeGreaterThan(15_000)
})
