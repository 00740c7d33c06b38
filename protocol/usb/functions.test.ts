import { describe, expect, it } from 'vitest'
import type { UsbDevice } from '../events/shapes.ts'
import { HOSTILE_DEVICE_NAMES } from '../fixtures/hostile-texts.ts'
import {
  isNetworkPath,
  isPhoneOrCamera,
  isStorageOnly,
  suspiciousUnion,
  USB_FUNCTIONS,
  type UsbFunction,
  usbFunctionsOf,
} from './functions.ts'
import { phoneHint } from './known-phones.ts'
import { knownReceiver } from './known-receivers.ts'

type Described = Parameters<typeof usbFunctionsOf>[0]

/** A device with interfaces written `class:subclass:protocol`; each in a configuration of its own, set or not. */
function device(codes: readonly string[], more: Partial<Described> = {}): Described {
  const interfaces: UsbDevice['interfaces'] = codes.map((code, at) => {
    const [one = '', subclass = '', protocol = ''] = code.split(':')
    return { configuration: at + 1, number: 0, alternate: at, class: one, subclass, protocol }
  })
  return { deviceClass: '00', vendorId: '1d6b', productId: '0104', interfaces, product: null, ...more }
}
const functionsOf = (...codes: string[]) => usbFunctionsOf(device(codes))

describe('what an interface could be', () => {
  it.each<[string, UsbFunction[]]>([
    ['08:06:50', ['storage-bulk-only']],
    ['08:06:62', ['storage-uas']],
    ['08:02:50', ['storage-optical']],
    ['08:03:50', ['storage-tape']],
    ['08:04:00', ['storage-floppy']],
    ['08:05:50', ['storage-other']],
    ['08:06:ff', ['storage-other']],
    ['09:00:00', ['hub']],
    ['03:01:01', ['keyboard']],
    ['03:00:01', ['keyboard']],
    ['03:01:02', ['mouse']],
    ['03:00:00', ['hid-other']],
    ['06:01:01', ['phone-ptp']],
    ['ff:42:01', ['phone-debug']],
    ['ff:42:03', ['phone-debug']],
    ['ff:fe:02', ['phone-apple']],
    ['ff:fd:01', ['phone-apple', 'network']],
    ['02:06:00', ['network']],
    ['02:0c:07', ['network']],
    ['02:0d:00', ['network']],
    ['02:0e:00', ['network']],
    ['02:02:ff', ['network']],
    ['02:02:01', ['modem']],
    ['02:02:00', ['modem']],
    ['ef:01:01', ['network']],
    ['ef:04:01', ['network']],
    ['e0:01:03', ['network']],
    ['0a:00:00', ['cdc-data']],
    ['e0:01:01', ['bluetooth']],
    ['e0:01:02', ['uwb']],
    ['e0:02:01', ['wireless-other']],
    ['fe:02:00', ['irda']],
    ['fe:01:01', ['dfu']],
    ['fe:03:01', ['diagnostic']],
    ['dc:01:01', ['diagnostic']],
    ['01:01:00', ['audio']],
    ['0e:01:00', ['video']],
    ['10:01:00', ['av']],
    ['07:01:02', ['printer']],
    ['0b:00:00', ['smart-card']],
    ['11:00:00', ['billboard']],
    ['12:00:00', ['billboard']],
    ['ff:00:00', ['vendor-specific']],
    ['ff:06:50', ['vendor-specific']],
    ['0f:00:00', ['misc']],
    ['77:00:00', ['unknown']],
  ])('%s: %s', (code, expected) => {
    expect(functionsOf(code).toSorted()).toEqual(expected.toSorted())
  })
})

describe('what a device could be', () => {
  it('is the union of every configuration and alternate setting', () => {
    expect(functionsOf('08:06:50', '08:06:62', '03:01:01', '02:06:00', '0a:00:00')).toEqual([
      'storage-bulk-only',
      'storage-uas',
      'keyboard',
      'network',
      'cdc-data',
    ])
  })

  it('is unknown where nothing is told', () => {
    expect(functionsOf()).toEqual(['unknown'])
    expect(usbFunctionsOf(device([], { deviceClass: null }))).toEqual(['unknown'])
  })

  it('counts the class of the device as a whole where no interface has it', () => {
    expect(usbFunctionsOf(device([], { deviceClass: '09' }))).toEqual(['hub'])
    expect(usbFunctionsOf(device([], { deviceClass: 'e0' }))).toEqual(['wireless-other'])
    expect(usbFunctionsOf(device(['08:06:50'], { deviceClass: '09' }))).toEqual(['storage-bulk-only', 'hub'])
    expect(usbFunctionsOf(device(['e0:01:01'], { deviceClass: 'e0' }))).toEqual(['bluetooth'])
    expect(usbFunctionsOf(device(['02:02:01', '0a:00:00'], { deviceClass: '02' }))).toEqual([
      'cdc-data',
      'modem',
    ])
    expect(usbFunctionsOf(device(['08:06:50'], { deviceClass: 'ef' }))).toEqual(['storage-bulk-only'])
  })

  it('is a wireless receiver by its number, and beside that what it shows', () => {
    const unifying = device(['03:01:01', '03:01:02'], { vendorId: '046d', productId: 'c52b' })
    expect(usbFunctionsOf(unifying)).toEqual(['keyboard', 'mouse', 'wireless-receiver'])
    expect(knownReceiver('046d', 'c52b')).toBe('Logitech Unifying receiver')
    expect(knownReceiver('046d', 'c517')).toBe('Logitech cordless receiver')
    expect(knownReceiver('046d', 'c31c')).toBeNull()
    expect(knownReceiver('046d', 'c53d')).toBeNull()
  })

  it('is a wireless receiver by its name where it is no known one, and a stick is not', () => {
    expect(usbFunctionsOf(device(['03:01:02'], { product: '2.4G Wireless Mouse' }))).toContain(
      'wireless-receiver',
    )
    expect(usbFunctionsOf(device(['03:01:01'], { product: '无线键盘' }))).toContain('wireless-receiver')
    expect(usbFunctionsOf(device(['03:01:01'], { product: 'USB Keyboard' }))).toEqual(['keyboard'])
    expect(usbFunctionsOf(device(['08:06:50'], { product: 'Wireless Stick' }))).toEqual(['storage-bulk-only'])
  })

  it('is a phone that charges, by its maker, where it shows nothing else', () => {
    expect(usbFunctionsOf(device(['ff:00:00'], { vendorId: '2717', productId: 'ff08' }))).toEqual([
      'phone-charging',
      'vendor-specific',
    ])
    expect(usbFunctionsOf(device(['08:06:50'], { vendorId: '04e8', productId: '61f5' }))).toEqual([
      'storage-bulk-only',
    ])
    expect(phoneHint('05ac', '12a8')).toEqual({ name: 'Apple iPhone or iPad', confidence: 'product' })
    expect(phoneHint('05ac', '024f')?.confidence).toBe('vendor')
    expect(phoneHint('0951', '1666')).toBeNull()
  })

  it('is a phone with MTP where a vendor-specific device says so', () => {
    expect(usbFunctionsOf(device(['ff:ff:00'], { product: 'SGH MTP' }))).toContain('phone-mtp')
    expect(usbFunctionsOf(device(['ff:ff:00'], { product: 'Sensor' }))).toEqual(['vendor-specific'])
  })

  it('is never storage by a guess', () => {
    for (const product of ['USB Mass Storage', 'UDisk']) {
      expect(usbFunctionsOf(device(['ff:06:50'], { product }))).toEqual(['vendor-specific'])
    }
  })

  it('is something for every hostile name and every class', () => {
    for (const product of HOSTILE_DEVICE_NAMES) {
      expect(usbFunctionsOf(device(['03:01:01'], { product }))).toContain('keyboard')
    }
    for (let code = 0; code < 256; code += 1) {
      const found = functionsOf(`${code.toString(16).padStart(2, '0')}:01:01`)
      expect(found.length).toBeGreaterThan(0)
      for (const fn of found) expect(USB_FUNCTIONS).toContain(fn)
    }
  })
})

describe('judging the union', () => {
  it('calls storage alone what is nothing beside', () => {
    expect(isStorageOnly(functionsOf('08:06:50', '08:06:62'))).toBe(true)
    expect(isStorageOnly(functionsOf('08:06:50', '03:01:01'))).toBe(false)
    expect(isStorageOnly([])).toBe(false)
    expect(isStorageOnly(functionsOf())).toBe(false)
  })

  it('knows phones, cameras and ways out', () => {
    expect(isPhoneOrCamera(functionsOf('06:01:01'))).toBe(true)
    expect(isPhoneOrCamera(functionsOf('08:06:50'))).toBe(false)
    for (const code of [
      '02:06:00',
      '0a:00:00',
      '02:02:01',
      'e0:01:01',
      'e0:01:02',
      'e0:02:01',
      'fe:02:00',
      'ff:fd:01',
    ]) {
      expect(isNetworkPath(functionsOf(code))).toBe(true)
    }
    expect(isNetworkPath(functionsOf('08:06:50', '03:01:01', '07:01:02'))).toBe(false)
  })

  it.each<[string, string[], string | null]>([
    ['a stick that types', ['08:06:50', '03:01:01'], 'storage-with-keyboard'],
    ['a stick that types and tethers', ['08:06:50', '03:01:01', '02:06:00'], 'storage-with-keyboard'],
    ['a network adapter that types', ['02:06:00', '0a:00:00', '03:01:01'], 'network-with-keyboard'],
    ['a phone that types', ['06:01:01', '03:01:01'], 'phone-with-keyboard'],
    ['a stick with a mouse', ['08:06:50', '03:01:02'], 'storage-with-input'],
    ['a stick with other input', ['08:06:50', '03:00:00'], 'storage-with-input'],
    ['a stick with a modem', ['08:06:50', '02:02:01'], 'storage-with-network'],
    ['a stick with a data interface', ['08:06:50', '0a:00:00'], 'storage-with-network'],
    ['a stick with a radio', ['08:06:50', 'e0:01:01'], 'storage-with-network'],
    ['a stick with a vendor-specific interface', ['08:06:50', 'ff:00:00'], 'storage-with-vendor-specific'],
    ['a stick', ['08:06:50', '08:06:62'], null],
    ['a keyboard with a wheel', ['03:01:01', '03:01:02', '03:00:00'], null],
    ['a headset', ['01:01:00', '03:00:00'], null],
  ])('says of %s what is wrong', (_name, codes, expected) => {
    expect(suspiciousUnion(functionsOf(...codes))).toBe(expected)
  })
})
