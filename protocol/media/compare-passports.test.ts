import { describe, expect, it } from 'vitest'
import { comparePassports, identityKeys, PASSPORT_FIELDS, sameIdentity } from './compare-passports.ts'
import { CARD, NAMELESS, PORTABLE_DISK, STICK, stickWith } from './fixtures/passports.ts'
import type { Passport } from './shapes.ts'

const resultOf = (registered: Passport, observed: Passport) => comparePassports(registered, observed).result
const reasonOf = (registered: Passport, observed: Passport, field: string) =>
  comparePassports(registered, observed).reasons.find((one) => one.field === field)
const formatted: Pick<Passport, 'partitionTable' | 'fileSystems'> = {
  partitionTable: { kind: 'mbr', id: '00c0ffee' },
  fileSystems: [{ partition: 1, kind: 'exfat', uuid: '1234-ABCD', label: null }],
}

describe('a medium with a serial of its own', () => {
  it('matches itself', () => {
    const { result, reasons } = comparePassports(STICK, STICK)
    expect(result).toBe('match')
    expect(reasons.every(({ state }) => state === 'same')).toBe(true)
    expect(reasons.map(({ field }) => field)).not.toContain('wwn')
  })

  it('is degraded when it was formatted, and says what changed', () => {
    const { result, reasons } = comparePassports(STICK, stickWith(formatted))
    expect(result).toBe('degraded')
    expect(reasons.filter(({ state }) => state === 'differs').map(({ field }) => field)).toEqual([
      'partitionTable.id',
      'fileSystems.uuid',
    ])
  })

  it('is degraded by newer firmware, and is no clone for it', () => {
    expect(resultOf(STICK, stickWith({ usb: { release: '0200' } }))).toBe('degraded')
    const inquiry = { vendor: 'Kingston', product: 'DataTraveler 3.0', revision: '1.00' }
    expect(resultOf(STICK, stickWith({ inquiry }))).toBe('degraded')
  })

  it('matches when it was formatted away and nothing of it can be read', () => {
    expect(resultOf(STICK, stickWith({ partitionTable: null, fileSystems: [] }))).toBe('match')
  })

  it('matches whatever it is called', () => {
    const fileSystems = STICK.fileSystems.map((one) => ({ ...one, label: 'other' }))
    expect(resultOf(STICK, stickWith({ fileSystems, usb: { product: 'x', manufacturer: null } }))).toBe(
      'match',
    )
  })

  it('matches when readers differ in the padding of its serial', () => {
    expect(resultOf(STICK, stickWith({ usb: { serial: '  E0D55EA573DCF450E97A104B\0' } }))).toBe('match')
  })

  it.each<[string, Passport]>([
    ['another size', stickWith({ sizeBytes: 30_943_995_904 + 512 })],
    [
      'another model by SCSI',
      stickWith({ inquiry: { vendor: 'Linux', product: 'File-Stor Gadget', revision: 'PMAP' } }),
    ],
    ['other descriptors', stickWith({ usb: { descriptorHash: '0'.repeat(64) } })],
    ['another disk serial', stickWith({ diskSerial: 'E0D55EA573DCF450E97A1999' })],
  ])('is suspected a clone with %s', (_name, observed) => {
    expect(resultOf(STICK, observed)).toBe('clone-suspected')
  })

  it.each<[string, Passport]>([
    ['serial', stickWith({ usb: { serial: 'E0D55EA573DCF450E97A104C' } })],
    ['vendor number', stickWith({ usb: { vendorId: '0781' } })],
    ['product number', stickWith({ usb: { productId: '1667' } })],
  ])('is unknown with another %s', (_name, observed) => {
    expect(resultOf(STICK, observed)).toBe('unknown')
  })

  it('is not found in a copy of its content on a stick that shows no serial', () => {
    const copy = stickWith({ usb: { serial: null }, diskSerial: null })
    expect(resultOf(STICK, copy)).toBe('unknown')
  })

  it('is not confirmed by a device that hides its size', () => {
    expect(resultOf(STICK, stickWith({ sizeBytes: null }))).toBe('unknown')
    expect(reasonOf(STICK, stickWith({ sizeBytes: null }), 'sizeBytes')?.state).toBe('absent')
  })

  it('is never called different for what could not be read', () => {
    const observed = stickWith({
      inquiry: null,
      diskSerial: null,
      usb: { descriptorHash: null, release: null },
    })
    const { result, reasons } = comparePassports(STICK, observed)
    expect(result).toBe('match')
    expect(reasons.some(({ state }) => state === 'differs')).toBe(false)
    expect(reasons.filter(({ state }) => state === 'absent')).toHaveLength(5)
  })

  it('gives the same answer when its serial is no text', () => {
    const serial = { b64: Buffer.from([0xff, 0xd0, 0x89, 0x12, 0x55, 0x61]).toString('base64') }
    const odd = stickWith({ usb: { serial }, diskSerial: null })
    expect(resultOf(odd, odd)).toBe('match')
    expect(resultOf(odd, stickWith({ usb: { serial: 'ÿÐ' }, diskSerial: null }))).toBe('unknown')
  })
})

describe('a medium with a placeholder for a serial', () => {
  it('matches by what formatting set', () => {
    expect(resultOf(NAMELESS, NAMELESS)).toBe('match')
    expect(reasonOf(NAMELESS, NAMELESS, 'usb.serial')).toEqual({
      field: 'usb.serial',
      state: 'placeholder',
      weight: 0,
    })
  })

  it('is unknown when formatted: another of its kind looks the same', () => {
    expect(resultOf(NAMELESS, { ...NAMELESS, ...formatted })).toBe('unknown')
    expect(resultOf(NAMELESS, { ...NAMELESS, partitionTable: null, fileSystems: [] })).toBe('unknown')
  })

  it('is degraded when one file system was made anew on the same partitions', () => {
    const { fileSystems } = formatted
    expect(resultOf(NAMELESS, { ...NAMELESS, fileSystems })).toBe('degraded')
  })

  it('is unknown with any other hard field, and never accused of being a clone', () => {
    expect(resultOf(NAMELESS, { ...NAMELESS, sizeBytes: 1_024 })).toBe('unknown')
  })

  it('is not identified by ids of zeros', () => {
    const zeros: Passport = {
      ...NAMELESS,
      partitionTable: { kind: 'mbr', id: '00000000' },
      fileSystems: [{ partition: 1, kind: 'vfat', uuid: '0000-0000', label: null }],
    }
    expect(resultOf(zeros, zeros)).toBe('unknown')
  })

  it('is not identified by an image that was written to many', () => {
    const imaged: Passport = {
      ...NAMELESS,
      partitionTable: null,
      fileSystems: [{ partition: 0, kind: 'iso9660', uuid: '2024-02-10-11-12-13-00', label: 'Debian' }],
    }
    expect(resultOf(imaged, imaged)).toBe('unknown')
    expect(resultOf({ ...imaged, bus: 'optical', usb: null }, { ...imaged, bus: 'optical', usb: null })).toBe(
      'match',
    )
  })

  it('is unknown when the other shows a real serial', () => {
    const real = stickWith({ ...NAMELESS, usb: { ...NAMELESS.usb, serial: 'AB12CD34EF56' } })
    expect(resultOf(NAMELESS, real)).toBe('unknown')
  })
})

describe('a carrier whose own serial stays', () => {
  it('is not the disk in it: another disk in a bridge is unknown', () => {
    const other = { ...PORTABLE_DISK, diskSerial: 'WD-WX99B7770000', wwn: '5001b448b6f2c1bb' }
    expect(resultOf(PORTABLE_DISK, other)).toBe('unknown')
    expect(resultOf(PORTABLE_DISK, { ...other, ...formatted })).toBe('unknown')
  })

  it('matches with its own disk, formatted or not, and in a second bridge of its model', () => {
    expect(resultOf(PORTABLE_DISK, PORTABLE_DISK)).toBe('match')
    expect(resultOf(PORTABLE_DISK, { ...PORTABLE_DISK, ...formatted })).toBe('degraded')
    const { usb } = PORTABLE_DISK
    const second = usb === null ? null : { ...usb, serial: '9876DCBA11223344' }
    expect(resultOf(PORTABLE_DISK, { ...PORTABLE_DISK, usb: second })).toBe('match')
    expect(reasonOf(PORTABLE_DISK, { ...PORTABLE_DISK, usb: second }, 'usb.serial')?.weight).toBe(0)
  })

  it('is no part of it: the same disk on another bus is known by its own number, and never called a clone', () => {
    const bare: Passport = { ...PORTABLE_DISK, bus: 'ata', usb: null }
    expect(resultOf(PORTABLE_DISK, bare)).toBe('match')
    const inquiry = { vendor: 'ATA', product: 'WDC WD10SPZX-21Z', revision: '1A02' }
    expect(resultOf(PORTABLE_DISK, { ...bare, inquiry })).toBe('unknown')
  })

  it('hides the disk: without a disk serial, formatting leaves nothing that identifies', () => {
    const hidden: Passport = { ...PORTABLE_DISK, diskSerial: null, wwn: null }
    expect(resultOf(hidden, { ...hidden, ...formatted })).toBe('unknown')
    expect(resultOf(PORTABLE_DISK, hidden)).toBe('unknown')
    const repeated: Passport = { ...hidden, diskSerial: hidden.usb?.serial ?? null }
    expect(resultOf(repeated, { ...repeated, ...formatted })).toBe('unknown')
  })

  it('is not the card in it', () => {
    expect(resultOf(CARD, CARD)).toBe('match')
    expect(resultOf(CARD, { ...CARD, ...formatted })).toBe('unknown')
    expect(resultOf(CARD, { ...CARD, sizeBytes: 64_000_000_000 })).toBe('unknown')
  })

  it('gives no key of its own', () => {
    expect(identityKeys(CARD)).toEqual([])
    expect(identityKeys(PORTABLE_DISK)).toEqual(['disk:s:WD-WX21A6381234', 'wwn:s:5001b448b6f2c1aa'])
  })
})

describe('identity keys', () => {
  it('are the strongest first', () => {
    expect(identityKeys(STICK)).toEqual([
      'usb:0951:1666:s:E0D55EA573DCF450E97A104B',
      'disk:s:E0D55EA573DCF450E97A104B',
    ])
  })

  it('are none where there are only placeholders', () => {
    expect(identityKeys(NAMELESS)).toEqual([])
    expect(sameIdentity(NAMELESS, NAMELESS)).toBe(false)
  })

  it('find one medium in two places, however it was formatted', () => {
    expect(sameIdentity(STICK, stickWith(formatted))).toBe(true)
    expect(sameIdentity(STICK, stickWith({ usb: { serial: 'E0D55EA573DCF450E97A104C' } }))).toBe(false)
    expect(sameIdentity(PORTABLE_DISK, { ...PORTABLE_DISK, bus: 'ata', usb: null })).toBe(true)
    expect(sameIdentity(STICK, NAMELESS)).toBe(false)
  })

  it('are the same for the same bytes, however they were written', () => {
    const inBase64 = stickWith({
      usb: { serial: { b64: Buffer.from('E0D55EA573DCF450E97A104B').toString('base64') } },
    })
    expect(identityKeys(inBase64)).toEqual(identityKeys(STICK))
    expect(resultOf(STICK, inBase64)).toBe('match')
  })
})

it('keeps every weight and reason within what a fact may hold', () => {
  expect(PASSPORT_FIELDS.length).toBeLessThanOrEqual(32)
  for (const { weight, why } of PASSPORT_FIELDS) {
    expect(weight).toBeLessThanOrEqual(100)
    expect(why).not.toBe('')
  }
})
