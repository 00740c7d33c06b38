/**
 * Descriptors of a USB device without what its port changes: the same bytes on a USB 2 and a USB 3 port, at any speed.
 * Pure, and free of Node; hashing them is the caller's.
 *
 * Left out (USB 2.0 §9.6, USB 3.2 §9.6):
 *   device         bcdUSB, bMaxPacketSize0; also bcdDevice, which firmware updates change (`usb.release` of the passport)
 *   configuration  wTotalLength, bmAttributes (self-powered or not may follow the plug), bMaxPower
 *   endpoint       wMaxPacketSize, bInterval
 *   whole          SuperSpeed endpoint companions (30h), SuperSpeedPlus isochronous companions (31h)
 *   whole          UAS alternate settings of an interface that also has Bulk-Only: many bridges offer UAS at SuperSpeed alone
 *
 * What stays: numbers of interfaces, classes, endpoint addresses and types, indexes of strings, class-specific
 * descriptors. A device whose endpoint addresses differ by speed has two hashes.
 */

const DEVICE = 0x01
const CONFIGURATION = 0x02
const INTERFACE = 0x04
const ENDPOINT = 0x05
const SUPERSPEED_COMPANION = 0x30
const SUPERSPEED_PLUS_COMPANION = 0x31
const deviceBytes = 18

/**
 * Returns the normalised bytes of what sysfs shows as `descriptors` (the device descriptor, then all configurations), or
 * null where a length lies, the first is no device descriptor, or nothing follows it. Each descriptor moves on by at
 * least two bytes, so that no input loops.
 */
export function normalisedDescriptorBytes(raw: Uint8Array): Uint8Array | null {
  const descriptors = splitDescriptors(raw)
  if (descriptors === null) return null
  const device = descriptors[0]
  if (device === undefined || device.length !== deviceBytes || device[1] !== DEVICE) return null
  if (descriptors.length < 2) return null
  const kept = withoutUasTwins(descriptors).flatMap((one) => normalised(one) ?? [])
  return concatenated(kept)
}

/** Cuts a chain of descriptors; null where a length is below two or beyond the end. */
function splitDescriptors(raw: Uint8Array): Uint8Array[] | null {
  const descriptors: Uint8Array[] = []
  let at = 0
  while (at < raw.length) {
    const length = raw[at] ?? 0
    if (length < 2 || at + length > raw.length) return null
    descriptors.push(raw.subarray(at, at + length))
    at += length
  }
  return descriptors
}

function withoutUasTwins(descriptors: readonly Uint8Array[]): readonly Uint8Array[] {
  const bulkOnly = new Set<string>()
  eachWithPlace(descriptors, (one, place) => {
    if (isInterfaceOf(one, 0x50)) bulkOnly.add(place)
  })
  const kept: Uint8Array[] = []
  let isLeftOut = false
  eachWithPlace(descriptors, (one, place) => {
    if (one[1] === INTERFACE) isLeftOut = isInterfaceOf(one, 0x62) && bulkOnly.has(place)
    if (one[1] === CONFIGURATION) isLeftOut = false
    if (!isLeftOut) kept.push(one)
  })
  return kept
}

/** Visits each descriptor with the place of its interface: which configuration, which interface number. */
function eachWithPlace(
  descriptors: readonly Uint8Array[],
  visit: (one: Uint8Array, place: string) => void,
): void {
  let configuration = 0
  let number = -1
  for (const one of descriptors) {
    if (one[1] === CONFIGURATION) {
      configuration += 1
      number = -1
    }
    if (one[1] === INTERFACE) number = one[2] ?? -1
    visit(one, `${configuration}.${number}`)
  }
}

function isInterfaceOf(one: Uint8Array, protocol: number): boolean {
  return one[1] === INTERFACE && one[5] === 0x08 && one[6] === 0x06 && one[7] === protocol
}

function normalised(one: Uint8Array): Uint8Array | null {
  switch (one[1] ?? 0) {
    case DEVICE:
      return blanked(one, [2, 3, 7, 12, 13])
    case CONFIGURATION:
      return blanked(one, [2, 3, 7, 8])
    case ENDPOINT:
      return blanked(one, [4, 5, 6])
    case SUPERSPEED_COMPANION:
    case SUPERSPEED_PLUS_COMPANION:
      return null
    default:
      return one
  }
}

function blanked(one: Uint8Array, offsets: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(one)
  for (const offset of offsets) if (offset < copy.length) copy[offset] = 0
  return copy
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
