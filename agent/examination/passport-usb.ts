/** What a passport keeps of a USB device. Pure. */
import type { Passport, UsbDevice } from '@shoukou/protocol'

export function usbPassportOf(device: UsbDevice): Passport['usb'] {
  const { vendorId, productId, deviceRelease: release, serial, manufacturer, product } = device
  return { vendorId, productId, release, serial, manufacturer, product, descriptorHash: null }
}
