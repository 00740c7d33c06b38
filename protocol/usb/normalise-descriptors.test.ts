import { describe, expect, it } from 'vitest'
import { seededRandom } from '../fixtures/seeded-random.ts'
import { normalisedDescriptorBytes } from './normalise-descriptors.ts'

/** Descriptors as hexadecimal, one to a line. */
const bytesOf = (...lines: string[]) =>
  Uint8Array.from(Buffer.from(lines.join('').replaceAll(' ', ''), 'hex'))

/** One stick on a high-speed port: USB 2.10, 512-byte bulk endpoints. */
const onUsb2 = bytesOf(
  '12 01 10 02 00 00 00 40 51 09 66 16 10 01 01 02 03 01',
  '09 02 20 00 01 01 00 80 96',
  '09 04 00 00 02 08 06 50 00',
  '07 05 81 02 00 02 ff',
  '07 05 02 02 00 02 ff',
)
/** The same stick on a SuperSpeed port: USB 3.2, 2^9 bytes on endpoint 0, companions, more power. */
const onUsb3 = bytesOf(
  '12 01 20 03 00 00 00 09 51 09 66 16 10 01 01 02 03 01',
  '09 02 2c 00 01 01 00 80 1f',
  '09 04 00 00 02 08 06 50 00',
  '07 05 81 02 00 04 00',
  '06 30 03 00 00 00',
  '07 05 02 02 00 04 00',
  '06 30 03 00 00 00',
)
/** A bridge that offers UAS at SuperSpeed alone. */
const bridge = (...uas: string[]) =>
  bytesOf(
    '12 01 20 03 00 00 00 09 2d 15 78 05 04 01 01 02 03 01',
    '09 02 79 00 01 01 00 c0 08',
    '09 04 00 00 02 08 06 50 00',
    '07 05 81 02 00 04 00',
    '07 05 02 02 00 04 00',
    ...uas,
  )
const uasTwin = [
  '09 04 00 01 04 08 06 62 0a',
  '07 05 81 02 00 04 00 06 30 0f 05 00 00 04 24 03 00',
  '07 05 02 02 00 04 00 06 30 0f 05 00 00 04 24 04 00',
  '07 05 83 02 00 04 00 06 30 0f 05 00 00 04 24 02 00',
  '07 05 04 02 00 04 00 06 30 00 00 00 00 04 24 01 00',
]

describe('normalised descriptors', () => {
  it('are the same on a USB 2 and a USB 3 port', () => {
    const normalised = normalisedDescriptorBytes(onUsb2)
    expect(normalised).not.toBeNull()
    expect(normalisedDescriptorBytes(onUsb3)).toEqual(normalised)
  })

  it('are the same with newer firmware, and when the device feeds itself', () => {
    const newer = Uint8Array.from(onUsb2)
    newer.set([0x00, 0x02], 12)
    newer[18 + 7] = 0xc0
    expect(normalisedDescriptorBytes(newer)).toEqual(normalisedDescriptorBytes(onUsb2))
  })

  it('are the same with and without UAS beside Bulk-Only', () => {
    expect(normalisedDescriptorBytes(bridge(...uasTwin))).toEqual(normalisedDescriptorBytes(bridge()))
  })

  it('keep UAS where it stands alone, and what comes after a twin', () => {
    const keyboard = '09 04 01 00 01 03 01 01 00 09 21 11 01 00 01 22 3f 00 07 05 85 03 08 00 0a'
    const composite = normalisedDescriptorBytes(bridge(...uasTwin, keyboard))
    expect(composite).toEqual(normalisedDescriptorBytes(bridge(keyboard)))
    expect(composite).not.toEqual(normalisedDescriptorBytes(bridge()))
    const alone = bytesOf(
      '12 01 20 03 00 00 00 09 2d 15 78 05 04 01 01 02 03 01 09 02 79 00 01 01 00 c0 08',
      ...uasTwin,
    )
    expect(normalisedDescriptorBytes(alone)?.length).toBeGreaterThan(60)
  })

  it.each<[string, number, number]>([
    ['vendor', 8, 0x52],
    ['product', 10, 0x67],
    ['index of the serial', 16, 0],
    ['number of configurations', 17, 2],
    ['number of interfaces', 18 + 4, 2],
    ['class of an interface', 27 + 5, 0x03],
    ['address of an endpoint', 36 + 2, 0x82],
    ['type of an endpoint', 36 + 3, 0x03],
  ])('differ by %s', (_name, at, value) => {
    const other = Uint8Array.from(onUsb2)
    other[at] = value
    expect(normalisedDescriptorBytes(other)).not.toEqual(normalisedDescriptorBytes(onUsb2))
  })

  it('leave what they were given as it was', () => {
    const before = Uint8Array.from(onUsb3)
    normalisedDescriptorBytes(onUsb3)
    expect(onUsb3).toEqual(before)
  })

  it('are none where a length lies, the device descriptor is missing, or nothing follows it', () => {
    expect(normalisedDescriptorBytes(new Uint8Array())).toBeNull()
    expect(normalisedDescriptorBytes(onUsb2.subarray(0, 18))).toBeNull()
    expect(normalisedDescriptorBytes(onUsb2.subarray(18))).toBeNull()
    for (let length = 19; length < onUsb2.length; length += 1) {
      const isWhole = [27, 36, 43].includes(length)
      expect(normalisedDescriptorBytes(onUsb2.subarray(0, length)) === null).toBe(!isWhole)
    }
    for (const lie of [0, 1, 255]) {
      const lying = Uint8Array.from(onUsb2)
      lying[18] = lie
      expect(normalisedDescriptorBytes(lying)).toBeNull()
    }
  })

  it('end on 20,000 mutated inputs, and are never longer than what came in', () => {
    const random = seededRandom(20_244)
    let taken = 0
    for (let round = 0; round < 20_000; round += 1) {
      const bytes = Uint8Array.from(random.pick([onUsb2, onUsb3, bridge(...uasTwin)]))
      for (let change = random.int(4); change >= 0; change -= 1)
        bytes[random.int(bytes.length)] = random.int(256)
      const cut = bytes.subarray(0, random.int(4) === 0 ? random.int(bytes.length) : bytes.length)
      const normalised = normalisedDescriptorBytes(cut)
      if (normalised === null) continue
      taken += 1
      expect(normalised.length).toBeLessThanOrEqual(cut.length)
    }
    expect(taken).toBeGreaterThan(1_000)
  })

  it('end within a blink on 64 KiB of two-byte descriptors', () => {
    const many = new Uint8Array(65_536)
    many.set(onUsb2.subarray(0, 18))
    for (let at = 18; at < many.length; at += 2) many.set([2, 4], at)
    const started = performance.now()
    expect(normalisedDescriptorBytes(many)).not.toBeNull()
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
