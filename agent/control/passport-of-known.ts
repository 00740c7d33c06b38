/** A passport from what the kernel tells of a disk, for media that could not be read. Pure. */
import type { BlockDevice, Passport, UsbDevice } from '@shoukou/protocol'
import { usbPassportOf } from '../examination/passport-usb.ts'

/** Returns what is known without reading a byte; the rest is null. */
export function passportOfKnown(disk: BlockDevice, usb: UsbDevice | null): Passport {
  const { bus, vendor, model, serial, wwn, sizeBytes } = disk
  return {
    bus,
    usb: usb === null ? null : usbPassportOf(usb),
    inquiry: model === null ? null : { vendor: vendor ?? '', product: model, revision: '' },
    diskSerial: serial,
    wwn,
    sizeBytes,
    blockBytes: null,
    partitionTable: null,
    fileSystems: [],
  }
}

/** Returns what a USB device says of itself, and nothing of the medium behind it. */
export function passportOfDevice(usb: UsbDevice): Passport {
  return {
    bus: 'usb',
    usb: usbPassportOf(usb),
    inquiry: null,
    diskSerial: null,
    wwn: null,
    sizeBytes: null,
    blockBytes: null,
    partitionTable: null,
    fileSystems: [],
  }
}
