/**
 * What the kernel's uevents alone say of USB devices. Pure.
 *
 * For a device that is gone before it can be read this is all there will ever be: VID, PID and release (PRODUCT), class
 * (TYPE), bus and device number, and the class of each interface that was bound meanwhile (INTERFACE).
 */
import type { UsbDevice, UsbInterface } from '@shoukou/protocol'
import type { Uevent } from '../../base/parse-uevent.ts'
import type { TimedUevent } from '../plug-watch.ts'
import type { PlugHint } from '../replay-sightings.ts'
import { isDevicePath } from './usb-keys.ts'

/** Returns the port path that an event of a device or of one of its interfaces speaks of; null for all else. */
export function usbPlaceOf(event: Uevent): string | null {
  if (event.subsystem !== 'usb') return null
  // `change`, `bind` and the like are echoes of what is done with a device, most of it by this agent.
  if (event.action !== 'add' && event.action !== 'remove') return null
  const parts = event.devpath.split('/')
  const name = (event.devtype === 'usb_interface' ? parts.at(-2) : parts.at(-1)) ?? ''
  if (event.devtype !== 'usb_interface' && event.devtype !== 'usb_device') return null
  return isDevicePath(name) ? name : null
}

/** Returns the stay at a port, as snapshots and events name it alike. */
export function usbInstance(path: string, bus: number | null, device: number | null): string {
  return `${path}#${bus ?? '?'}:${device ?? '?'}`
}

/** Returns the comings and goings that a row of events tells, each with what is known of the device. */
export function usbHintsOf(events: readonly TimedUevent[]): PlugHint<UsbDevice>[] {
  const hints: PlugHint<UsbDevice>[] = []
  const latest = new Map<string, number>()
  for (const { event, atMs } of events) {
    const place = usbPlaceOf(event)
    if (place === null) continue
    if (event.devtype === 'usb_interface') {
      const index = latest.get(place)
      const hint = index === undefined ? undefined : hints[index]
      if (event.action === 'add' && index !== undefined && hint !== undefined) {
        hints[index] = withInterface(hint, event)
      }
      continue
    }
    if (event.action !== 'add' && event.action !== 'remove') continue
    const thing = deviceOf(event, place)
    const bus = count(event.fields.get('BUSNUM'))
    const device = count(event.fields.get('DEVNUM'))
    hints.push({ action: event.action, place, instance: usbInstance(place, bus, device), atMs, thing })
    if (event.action === 'add') latest.set(place, hints.length - 1)
    else latest.delete(place)
  }
  return hints
}

function deviceOf(event: Uevent, path: string): UsbDevice | null {
  const product = /^([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})$/i.exec(
    event.fields.get('PRODUCT') ?? '',
  )
  if (product === null) return null
  const type = triple(event.fields.get('TYPE'))
  return {
    path,
    bus: count(event.fields.get('BUSNUM')),
    device: count(event.fields.get('DEVNUM')),
    vendorId: hex(product[1], 4),
    productId: hex(product[2], 4),
    deviceRelease: hex(product[3], 4),
    deviceClass: type?.[0] ?? null,
    serial: null,
    manufacturer: null,
    product: null,
    speedMbps: null,
    authorized: null,
    interfaces: [],
    descriptors: null,
    descriptorFaults: [],
  }
}

function withInterface(hint: PlugHint<UsbDevice>, event: Uevent): PlugHint<UsbDevice> {
  const found = interfaceOf(event)
  if (found === null || hint.thing === null) return hint
  return { ...hint, thing: { ...hint.thing, interfaces: [...hint.thing.interfaces, found] } }
}

function interfaceOf(event: Uevent): UsbInterface | null {
  const codes = triple(event.fields.get('INTERFACE'))
  const place = /:(\d{1,3})\.(\d{1,3})$/.exec(event.devpath)
  if (codes === null || place === null) return null
  const [configuration, number] = [Number(place[1]), Number(place[2])]
  if (configuration > 255 || number > 255) return null
  // The event names the setting that is in use at its first binding, which is 0.
  return { configuration, number, alternate: 0, class: codes[0], subclass: codes[1], protocol: codes[2] }
}

/** The kernel writes TYPE and INTERFACE in decimal: `8/6/80`. */
function triple(text: string | undefined): [string, string, string] | null {
  const match = /^(\d{1,3})\/(\d{1,3})\/(\d{1,3})$/.exec(text ?? '')
  if (match === null) return null
  const codes = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (codes.some((code) => code > 255)) return null
  const [a, b, c] = codes.map((code) => code.toString(16).padStart(2, '0'))
  return [a ?? '', b ?? '', c ?? '']
}

function hex(text: string | undefined, digits: number): string {
  return (text ?? '').toLowerCase().padStart(digits, '0')
}

function count(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : null
}
