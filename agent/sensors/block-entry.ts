/** What sysfs tells of a disk beyond the fact's own fields, and what its bus is. Pure. */
import type { BlockBus, BlockDevice } from '@shoukou/protocol'

export interface BlockEntry {
  readonly device: BlockDevice
  /** Its place in sysfs, below the root: `/devices/pci…/block/sda`. */
  readonly devpath: string
  /** The kernel's running number of disks and media; null before Linux 5.15. */
  readonly diskSequence: number | null
  readonly partitions: readonly { readonly name: string; readonly number: string }[]
  /** Disks or partitions that a mapped disk lies on, by name. */
  readonly slaves: readonly string[]
  /** `/dev/mapper/NAME`, where it has one. */
  readonly mappedName: string | null
}

/** Returns the bus of a disk from its name and its place in sysfs. */
export function blockBusOf(name: string, devpath: string): BlockBus {
  if (/^loop\d/.test(name)) return 'loop'
  if (/^(zram|ram)\d/.test(name)) return 'memory'
  if (/^(dm-|md)/.test(name)) return 'mapped'
  if (/^(nbd|rbd|drbd)\d/.test(name) || /\/(session\d+|nvme-fabrics|rnbd-client)\//.test(devpath))
    return 'network'
  if (/^fd\d/.test(name)) return 'floppy'
  if (/^(sr|scd)\d/.test(name)) return 'optical'
  if (name.startsWith('mmcblk')) return 'mmc'
  if (name.startsWith('nvme')) return 'nvme'
  if (name.startsWith('vd')) return 'virtio'
  if (usbPathOf(devpath) !== null) return 'usb'
  if (/\/ata\d+\//.test(devpath)) return 'ata'
  if (/\/host\d+\//.test(devpath)) return 'scsi'
  return 'other'
}

/** Returns the port path of the USB device that a place in sysfs lies under, the nearest one; null where none. */
export function usbPathOf(devpath: string): string | null {
  const parts = devpath.split('/')
  for (let index = parts.length - 1; index >= 0; index -= 1) {
    const match = /^(\d+-\d+(?:\.\d+)*):\d+\.\d+$/.exec(parts[index] ?? '')
    if (match?.[1] !== undefined) return match[1]
  }
  return null
}

/** Returns the serial in a SCSI unit serial number page (SPC-4 §7.8.15); null where there is none. */
export function serialOfVpd80(page: Uint8Array): Uint8Array | null {
  if (page.length < 4 || page[1] !== 0x80) return null
  const length = ((page[2] ?? 0) << 8) | (page[3] ?? 0)
  const serial = trimPadding(page.subarray(4, 4 + length))
  return serial.length === 0 ? null : serial
}

/** Takes the spaces (and zero bytes) off both ends: fixed-width fields of SCSI, ATA and NVMe are filled up with them. */
export function trimPadding(bytes: Uint8Array): Uint8Array {
  let start = 0
  let end = bytes.length
  while (start < end && isPadding(bytes[start])) start += 1
  while (end > start && isPadding(bytes[end - 1])) end -= 1
  return bytes.subarray(start, end)
}

function isPadding(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0
}
