/** What is there now, as the baseline that an enrolment sends: from the very snapshots that the sensors take. */
import { type Baseline, LIMITS, type NetworkInterface } from '@shoukou/protocol'
import { readAllInterfaces } from './network/network-sensor.ts'
import { readAllBlock } from './read-block-linux.ts'
import { readAllUsb } from './usb/usb-sensor.ts'

/** Reads all three. What can't be read is left out, and then is no part of the computer. */
export async function takeBaseline(
  roots: { readonly sys?: string; readonly proc?: string } = {},
): Promise<Baseline> {
  const { sys = '/sys', proc = '/proc' } = roots
  const [usb, disks, interfaces] = await Promise.all([
    readAllUsb(sys),
    readAllBlock(sys),
    readAllInterfaces(sys, proc).catch(() => []),
  ])
  return {
    takenAtMs: Date.now(),
    usb: usb.slice(0, LIMITS.baselineItemsMax).map(({ path, vendorId, productId, serial }) => ({
      path,
      vendorId,
      productId,
      serial,
    })),
    disks: [...disks.values()].slice(0, LIMITS.baselineItemsMax).map(({ device }) => ({
      name: device.name,
      serial: device.serial,
      wwn: device.wwn,
      sizeBytes: device.sizeBytes,
    })),
    interfaces: interfaces.slice(0, LIMITS.baselineItemsMax).map(baselineOf),
  }
}

/** An adapter as a baseline names it. */
export function baselineOf(adapter: NetworkInterface): Baseline['interfaces'][number] {
  const { name, busPath, masterIndex, permanentMac } = adapter
  const isPort = masterIndex !== undefined && masterIndex !== null
  // What a bond lends to its ports is nobody's at the next start, until the bond is there.
  const mac = isPort ? (permanentMac ?? adapter.mac) : adapter.mac
  // A baseline names link-layer addresses of six bytes and more; a tunnel's four bytes are an IP address.
  return { name, mac: mac !== null && mac.length >= 17 ? mac : null, busPath }
}
