/** Reads from <sys>/class/net what rtnetlink does not say of an interface: device, bus, driver, radio. Only reads. */
import { stat } from 'node:fs/promises'
import { readCount, readLinkName, readRealPath } from '../read-sysfs-linux.ts'
import { busPlaceOf } from './interface-place.ts'
import type { InterfaceDetails } from './interface-state.ts'
import type { LinkMessage } from './parse-rtnetlink.ts'

/** Reads the details; what the message itself says of its device where the interface is gone already. */
export async function readInterfaceDetails(sys: string, message: LinkMessage): Promise<InterfaceDetails> {
  if (message.name === null) return detailsFromMessage(message)
  // A name that is no UTF-8 leads nowhere here; then the message's own word on its device is used.
  const folder = `${sys}/class/net/${message.name.toString('utf8')}`
  const [index, devicePath, driver, ...radios] = await Promise.all([
    readCount(`${folder}/ifindex`),
    readRealPath(`${folder}/device`),
    readLinkName(`${folder}/device/driver`),
    exists(`${folder}/wireless`),
    exists(`${folder}/phy80211`),
  ])
  // Another interface may have taken the name meanwhile.
  if (index !== message.index) return detailsFromMessage(message)
  const place = devicePath === null ? { busPath: null, usbPath: null } : busPlaceOf(devicePath)
  return {
    nature: devicePath === null ? 'virtual' : 'physical',
    ...place,
    driver,
    isWireless: radios.includes(true),
    isRead: true,
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
    isRead: false,
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
