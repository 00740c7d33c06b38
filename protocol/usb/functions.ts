/**
 * What a USB device could be: the union of what all its configurations and alternate settings offer, not of what is set
 * now. Pure, and free of Node. The codes are those of the USB-IF's list of defined classes; what may be used is policy.
 */
import type { UsbDevice, UsbInterface } from '../events/shapes.ts'
import { rawTextKey } from '../raw-text.ts'
import { phoneHint } from './known-phones.ts'
import { isNamedWireless, knownReceiver } from './known-receivers.ts'

export const USB_FUNCTIONS = [
  'storage-bulk-only',
  'storage-uas',
  'storage-optical',
  'storage-tape',
  'storage-floppy',
  'storage-other',
  'hub',
  'keyboard',
  'mouse',
  'hid-other',
  /** A keyboard or mouse without a cable: beside what it shows itself as. */
  'wireless-receiver',
  'phone-mtp',
  /** Also cameras. */
  'phone-ptp',
  'phone-debug',
  'phone-apple',
  /** Only charging: a phone's vendor number, and nothing but vendor-specific interfaces. A guess, and a careful one. */
  'phone-charging',
  'network',
  /** CDC data (0a): the half of a modem or a network adapter that carries the bytes. */
  'cdc-data',
  'modem',
  'bluetooth',
  'uwb',
  'wireless-other',
  'irda',
  'audio',
  'video',
  'av',
  'printer',
  'smart-card',
  'dfu',
  'diagnostic',
  'billboard',
  'vendor-specific',
  /** A class that is defined and none of the above. */
  'misc',
  /** No descriptor says anything, or a class that is not defined. */
  'unknown',
] as const
export type UsbFunction = (typeof USB_FUNCTIONS)[number]

type Described = Pick<UsbDevice, 'deviceClass' | 'vendorId' | 'productId' | 'interfaces' | 'product'>

/** Returns everything that a device could be, without repeats, in the order of `USB_FUNCTIONS`. */
export function usbFunctionsOf(device: Described): UsbFunction[] {
  const found = new Set<UsbFunction>()
  for (const one of device.interfaces) for (const fn of functionsOfInterface(one)) found.add(fn)
  for (const fn of functionsOfDevice(device, found)) found.add(fn)
  return USB_FUNCTIONS.filter((fn) => found.has(fn))
}

export function isStorage(fn: UsbFunction): boolean {
  return fn.startsWith('storage-')
}

/** Reports whether a device is storage and nothing beside. */
export function isStorageOnly(functions: readonly UsbFunction[]): boolean {
  return functions.length > 0 && functions.every(isStorage)
}

export function isPhoneOrCamera(functions: readonly UsbFunction[]): boolean {
  return functions.some((fn) => fn.startsWith('phone-'))
}

/** Reports whether a device could carry bytes out of the computer: network, modem, radio, infrared. */
export function isNetworkPath(functions: readonly UsbFunction[]): boolean {
  return functions.some((fn) => networkPaths.has(fn))
}

/**
 * Names what no honest device unites, the gravest first, or returns null: storage or a network path with a keyboard, a
 * phone's debugging with a keyboard, storage with other input, communication, radio or vendor-specific interfaces.
 */
export function suspiciousUnion(functions: readonly UsbFunction[]): string | null {
  const has = new Set(functions)
  const hasStorage = functions.some(isStorage)
  const hasPath = isNetworkPath(functions)
  if (has.has('keyboard') && hasStorage) return 'storage-with-keyboard'
  if (has.has('keyboard') && hasPath) return 'network-with-keyboard'
  if (has.has('keyboard') && isPhoneOrCamera(functions)) return 'phone-with-keyboard'
  if (!hasStorage) return null
  if (has.has('mouse') || has.has('hid-other')) return 'storage-with-input'
  if (hasPath) return 'storage-with-network'
  return has.has('vendor-specific') ? 'storage-with-vendor-specific' : null
}

const networkPaths: ReadonlySet<UsbFunction> = new Set([
  'network',
  'cdc-data',
  'modem',
  'bluetooth',
  'uwb',
  'wireless-other',
  'irda',
])

const byClass: Readonly<Record<string, UsbFunction>> = {
  '01': 'audio',
  '05': 'misc',
  '06': 'phone-ptp',
  '07': 'printer',
  '09': 'hub',
  '0a': 'cdc-data',
  '0b': 'smart-card',
  '0d': 'misc',
  '0e': 'video',
  '0f': 'misc',
  '10': 'av',
  '11': 'billboard',
  '12': 'billboard',
  '13': 'misc',
  '14': 'misc',
  '3c': 'misc',
  dc: 'diagnostic',
}

function functionsOfInterface({ class: code, subclass, protocol }: UsbInterface): readonly UsbFunction[] {
  switch (code) {
    case '02':
      return [communicationOf(subclass, protocol)]
    case '03':
      return [inputOf(subclass, protocol)]
    case '08':
      return [storageOf(subclass, protocol)]
    case 'e0':
      return [radioOf(subclass, protocol)]
    case 'ef':
      return [miscellaneousOf(subclass, protocol)]
    case 'fe':
      return [applicationOf(subclass)]
    case 'ff':
      return vendorSpecificOf(subclass, protocol)
    default:
      return [byClass[code] ?? 'unknown']
  }
}

/** ECM, EEM, NCM, MBIM and mobile-direct-line are networks, and so is ACM with a vendor's protocol: RNDIS. */
function communicationOf(subclass: string, protocol: string): UsbFunction {
  if (subclass === '02' && protocol === 'ff') return 'network'
  return ['06', '0a', '0c', '0d', '0e'].includes(subclass) ? 'network' : 'modem'
}

/** Boot subclass or not: a keyboard's protocol number may stand on either. */
function inputOf(subclass: string, protocol: string): UsbFunction {
  if (protocol === '01') return 'keyboard'
  return protocol === '02' && subclass === '01' ? 'mouse' : 'hid-other'
}

function storageOf(subclass: string, protocol: string): UsbFunction {
  if (subclass === '02') return 'storage-optical'
  if (subclass === '03') return 'storage-tape'
  if (subclass === '04') return 'storage-floppy'
  if (subclass === '06' && protocol === '50') return 'storage-bulk-only'
  return subclass === '06' && protocol === '62' ? 'storage-uas' : 'storage-other'
}

function radioOf(subclass: string, protocol: string): UsbFunction {
  if (subclass !== '01') return 'wireless-other'
  if (protocol === '01' || protocol === '04') return 'bluetooth'
  if (protocol === '02') return 'uwb'
  return protocol === '03' ? 'network' : 'wireless-other'
}

/** ActiveSync and RNDIS stand here; 02:01 is no function but the mark of grouped interfaces. */
function miscellaneousOf(subclass: string, protocol: string): UsbFunction {
  if ((subclass === '01' && protocol === '01') || subclass === '04') return 'network'
  return subclass === '05' ? 'video' : 'misc'
}

function applicationOf(subclass: string): UsbFunction {
  if (subclass === '01') return 'dfu'
  if (subclass === '02') return 'irda'
  return subclass === '03' ? 'diagnostic' : 'misc'
}

/** Android's bridge and boot loader, Apple's multiplexer and tether: theirs by custom, and by no standard. */
function vendorSpecificOf(subclass: string, protocol: string): readonly UsbFunction[] {
  if (subclass === '42' && (protocol === '01' || protocol === '03')) return ['phone-debug']
  if (subclass === 'fe' && protocol === '02') return ['phone-apple']
  if (subclass === 'fd' && protocol === '01') return ['phone-apple', 'network']
  return ['vendor-specific']
}

/** What the device as a whole adds: its own class, its number, its name. */
function functionsOfDevice(device: Described, found: ReadonlySet<UsbFunction>): UsbFunction[] {
  const added: UsbFunction[] = []
  const ownClass = functionOfDeviceClass(device.deviceClass, device.interfaces)
  if (ownClass !== null) added.push(ownClass)
  const isInput = found.has('keyboard') || found.has('mouse') || found.has('hid-other')
  const isReceiver = knownReceiver(device.vendorId, device.productId) !== null
  if (isReceiver || (isInput && isNamedWireless(device.product))) added.push('wireless-receiver')
  const isMute = [...found].every((fn) => fn === 'vendor-specific')
  if (isMute) {
    const isNamedMtp = device.product !== null && /\bmtp\b/i.test(rawTextKey(device.product))
    const isFullyVendor = device.interfaces.some((one) => one.subclass === 'ff' && one.protocol === '00')
    if (isNamedMtp && isFullyVendor) added.push('phone-mtp')
    else if (phoneHint(device.vendorId, device.productId) !== null) added.push('phone-charging')
  }
  if (found.size === 0 && added.length === 0) added.push('unknown')
  return added
}

/**
 * Classes 00 and ef say "see the interfaces". Any other counts beside them, for it is what a driver of the whole device
 * would take; but subclass and protocol are not told here.
 */
function functionOfDeviceClass(code: string | null, interfaces: readonly UsbInterface[]): UsbFunction | null {
  if (code === null || code === '00' || code === 'ef') return null
  if (interfaces.some((one) => one.class === code)) return null
  switch (code) {
    case '02':
      return interfaces.length === 0 ? 'modem' : null
    case '03':
      return 'hid-other'
    case '08':
      return 'storage-other'
    case 'e0':
      return 'wireless-other'
    case 'fe':
      return 'misc'
    case 'ff':
      return interfaces.length === 0 ? 'vendor-specific' : null
    default:
      return byClass[code] ?? 'unknown'
  }
}
