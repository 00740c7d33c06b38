/** What a USB device is called by, and which names of the kernel mean a device at all. Pure. */
import { type Baseline, type RawText, rawTextKey, type UsbDevice } from '@shoukou/protocol'

/** A device's port path: `1-1.2`; not a root hub (`usb1`), not an interface (`1-1.2:1.0`). */
export function isDevicePath(name: string): boolean {
  return /^\d+-\d+(\.\d+)*$/.test(name)
}

/** Returns the key by which a device is recognised across boots: port, VID, PID and serial. */
export function usbKey(device: {
  readonly path: RawText
  readonly vendorId: string
  readonly productId: string
  readonly serial: RawText | null
}): string {
  const serial = device.serial === null ? 'none' : rawTextKey(device.serial)
  return JSON.stringify(['usb', rawTextKey(device.path), device.vendorId, device.productId, serial])
}

/** Returns the key of this one stay: another after each re-plug and each boot. */
export function usbInstanceKey(device: UsbDevice): string {
  return `${usbKey(device)}#${device.bus ?? '?'}:${device.device ?? '?'}`
}

/** Returns the keys of the devices that were there at enrolment. */
export function usbBaselineKeys(baseline: Baseline): Set<string> {
  return new Set(baseline.usb.map(usbKey))
}
