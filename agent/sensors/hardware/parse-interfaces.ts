/**
 * The interfaces that raw USB descriptors offer, in all configurations and settings (USB 2.0 §9.6.5). Pure, never throws.
 *
 * Faults are the USB sensor's to tell; here what can be read is read, and a length that lies ends it.
 */
import { LIMITS, type UsbInterface } from '@shoukou/protocol'

const TYPE_CONFIGURATION = 2
const TYPE_INTERFACE = 4
const interfaceLength = 9

export function parseInterfaces(descriptors: Uint8Array): UsbInterface[] {
  const found: UsbInterface[] = []
  let configuration = 0
  let at = 0
  while (at + 2 <= descriptors.length && found.length < LIMITS.usbInterfacesMax) {
    const length = descriptors[at] ?? 0
    if (length < 2) break
    const type = descriptors[at + 1]
    if (type === TYPE_CONFIGURATION) configuration = descriptors[at + 5] ?? 0
    if (type === TYPE_INTERFACE && length >= interfaceLength && at + interfaceLength <= descriptors.length) {
      found.push({
        configuration,
        number: descriptors[at + 2] ?? 0,
        alternate: descriptors[at + 3] ?? 0,
        class: hex2(descriptors[at + 5]),
        subclass: hex2(descriptors[at + 6]),
        protocol: hex2(descriptors[at + 7]),
      })
    }
    at += length
  }
  return found
}

function hex2(value: number | undefined): string {
  return (value ?? 0).toString(16).padStart(2, '0')
}
