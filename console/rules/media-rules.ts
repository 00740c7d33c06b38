/**
 * `unregistered-media-inserted`: a removable medium that the policy in force does not register.
 *
 * A USB device is judged at its attachment, by the union of all its interfaces. Disks on other buses are judged when
 * they appear, or when a medium comes into a drive that was empty; a disk behind a USB device is that device's matter.
 */
import {
  type BlockDevice,
  type Decision,
  isOwnDisk,
  type Origin,
  type Policy,
  rawTextKey,
  type UsbDevice,
} from '@shoukou/protocol'
import type { Judgement, RecordOf } from './judgement.ts'

const massStorageClass = '08'

/** Disks that software makes out of what is already there. */
const softwareBuses: ReadonlySet<BlockDevice['bus']> = new Set(['loop', 'mapped', 'memory'])

export function judgeUsbAttached(record: RecordOf<'usb.attached'>, policy: Policy): Judgement[] {
  const { device, origin, sighting } = record.fact
  if (!isMassStorage(device) || wasJudgedBefore(origin)) return []
  if (isRegistered(device, policy)) return []
  if (origin !== 'appeared' && isInBaseline(device, policy)) return []
  return [
    {
      type: 'unregistered-media-inserted',
      evidence: { device, disk: null, origin, sighting, ...outcomeOf(record.decision) },
    },
  ]
}

export function judgeBlockAttached(record: RecordOf<'block.attached'>, policy: Policy): Judgement[] {
  const { device, origin, sighting } = record.fact
  if (wasJudgedBefore(origin) || !isOwnMatter(device) || !hasMedium(device)) return []
  if (isOwnDisk(device, policy.baseline)) return []
  return [mediumIn(device, origin, sighting, record.decision)]
}

/** A card in a reader, a disc in a drive: size 0 became a size. */
export function judgeBlockChanged(record: RecordOf<'block.changed'>): Judgement[] {
  const { before, device } = record.fact
  if (!isOwnMatter(device) || hasMedium(before) || !hasMedium(device)) return []
  return [mediumIn(device, 'appeared', 'snapshot', record.decision)]
}

function mediumIn(
  disk: BlockDevice,
  origin: Origin,
  sighting: 'snapshot' | 'event-only',
  decision: Decision | null,
): Judgement {
  return {
    type: 'unregistered-media-inserted',
    evidence: { device: null, disk, origin, sighting, ...outcomeOf(decision) },
  }
}

/** What the agent did: its own word, in the record. In observe mode nothing was blocked, whatever it would have been. */
function outcomeOf(decision: Decision | null): { outcome: Decision['outcome']; wouldBlock: boolean } {
  return { outcome: decision?.outcome ?? 'detected', wouldBlock: decision?.would !== 'allow' }
}

export function isMassStorage(device: UsbDevice): boolean {
  return (
    device.deviceClass === massStorageClass || device.interfaces.some((one) => one.class === massStorageClass)
  )
}

function isRegistered(device: UsbDevice, policy: Policy): boolean {
  const { serial } = device
  if (serial === null) return false
  return policy.settings.registeredMedia.some(
    (medium) =>
      medium.vendorId === device.vendorId &&
      medium.productId === device.productId &&
      rawTextKey(medium.serial) === rawTextKey(serial),
  )
}

function isInBaseline(device: UsbDevice, policy: Policy): boolean {
  return policy.baseline.usb.some(
    (one) =>
      rawTextKey(one.path) === rawTextKey(device.path) &&
      one.vendorId === device.vendorId &&
      one.productId === device.productId &&
      sameText(one.serial, device.serial),
  )
}

function isOwnMatter(disk: BlockDevice): boolean {
  return !softwareBuses.has(disk.bus) && disk.bus !== 'usb' && disk.usbPath === null
}

/** A size that could not be read is not an empty drive. */
function hasMedium(disk: BlockDevice): boolean {
  return disk.sizeBytes !== 0
}

/** `still-present` was judged by the record of an earlier run; the baseline is no violation. */
function wasJudgedBefore(origin: Origin): boolean {
  return origin === 'baseline' || origin === 'still-present'
}

function sameText(
  a: Parameters<typeof rawTextKey>[0] | null,
  b: Parameters<typeof rawTextKey>[0] | null,
): boolean {
  if (a === null || b === null) return a === b
  return rawTextKey(a) === rawTextKey(b)
}
