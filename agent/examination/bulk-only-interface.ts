/**
 * Finds the storage side of a USB device that Bulk-Only Transport can speak to: an interface 08:06:50 in alternate setting
 * 0, with a bulk endpoint each way (USB 2.0 §9.6). Pure, never throws: descriptors are the device's own words.
 */

export interface BulkOnlyInterface {
  readonly configuration: number
  readonly number: number
  /** Endpoint addresses; the one towards the host has bit 7. */
  readonly endpointIn: number
  readonly endpointOut: number
}

const CONFIGURATION = 2
const INTERFACE = 4
const ENDPOINT = 5
const BULK = 2
const MASS_STORAGE = 0x08

/**
 * Returns such interfaces of all configurations, in the order of the descriptors. A configuration with storage on a second
 * interface has none: what can't be examined whole is not examined in part, because its driver would bind to both.
 */
export function findBulkOnlyInterfaces(descriptors: Uint8Array): BulkOnlyInterface[] {
  const found: BulkOnlyInterface[] = []
  const storage = new Map<number, Set<number>>()
  let configuration: number | null = null
  let current: Draft | null = null
  // Each descriptor has two bytes at least, so that this ends.
  for (let at = descriptors[0] ?? 0; at + 2 <= descriptors.length; ) {
    const length = descriptors[at] ?? 0
    if (length < 2 || at + length > descriptors.length) break
    const one = descriptors.subarray(at, at + length)
    const type = one[1]
    if (type === CONFIGURATION && length >= 9) {
      configuration = one[5] ?? 0
      current = null
    } else if (type === INTERFACE && length >= 9) {
      if (one[5] === MASS_STORAGE && configuration !== null) {
        storage.set(configuration, (storage.get(configuration) ?? new Set()).add(one[2] ?? 0))
      }
      current = isBulkOnly(one) ? { number: one[2] ?? 0, endpointIn: null, endpointOut: null } : null
    } else if (type === ENDPOINT && length >= 7 && current !== null && ((one[3] ?? 0) & 0x03) === BULK) {
      const address = one[2] ?? 0
      if (address >= 0x80) current.endpointIn ??= address
      else current.endpointOut ??= address
      const { number, endpointIn, endpointOut } = current
      if (configuration !== null && endpointIn !== null && endpointOut !== null) {
        found.push({ configuration, number, endpointIn, endpointOut })
        current = null
      }
    }
    at += length
  }
  return found.filter((one) => storage.get(one.configuration)?.size === 1)
}

interface Draft {
  readonly number: number
  endpointIn: number | null
  endpointOut: number | null
}

/** Alternate setting 0 is the one in force when a device was configured: in another one stands UAS. */
function isBulkOnly(one: Uint8Array): boolean {
  return one[3] === 0 && one[5] === MASS_STORAGE && one[6] === 0x06 && one[7] === 0x50
}
