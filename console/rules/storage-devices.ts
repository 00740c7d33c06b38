/** What counts as a medium, and what is only software or the computer's own. Pure. */
import {
  type BlockDevice,
  type Origin,
  type Policy,
  type RawText,
  rawTextKey,
  type UsbDevice,
} from '@shoukou/protocol'
import { isStorage, usbFunctionsOf } from '@shoukou/protocol/usb/functions.ts'
import type { RecordOf } from './judgement.ts'

/** By the union of everything that the device could be. */
export function isMassStorage(device: UsbDevice): boolean {
  return usbFunctionsOf(device).some(isStorage)
}

/** Disks that software makes out of what is already there. */
const softwareBuses: ReadonlySet<BlockDevice['bus']> = new Set(['loop', 'mapped', 'memory'])

export function isSoftwareDisk(disk: BlockDevice): boolean {
  return softwareBuses.has(disk.bus)
}

export function isBehindUsb(disk: BlockDevice): boolean {
  return disk.bus === 'usb' || disk.usbPath !== null
}

/** A size that could not be read is not an empty drive. */
export function hasMedium(disk: BlockDevice): boolean {
  return disk.sizeBytes !== 0
}

/** A card in a reader, a disc in a drive: size 0 became a size, or a removable medium another one. */
export function isNewMedium({ before, device }: RecordOf<'block.changed'>['fact']): boolean {
  if (!hasMedium(device)) return false
  if (!hasMedium(before)) return true
  const isSized = before.sizeBytes !== null && device.sizeBytes !== null
  return device.isRemovable === true && isSized && before.sizeBytes !== device.sizeBytes
}

/** By what the device says of itself: the weak list that policies had before seals. */
export function isRegisteredByIds(device: UsbDevice, policy: Policy): boolean {
  const { serial } = device
  if (serial === null) return false
  return policy.settings.registeredMedia.some(
    (medium) =>
      medium.vendorId === device.vendorId &&
      medium.productId === device.productId &&
      rawTextKey(medium.serial) === rawTextKey(serial),
  )
}

export function isBaselineUsb(device: UsbDevice, policy: Policy): boolean {
  return policy.baseline.usb.some(
    (one) =>
      rawTextKey(one.path) === rawTextKey(device.path) &&
      one.vendorId === device.vendorId &&
      one.productId === device.productId &&
      isSameText(one.serial, device.serial),
  )
}

/** `still-present` was judged by the record of an earlier run; the baseline is no violation. */
export function wasJudgedBefore(origin: Origin): boolean {
  return origin === 'baseline' || origin === 'still-present'
}

function isSameText(a: RawText | null, b: RawText | null): boolean {
  if (a === null || b === null) return a === b
  return rawTextKey(a) === rawTextKey(b)
}
