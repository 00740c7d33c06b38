/** Whether a device is one that the policy knows: registered, approved, or there at enrolment. Pure. */
import {
  type ApprovedInterface,
  type Baseline,
  bytesOfRawText,
  type NetworkInterface,
  type RawText,
  type RegisteredMedium,
  type UsbDevice,
} from '@shoukou/protocol'

/** Reports whether two observed texts are the same bytes. */
export function isSameText(a: RawText | null, b: RawText | null): boolean {
  if (a === null || b === null) return a === b
  if (typeof a === 'string' && typeof b === 'string') return a === b
  return Buffer.from(bytesOfRawText(a)).equals(bytesOfRawText(b))
}

/** Reports whether a USB device is a registered medium: VID, PID and serial, byte for byte. A device without a serial is none. */
export function isRegisteredMedium(device: UsbDevice, registered: readonly RegisteredMedium[]): boolean {
  return registered.some(
    (medium) =>
      medium.vendorId === device.vendorId &&
      medium.productId === device.productId &&
      isSameText(medium.serial, device.serial),
  )
}

/** Reports whether a USB device was on this very port at enrolment. */
export function isBaselineUsb(device: UsbDevice, baseline: Baseline): boolean {
  return baseline.usb.some(
    (own) =>
      isSameText(own.path, device.path) &&
      own.vendorId === device.vendorId &&
      own.productId === device.productId &&
      isSameText(own.serial, device.serial),
  )
}

/** Reports whether an adapter was there at enrolment: same MAC on the same bus place, else same name where it has neither. */
export function isBaselineInterface(adapter: NetworkInterface, baseline: Baseline): boolean {
  return baseline.interfaces.some((own) => {
    if (own.busPath === null && adapter.busPath === null) return isSameText(own.name, adapter.name)
    return hasMac(adapter, own.mac) && isSameText(own.busPath, adapter.busPath)
  })
}

/** A bond lends its own MAC to its ports: theirs is the one that the hardware has. */
function hasMac({ mac, permanentMac, masterIndex }: NetworkInterface, known: string | null): boolean {
  const isPort = masterIndex !== undefined && masterIndex !== null
  return mac === known || (isPort && known !== null && permanentMac === known)
}

/** Reports whether an adapter is approved: same MAC, and on the approved place where one is named. */
export function isApprovedInterface(
  adapter: NetworkInterface,
  approved: readonly ApprovedInterface[],
): boolean {
  return approved.some(
    (each) =>
      hasMac(adapter, each.mac) && (each.busPath === null || isSameText(each.busPath, adapter.busPath)),
  )
}
