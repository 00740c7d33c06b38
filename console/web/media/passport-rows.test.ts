import { PASSPORT_FIELDS } from '@shoukou/protocol/media/compare-passports.ts'
import type { Passport } from '@shoukou/protocol/media/shapes.ts'
import { expect, it } from 'vitest'
import { passportRows } from './passport-rows.ts'
import { weightOfField } from './passport-weights.ts'

const passport: Passport = {
  bus: 'usb',
  usb: {
    vendorId: '0951',
    productId: '1666',
    release: '0110',
    serial: { b64: '/w==' },
    manufacturer: null,
    product: 'DataTraveler',
    descriptorHash: 'a'.repeat(64),
  },
  inquiry: { vendor: 'Kingston', product: 'DataTraveler 3.0', revision: 'PMAP' },
  diskSerial: null,
  wwn: null,
  sizeBytes: 31_457_280,
  blockBytes: 512,
  partitionTable: { kind: 'mbr', id: '1a2b3c4d' },
  fileSystems: [{ partition: 1, kind: 'vfat', uuid: 'AB12-CD34', label: '机要' }],
}

it('shows every fact that passports are compared by', () => {
  const shown = new Set(passportRows(passport).map((row) => row.field))
  expect(PASSPORT_FIELDS.map((one) => one.field).filter((field) => !shown.has(field))).toEqual([])
})

it('keeps bytes that are no text as they are, and what could not be had as nothing', () => {
  const rows = passportRows(passport)
  const of = (field: string) => rows.find((row) => row.field === field)?.values
  expect(of('usb.serial')).toEqual([{ kind: 'raw', text: { b64: '/w==' } }])
  expect(of('diskSerial')).toEqual([])
  expect(of('fileSystems.uuid')?.map((value) => ('text' in value ? value.text : value))).toEqual([
    'vfat',
    'AB12-CD34',
    '机要',
  ])
})

it('has no row of USB where the medium hangs on another bus', () => {
  const rows = passportRows({ ...passport, bus: 'mmc', usb: null, inquiry: null })
  expect(rows.some((row) => row.field.startsWith('usb.') || row.field.startsWith('inquiry.'))).toBe(false)
})

it('weighs what is compared and nothing else', () => {
  expect(weightOfField('usb.serial')).toMatchObject({ stability: 'hard' })
  expect(weightOfField('usb.product')).toBeNull()
})
