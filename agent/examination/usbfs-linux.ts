/** The airlock. */
import { ShoukouError } from '@shoukou/protocol'
import type { BlockSource } from './block-source.ts'

export interface AirlockTarget {
  /** Numbers of the bus and the device, as in /dev/bus/usb. */
  readonly bus: number
  readonly device: number
  /** As sysfs gives them: the device descriptor, then every configuration. */
  readonly descriptors: Uint8Array
}

export interface AirlockOptions {
  readonly forWriting?: boolean
  /** All transfers together, from opening on; 8 s when left out. */
  readonly deadlineMs?: number
  /** One transfer; 3 s when left out. */
  readonly transferMs?: number
  /** Monotonic clock, ms. */
  readonly now?: () => number
}

/**
 * Opens the storage side of a USB device to which no driver is bound, and claims it until `close`. Writing 1 to
 * `authorized` and having `drivers_autoprobe` at 0 is the caller's part, before.
 *
 * @throws ShoukouError `medium-unreadable` with `context.step`: `descriptors`, `open`, `configuration`, `claim`,
 *   `inquiry`, `ready`, `capacity` …
 */
export async function openAirlock(
  _target: AirlockTarget,
  _options: AirlockOptions = {},
): Promise<BlockSource> {
  throw new ShoukouError('medium-unreadable', 'Not built yet.')
}

/** Whether a device can be examined in the airlock at all: a bulk-only setting of SCSI is in alternate setting 0. */
export function hasBulkOnlyDisk(_descriptors: Uint8Array): boolean {
  return false
}
