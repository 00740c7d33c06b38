/**
 * Reads the USB devices that the kernel knows, from <sys>/bus/usb/devices. Only reads.
 *
 * Synchronously: the kernel answers these attributes from memory, without a lock that a device could hold, and a dozen
 * trips through the thread pool would stand between a keyboard and its owner.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { LIMITS, type RawText, rawTextOf, type UsbDevice } from '@shoukou/protocol'
import { parseDescriptors } from './parse-descriptors.ts'
import { isDevicePath } from './usb-keys.ts'

export type UsbListing =
  | { readonly kind: 'listed'; readonly paths: readonly string[] }
  /** sysfs is there and names no USB bus: no controller, or its driver is not loaded. */
  | { readonly kind: 'no-bus' }
  | { readonly kind: 'unreadable'; readonly reason: string }

/** Lists the port paths of all devices but root hubs. */
export function listUsb(sys: string): UsbListing {
  try {
    const names = readdirSync(`${sys}/bus/usb/devices`)
    return { kind: 'listed', paths: names.filter(isDevicePath).sort() }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    if (code === 'ENOENT' && existsSync(`${sys}/bus`)) return { kind: 'no-bus' }
    return { kind: 'unreadable', reason: `${sys}/bus/usb/devices cannot be read (${code})` }
  }
}

/** Reads the device number at a port: the cheap way to see that another stay began there. */
export function readDeviceNumber(sys: string, path: string): number | null {
  return readCount(`${sys}/bus/usb/devices/${path}/devnum`)
}

/** A directory may be there some ms before all its attributes are. */
const attemptsMax = 4
const attemptDelayMs = 15

/** Reads one device; null where it is gone. */
export async function readUsbDevice(sys: string, path: string): Promise<UsbDevice | null> {
  const folder = `${sys}/bus/usb/devices/${path}`
  for (let attempt = 1; ; attempt += 1) {
    const device = readOnce(folder, path)
    const isWhole = device.descriptors !== null && device.device !== null
    if (isWhole) return device
    if (!existsSync(folder)) return null
    if (attempt >= attemptsMax) return device
    await delay(attemptDelayMs)
  }
}

function readOnce(folder: string, path: string): UsbDevice {
  const raw = readBytes(`${folder}/descriptors`)
  const vendor = readHex(`${folder}/idVendor`, 4)
  const product = readHex(`${folder}/idProduct`, 4)
  const release = readHex(`${folder}/bcdDevice`, 4)
  const deviceClass = readHex(`${folder}/bDeviceClass`, 2)
  const authorized = readCount(`${folder}/authorized`)
  const speed = readWord(`${folder}/speed`)
  const parsed = raw === null ? null : parseDescriptors(raw)
  const faults = [...(parsed?.faults ?? ['the descriptors could not be read'])]
  if (raw !== null && raw.length > LIMITS.descriptorBytesMax) {
    faults.unshift(`the descriptors are ${raw.length} bytes; the first ${LIMITS.descriptorBytesMax} are kept`)
  }
  const speedMbps = speed === null || !/^\d+(\.\d+)?$/.test(speed) ? null : Number(speed)
  return {
    path,
    bus: readCount(`${folder}/busnum`),
    device: readCount(`${folder}/devnum`),
    // The kernel's word comes before the raw bytes: quirks may have corrected what the device says.
    vendorId: vendor ?? parsed?.device?.vendorId ?? '0000',
    productId: product ?? parsed?.device?.productId ?? '0000',
    deviceRelease: release ?? parsed?.device?.deviceRelease ?? null,
    deviceClass: deviceClass ?? parsed?.device?.deviceClass ?? null,
    serial: readRawText(`${folder}/serial`),
    manufacturer: readRawText(`${folder}/manufacturer`),
    product: readRawText(`${folder}/product`),
    speedMbps,
    authorized: authorized === null ? null : authorized !== 0,
    interfaces: [...(parsed?.interfaces ?? [])],
    descriptors: raw === null ? null : raw.subarray(0, LIMITS.descriptorBytesMax).toString('base64'),
    descriptorFaults: faults.slice(0, 32),
  }
}

function readHex(path: string, digits: number): string | null {
  const word = readWord(path)
  return word !== null && word.length === digits && /^[0-9a-f]+$/.test(word) ? word : null
}

function readCount(path: string): number | null {
  const word = readWord(path)
  return word !== null && /^\d{1,15}$/.test(word) ? Number(word) : null
}

function readWord(path: string): string | null {
  return readBytes(path)?.toString('latin1').trim() ?? null
}

/** Text that the device chose, without the line feed that the kernel adds. */
function readRawText(path: string): RawText | null {
  const bytes = readBytes(path)
  const text = bytes?.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes
  return text === null || text === undefined || text.length === 0 ? null : rawTextOf(text)
}

function readBytes(path: string): Buffer | null {
  try {
    const bytes = readFileSync(path)
    return bytes.length === 0 ? null : bytes
  } catch {
    // Not there yet, or gone already: the caller asks again, then says that it could not be read.
    return null
  }
}
