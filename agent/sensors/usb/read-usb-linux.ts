/** Reads the USB devices that the kernel knows, from <sys>/bus/usb/devices. Only reads. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { LIMITS, type UsbDevice } from '@shoukou/protocol'
import { readCount, readRawText, readWord } from '../read-sysfs-linux.ts'
import { parseDescriptors } from './parse-descriptors.ts'
import { isDevicePath } from './usb-keys.ts'

export type UsbListing =
  | { readonly kind: 'listed'; readonly paths: readonly string[] }
  /** sysfs is there and names no USB bus: no controller, or its driver is not loaded. */
  | { readonly kind: 'no-bus' }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** Lists the port paths of all devices but root hubs. */
export async function listUsb(sys: string): Promise<UsbListing> {
  try {
    const names = await readdir(`${sys}/bus/usb/devices`)
    return { kind: 'listed', paths: names.filter(isDevicePath).sort() }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    if (code === 'ENOENT' && (await exists(`${sys}/bus`))) return { kind: 'no-bus' }
    return { kind: 'unreadable', reason: `${sys}/bus/usb/devices cannot be read (${code})` }
  }
}

/** Reads the device number at a port: the cheap way to see that another stay began there. */
export function readDeviceNumber(sys: string, path: string): Promise<number | null> {
  return readCount(`${sys}/bus/usb/devices/${path}/devnum`)
}

/** A directory may be there some ms before all its attributes are. */
const attemptsMax = 4
const attemptDelayMs = 15

/** Reads one device; null where it is gone. */
export async function readUsbDevice(sys: string, path: string): Promise<UsbDevice | null> {
  const folder = `${sys}/bus/usb/devices/${path}`
  for (let attempt = 1; ; attempt += 1) {
    const device = await readOnce(folder, path)
    const isWhole = device.descriptors !== null && device.device !== null
    if (isWhole) return device
    if (!(await exists(folder))) return null
    if (attempt >= attemptsMax) return device
    await delay(attemptDelayMs)
  }
}

async function readOnce(folder: string, path: string): Promise<UsbDevice> {
  const [raw, bus, number, vendor, product, release, deviceClass, serial, maker, name, speed, authorized] =
    await Promise.all([
      readBytes(`${folder}/descriptors`),
      readCount(`${folder}/busnum`),
      readCount(`${folder}/devnum`),
      readHex(`${folder}/idVendor`, 4),
      readHex(`${folder}/idProduct`, 4),
      readHex(`${folder}/bcdDevice`, 4),
      readHex(`${folder}/bDeviceClass`, 2),
      readRawText(`${folder}/serial`),
      readRawText(`${folder}/manufacturer`),
      readRawText(`${folder}/product`),
      readWord(`${folder}/speed`),
      readCount(`${folder}/authorized`),
    ])
  const parsed = raw === null ? null : parseDescriptors(raw)
  const faults = [...(parsed?.faults ?? ['the descriptors could not be read'])]
  if (raw !== null && raw.length > LIMITS.descriptorBytesMax) {
    faults.unshift(`the descriptors are ${raw.length} bytes; the first ${LIMITS.descriptorBytesMax} are kept`)
  }
  const speedMbps = speed === null || !/^\d+(\.\d+)?$/.test(speed) ? null : Number(speed)
  return {
    path,
    bus,
    device: number,
    // The kernel's word comes before the raw bytes: quirks may have corrected what the device says.
    vendorId: vendor ?? parsed?.device?.vendorId ?? '0000',
    productId: product ?? parsed?.device?.productId ?? '0000',
    deviceRelease: release ?? parsed?.device?.deviceRelease ?? null,
    deviceClass: deviceClass ?? parsed?.device?.deviceClass ?? null,
    serial,
    manufacturer: maker,
    product: name,
    speedMbps,
    authorized: authorized === null ? null : authorized !== 0,
    interfaces: [...(parsed?.interfaces ?? [])],
    descriptors: raw === null ? null : raw.subarray(0, LIMITS.descriptorBytesMax).toString('base64'),
    descriptorFaults: faults.slice(0, 32),
  }
}

async function readHex(path: string, digits: number): Promise<string | null> {
  const word = await readWord(path)
  return word !== null && word.length === digits && /^[0-9a-f]+$/.test(word) ? word : null
}

async function readBytes(path: string): Promise<Buffer | null> {
  try {
    const bytes = await readFile(path)
    return bytes.length === 0 ? null : bytes
  } catch {
    // Not there yet, or gone already: the caller asks again, then says that it could not be read.
    return null
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
