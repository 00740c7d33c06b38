/** What a passport keeps of a USB device. Pure. */
import { createHash } from 'node:crypto'
import { normalisedDescriptorBytes, type Passport, type UsbDevice } from '@shoukou/protocol'

/** Returns a device's part of a passport; the hash is null where its descriptors could not be read, or lie. */
export function usbPassportOf(device: UsbDevice): NonNullable<Passport['usb']> {
  const { vendorId, productId, serial, manufacturer, product } = device
  return {
    vendorId,
    productId,
    release: device.deviceRelease,
    serial,
    manufacturer,
    product,
    descriptorHash: device.descriptors === null ? null : hashOf(Buffer.from(device.descriptors, 'base64')),
  }
}

/** Descriptors whose lengths lie have no hash: they could be made to have any. */
function hashOf(descriptors: Uint8Array): string | null {
  const normalised = normalisedDescriptorBytes(descriptors)
  return normalised === null ? null : createHash('sha256').update(normalised).digest('hex')
}
