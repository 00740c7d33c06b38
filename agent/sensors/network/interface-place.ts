/** Where an interface's device is, from its place in sysfs; and what interfaces are called by. Pure. */
import { type Baseline, type NetworkInterface, type RawText, rawTextKey } from '@shoukou/protocol'

export interface BusPlace {
  readonly busPath: string | null
  readonly usbPath: string | null
}

const usbInterface = /^(\d+-\d+(?:\.\d+)*):\d+\.\d+$/
const pciFunction = /^[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/

/**
 * Returns the nearest USB interface or PCI function above a device; where there is neither, the device's own name.
 *
 * `devicePath` is what <sys>/class/net/X/device leads to.
 */
export function busPlaceOf(devicePath: string): BusPlace {
  const parts = devicePath.split('/').filter((part) => part !== '')
  for (const part of parts.toReversed()) {
    const usb = usbInterface.exec(part)
    if (usb?.[1] !== undefined) return { busPath: part, usbPath: usb[1] }
    if (pciFunction.test(part)) return { busPath: part, usbPath: null }
  }
  return { busPath: parts.at(-1) ?? null, usbPath: null }
}

/** Returns the key by which an interface is recognised across boots: MAC and place, or its name where it has neither. */
export function interfaceKey(subject: {
  readonly name: RawText
  readonly mac: string | null
  readonly busPath: RawText | null
}): string {
  const { name, mac, busPath } = subject
  if (busPath === null) return JSON.stringify(['net', rawTextKey(name), null])
  return JSON.stringify(['net', mac, rawTextKey(busPath)])
}

/** Returns the key of this one stay: the kernel never gives an index twice in one boot. */
export function interfaceInstanceKey(subject: NetworkInterface): string {
  return `${interfaceKey(subject)}#${subject.index}`
}

/** Returns the keys of the interfaces that were there at enrolment. */
export function interfaceBaselineKeys(baseline: Baseline): Set<string> {
  return new Set(baseline.interfaces.map(interfaceKey))
}
