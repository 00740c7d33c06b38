/** Writes devices and passports as evidence has them. Pure. */
import type { Passport, UsbDevice } from '@shoukou/protocol'

/** A device on some bus, as the catalogue's evidence has it. */
export interface BusDevice {
  readonly busPath: UsbDevice['path'] | null
  readonly vendorId: string | null
  readonly productId: string | null
  readonly serial: UsbDevice['serial']
  readonly model: UsbDevice['product']
}

export const unknownDevice: BusDevice = {
  busPath: null,
  vendorId: null,
  productId: null,
  serial: null,
  model: null,
}

export function busDeviceOfUsb(device: UsbDevice): BusDevice {
  return {
    busPath: device.path,
    vendorId: device.vendorId,
    productId: device.productId,
    serial: device.serial,
    model: device.product,
  }
}

export function busDeviceOfPassport(
  { usb, diskSerial, inquiry }: Passport,
  busPath: UsbDevice['path'] | null,
): BusDevice {
  return {
    busPath,
    vendorId: usb?.vendorId ?? null,
    productId: usb?.productId ?? null,
    serial: usb?.serial ?? diskSerial,
    model: usb?.product ?? inquiry?.product ?? null,
  }
}
