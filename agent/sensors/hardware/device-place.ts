/** Which piece of hardware a path in sysfs belongs to: the nearest device of a bus above it. Pure. */
import type { Hardware } from '@shoukou/protocol'

export interface DevicePlace {
  readonly bus: Hardware['bus']
  /** The folder of the device that everything below is joined with. */
  readonly path: string
  /** The device's name on its bus: `0000:02:00.0`, `1-1.4`, `mmc1:0001`, `hci0`. */
  readonly name: string
  /** The USB interface on the way, where the path leads through one: `1-1.4:1.0`. */
  readonly usbInterface: string | null
}

const pciFunction = /^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/
/** Port numbers have no leading zero; the four hexadecimal digits of an I2C address (`1-0050`) are no port. */
const usbPort = /^\d+-[1-9]\d{0,2}(\.[1-9]\d{0,2})*$/
const usbInterface = /^(\d+-[1-9]\d{0,2}(?:\.[1-9]\d{0,2})*):\d+\.\d+$/
const sdioCard = /^mmc\d+:[0-9a-f]{4}$/
/** Serial, I2C and SPI devices. */
const otherBus = /^(?:serial\d+-\d+|\d+-[0-9a-f]{4}|i2c-[A-Za-z0-9]+:[0-9]+|spi\d+\.\d+)$/
/** Platform devices that are made by a driver out of nothing. */
const madeUp =
  /^(?:snd_(?:dummy|aloop|virmidi|mts64|pcmtest)|vivid|vimc|vim2m|visl|vicodec|v4l2loopback)[.-]?\d*$/

/**
 * Returns the place of a path below the sysfs root (`/devices/…`). `nodeClass` is the class of a node that the path ends
 * in; null where it is a device itself.
 */
export function devicePlaceOf(path: string, nodeClass: string | null): DevicePlace {
  const parts = path.split('/')
  for (let at = parts.length - 1; at > 0; at -= 1) {
    const part = parts[at] ?? ''
    const upTo = (end: number): string => parts.slice(0, end).join('/')
    const port = usbInterface.exec(part)?.[1]
    if (port !== undefined && parts[at - 1] === port)
      return { bus: 'usb', path: upTo(at), name: port, usbInterface: part }
    if (usbPort.test(part)) return { bus: 'usb', path: upTo(at + 1), name: part, usbInterface: null }
    if (pciFunction.test(part)) return { bus: 'pci', path: upTo(at + 1), name: part, usbInterface: null }
    if (sdioCard.test(part)) return { bus: 'sdio', path: upTo(at + 1), name: part, usbInterface: null }
    if (otherBus.test(part)) return { bus: 'other', path: upTo(at + 1), name: part, usbInterface: null }
  }
  return placeWithoutBus(parts, nodeClass)
}

function placeWithoutBus(parts: readonly string[], nodeClass: string | null): DevicePlace {
  // ['', 'devices', 'virtual', class, name, …]; the faux bus holds what once was a platform device without hardware.
  const isVirtual = parts[2] === 'virtual' || parts[2] === 'faux'
  const own = nodeClass === null ? parts.length : parts.lastIndexOf(nodeClass)
  const end = isVirtual && parts[2] === 'virtual' ? 5 : own > 2 ? own : parts.length
  const name = parts[Math.min(end, parts.length) - 1] ?? ''
  const path = parts.slice(0, end).join('/')
  if (isVirtual || madeUp.test(name)) return { bus: 'virtual', path, name, usbInterface: null }
  const bus = parts[2] === 'platform' || parts[2] === 'soc' || parts[2] === 'soc0' ? 'platform' : 'other'
  return { bus, path, name, usbInterface: null }
}
