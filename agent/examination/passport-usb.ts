/** What a passport keeps of a USB device. Pure. */
import { createHash } from 'node:crypto'
import type { Passport, UsbDevice } from '@shoukou/protocol'
import { normalisedDescriptorBytes } from '@shoukou/protocol/usb/normalise-descriptors.ts'

/** Returns a device's part of a passport; the hash is null where its descriptors could not be read. */
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

function hashOf(descriptors: Uint8Array): string {
  return createHash('sha256').update(normalisedDescriptorBytes(descriptors)).digest('hex')
}
