/** Reads from <sys>/class/net what rtnetlink does not say of an interface: device, bus, driver, radio. Only reads. */
import { readdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readAttribute, readCount, readLinkName, readRealPath, readWord } from '../read-sysfs-linux.ts'
import type { UsbBehind } from './classify-interface.ts'
import { busPlaceOf } from './interface-place.ts'
import type { InterfaceDetails } from './interface-state.ts'
import type { LinkMessage } from './net-messages.ts'

const usbFunctionsMax = 64
/** Interfaces that are asked for their number where one was renamed; a storm of thousands is not. */
const namesAskedMax = 256

/** Reads the details; what the message itself says of its device where the interface is gone already. */
export async function readInterfaceDetails(sys: string, message: LinkMessage): Promise<InterfaceDetails> {
  const read = message.name === null ? null : await readNamed(sys, message.name, message)
  if (read !== null) return read
  // Renamed since the message, as udev does with each new adapter: it is known by its number.
  const name = await readNameOf(sys, message.index)
  return (name === null ? null : await readNamed(sys, name, message)) ?? detailsFromMessage(message)
}

/** Null where the name is another interface's, or nobody's. */
async function readNamed(sys: string, name: Buffer, message: LinkMessage): Promise<InterfaceDetails | null> {
  // The kernel takes any byte but a few into a name, so that the path is bytes too.
  const at = (rest: string): Buffer =>
    Buffer.concat([Buffer.from(`${sys}/class/net/`), name, Buffer.from(`/${rest}`)])
  const [devicePath, driver, uevent, ...radios] = await Promise.all([
    readRealPath(at('device')),
    readLinkName(at('device/driver')),
    readAttribute(at('uevent')),
    exists(at('wireless')),
    exists(at('phy80211')),
  ])
  const usb = devicePath === null ? null : await readUsbBehind(devicePath)
  // Asked last: another interface may have taken the name meanwhile, and then none of this is known.
  if ((await readCount(at('ifindex'))) !== message.index) return null
  const place = devicePath === null ? { busPath: null, usbPath: null } : busPlaceOf(devicePath)
  return {
    nature: devicePath === null ? 'virtual' : 'physical',
    ...place,
    driver,
    isWireless: radios.includes(true),
    deviceType: /^DEVTYPE=(.+)$/m.exec(uevent?.toString('latin1') ?? '')?.[1] ?? null,
    usb,
    isRead: true,
  }
}

/** The name that an interface bears now; null where it is gone, or among too many to ask. */
async function readNameOf(sys: string, index: number): Promise<Buffer | null> {
  const folder = `${sys}/class/net`
  const names = await readRawNames(folder)
  if (names.length > namesAskedMax) return null
  for (const name of names) {
    const at = Buffer.concat([Buffer.from(`${folder}/`), name, Buffer.from('/ifindex')])
    if ((await readCount(at)) === index) return name
  }
  return null
}

async function readRawNames(folder: string): Promise<Buffer[]> {
  try {
    return await readdir(folder, { encoding: 'buffer' })
  } catch {
    // No sysfs: then only the message says anything.
    return []
  }
}

/** Returns what a link message alone lets one say. */
export function detailsFromMessage(message: LinkMessage): InterfaceDetails {
  const place =
    message.parentName === null ? { busPath: null, usbPath: null } : busPlaceOf(message.parentName)
  return {
    nature: message.parentName === null ? 'virtual' : 'physical',
    ...place,
    driver: null,
    isWireless: false,
    deviceType: null,
    usb: null,
    isRead: false,
  }
}

/** Reads the functions of the USB device whose interface stands at `devicePath`; null where it is on another bus. */
async function readUsbBehind(devicePath: string): Promise<UsbBehind | null> {
  const own = await readFunction(devicePath)
  if (own === null) return null
  const device = dirname(devicePath)
  const names = (await readNames(device)).filter((name) => /^\d+-[\d.]+:\d+\.\d+$/.test(name))
  const functions = await Promise.all(
    names.slice(0, usbFunctionsMax).map((name) => readFunction(`${device}/${name}`)),
  )
  return {
    function: own,
    functions: functions.filter((one) => one !== null),
    vendorId: await readWord(`${device}/idVendor`),
  }
}

async function readNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch {
    // Unplugged meanwhile: what its functions were is not known then.
    return []
  }
}

async function readFunction(path: string): Promise<string | null> {
  const parts = await Promise.all(
    ['bInterfaceClass', 'bInterfaceSubClass', 'bInterfaceProtocol'].map((name) =>
      readWord(`${path}/${name}`),
    ),
  )
  return parts.every((part) => part !== null && /^[0-9a-f]{2}$/.test(part)) ? parts.join('/') : null
}

async function exists(path: Buffer): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
