/** What the buses show: by class codes, descriptors, drivers and numbers, whether anything serves it or not. Pure. */
import type { HardwareKind, UsbInterface } from '@shoukou/protocol'
import { devicePlaceOf } from './device-place.ts'
import type { PieceDrafts } from './hardware-piece.ts'
import type { AliasedDevice, PciFunction, SdioFunction, UsbThing } from './hardware-view.ts'
import {
  isCellularDriver,
  isHuaweiModemInterface,
  isWifiDriver,
  isWifiPciVendor,
  isWifiSdioVendor,
  kindOfAlias,
  knownUsbRadio,
} from './known-radios.ts'

/** What a device is, and how that is known. */
interface Evidence {
  readonly kind: HardwareKind
  readonly detail: string
}

export function addPci(drafts: PieceDrafts, one: PciFunction, all: readonly PciFunction[]): void {
  for (const { kind, detail } of evidenceOfPci(one, all)) {
    const draft = drafts.take(kind, devicePlaceOf(one.path, null), detail)
    draft.vendorId = one.vendorId
    draft.productId = one.deviceId
    draft.driver = one.driver
  }
}

/** Class codes of the PCI Code and ID Assignment Specification, §1. */
function evidenceOfPci(one: PciFunction, all: readonly PciFunction[]): Evidence[] {
  const code = one.classCode >> 8
  const byDriver = one.driver === null ? null : kindOfDriver(one.driver)
  if (code >> 8 === 0x0d) return [{ kind: wirelessPciKind(code, byDriver), detail: 'pci-class' }]
  if (byDriver !== null) return [{ kind: byDriver, detail: 'driver' }]
  if (isWifiPciVendor(one.vendorId, one.classCode)) return [{ kind: 'wifi', detail: 'known-id' }]
  switch (code) {
    case 0x0280:
      // Nothing serves it and its maker is not known for radios: most of this class are, and some are not.
      return one.driver === null ? [{ kind: 'wifi', detail: 'network-controller-other' }] : []
    case 0x0703:
      return [{ kind: 'dialup-modem', detail: 'pci-class' }]
    case 0x0400:
      return one.driver === null ? [{ kind: 'camera', detail: 'pci-class' }] : []
    case 0x0480:
      return one.driver === null && one.vendorId === '8086'
        ? [{ kind: 'camera', detail: 'imaging-unit' }]
        : []
    case 0x0401:
    case 0x0403:
      return one.driver === null ? evidenceOfIdleAudio(one, all) : []
    default:
      return []
  }
}

function kindOfDriver(driver: string): HardwareKind | null {
  if (isWifiDriver(driver)) return 'wifi'
  return isCellularDriver(driver) ? 'cellular-modem' : null
}

function wirelessPciKind(code: number, byDriver: HardwareKind | null): HardwareKind {
  if (code === 0x0d00 || code === 0x0d01) return 'infrared'
  if (code === 0x0d11) return 'bluetooth'
  if (code === 0x0d40 || code === 0x0d41) return 'cellular-modem'
  return byDriver ?? 'wifi'
}

/** The sound function of a graphics card plays to a screen; any other may have an input. */
function evidenceOfIdleAudio(one: PciFunction, all: readonly PciFunction[]): Evidence[] {
  const card = one.slot.replace(/\.[0-7]$/, '')
  const isOfDisplay = all.some((other) => other.classCode >> 16 === 0x03 && other.slot.startsWith(`${card}.`))
  const speaker: Evidence = { kind: 'speaker', detail: 'pci-class' }
  return isOfDisplay ? [speaker] : [{ kind: 'microphone', detail: 'pci-class' }, speaker]
}

export function addUsb(drafts: PieceDrafts, one: UsbThing): void {
  const place = devicePlaceOf(one.path, null)
  const found = new Map<HardwareKind, { detail: string; interfaces: string[] }>()
  const note = (kind: HardwareKind, detail: string, name: string | null): void => {
    const known = found.get(kind) ?? { detail, interfaces: [] }
    if (name !== null && !known.interfaces.includes(name)) known.interfaces.push(name)
    found.set(kind, known)
  }
  for (const face of one.interfaces) {
    const name = `${one.port}:${face.configuration}.${face.number}`
    for (const { kind, detail } of evidenceOfInterface(one, face, one.drivers.get(name) ?? null))
      note(kind, detail, name)
  }
  for (const [name, driver] of one.drivers) {
    const kind = driver === null ? null : kindOfDriver(driver)
    if (kind !== null) note(kind, 'driver', name)
  }
  // A modem's serial ports beside its network port are one modem.
  if (found.has('cellular-modem')) found.delete('dialup-modem')
  const isMute = found.size === 0 && one.interfaces.every((face) => face.class === 'ff')
  const known = isMute ? knownUsbRadio(one.vendorId, one.productId) : null
  if (known !== null) note(known, 'known-id', null)
  if (found.size === 0 && one.deviceClass === 'e0') note('bluetooth', 'usb-class', null)

  for (const [kind, { detail, interfaces }] of found) {
    const draft = drafts.take(kind, place, detail)
    draft.vendorId = one.vendorId
    draft.productId = one.productId
    draft.model = one.product
    draft.isAuthorized = one.isAuthorized
    draft.stay = one.number === null ? '' : String(one.number)
    draft.usbInterface = interfaces.find((name) => one.drivers.has(name)) ?? interfaces[0] ?? null
    const own = interfaces.map((name) => one.drivers.get(name) ?? null)
    // A device that is known by its number alone: whatever serves it.
    const served = interfaces.length > 0 ? own : [...one.drivers.values()]
    draft.driver = served.find((driver) => driver !== null) ?? null
  }
}

/** Codes of the USB-IF's list of defined classes, and of CDC 1.2 §4.3. */
function evidenceOfInterface(one: UsbThing, face: UsbInterface, driver: string | null): Evidence[] {
  const { class: code, subclass, protocol } = face
  switch (code) {
    case '01':
      return audioEvidence(one, subclass)
    case '02':
      return communicationEvidence(subclass, protocol)
    case '0e':
      return [{ kind: 'camera', detail: 'usb-class' }]
    case '10':
      return audioVideoEvidence(subclass)
    case 'e0':
      if (subclass === '01' && protocol === '02') return [{ kind: 'uwb', detail: 'usb-class' }]
      // e0:01:03 is RNDIS: a network by cable, told elsewhere.
      if (subclass === '01' && protocol !== '03') return [{ kind: 'bluetooth', detail: 'usb-class' }]
      return subclass === '02' ? [{ kind: 'uwb', detail: 'usb-class' }] : []
    case 'fe':
      return subclass === '02' ? [{ kind: 'infrared', detail: 'usb-class' }] : []
    case 'ff':
      return driver === null && isHuaweiModemInterface(one.vendorId, subclass)
        ? [{ kind: 'cellular-modem', detail: 'known-id' }]
        : []
    default:
      return []
  }
}

function audioEvidence(one: UsbThing, subclass: string): Evidence[] {
  if (subclass !== '01') return []
  const { canCapture, canPlay, namesMicrophone } = one.terminals
  const found: Evidence[] = []
  if (canCapture)
    found.push({ kind: 'microphone', detail: namesMicrophone ? 'microphone-terminal' : 'input-terminal' })
  if (canPlay) found.push({ kind: 'speaker', detail: 'output-terminal' })
  return found
}

function audioVideoEvidence(subclass: string): Evidence[] {
  if (subclass === '01') return [{ kind: 'camera', detail: 'usb-class' }]
  return []
}

function communicationEvidence(subclass: string, protocol: string): Evidence[] {
  // RNDIS stands under ACM with a vendor's protocol.
  if (subclass === '02' && protocol === 'ff') return []
  if (subclass === '02')
    return [{ kind: 'dialup-modem', detail: protocol === '00' ? 'acm-serial' : 'acm-modem' }]
  if (['01', '03', '04', '05'].includes(subclass)) return [{ kind: 'dialup-modem', detail: 'usb-class' }]
  return ['08', '09', '0e'].includes(subclass) ? [{ kind: 'cellular-modem', detail: 'usb-class' }] : []
}

export function addSdio(drafts: PieceDrafts, one: SdioFunction): void {
  const found = evidenceOfSdio(one)
  if (found === null) return
  const draft = drafts.take(found.kind, devicePlaceOf(one.path, null), found.detail)
  draft.vendorId = one.vendorId
  draft.productId = one.deviceId
  draft.driver ??= one.driver
}

/** Standard function interface codes of SDIO Simplified Specification 3.00, table 6-4. */
function evidenceOfSdio(one: SdioFunction): Evidence | null {
  switch (one.classCode) {
    case 0x07:
      return { kind: 'wifi', detail: 'sdio-class' }
    case 0x02:
    case 0x03:
    case 0x09:
      return { kind: 'bluetooth', detail: 'sdio-class' }
    case 0x05:
      return { kind: 'camera', detail: 'sdio-class' }
    case 0x06:
      return { kind: 'cellular-modem', detail: 'sdio-class' }
    default: {
      if (one.driver !== null && one.driver.startsWith('bt')) return { kind: 'bluetooth', detail: 'driver' }
      if (one.driver !== null && isWifiDriver(one.driver)) return { kind: 'wifi', detail: 'driver' }
      return isWifiSdioVendor(one.vendorId) ? { kind: 'wifi', detail: 'known-id' } : null
    }
  }
}

export function addAliased(drafts: PieceDrafts, one: AliasedDevice): void {
  const kind = kindOfAlias(one.alias)
  if (kind === null) return
  drafts.take(kind, devicePlaceOf(one.path, null), 'known-id').driver = one.driver
}
