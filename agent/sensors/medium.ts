/**
 * Which mounts lie on a medium. Pure.
 *
 * Every disk that the signed baseline does not name is a medium, whatever its bus: an NVMe drive on Thunderbolt or a
 * card in a slot carries secrets out as well as a stick does.
 */
import { type Baseline, diskKey, isOwnDisk } from '@shoukou/protocol'
import type { MountInfo } from '../base/parse-mountinfo.ts'
import type { BlockEntry } from './block-entry.ts'

/** Returns the keys of the disks that were there at enrolment. */
export function diskBaselineKeys(baseline: Baseline): Set<string> {
  return new Set(baseline.disks.map(diskKey))
}

/** Reports whether a mount lies on a medium, or on something mapped on top of one. */
export function isOnMedium(
  mount: Pick<MountInfo, 'number' | 'source'>,
  disks: ReadonlyMap<string, BlockEntry>,
  baseline: Baseline,
): boolean {
  const name = diskOfMount(mount, disks)
  return name !== null && isMedium(name, disks, baseline, 0)
}

/** Mapped disks may lie on mapped disks; a loop among them can only be an error. */
const mappingDepthMax = 16

function isMedium(
  name: string,
  disks: ReadonlyMap<string, BlockEntry>,
  baseline: Baseline,
  depth: number,
): boolean {
  const entry = disks.get(name)
  if (entry === undefined || depth > mappingDepthMax) return false
  const { bus } = entry.device
  // What a loop device's file lies on is not followed here; a disk below it is.
  if (bus === 'memory' || (bus === 'loop' && entry.slaves.length === 0)) return false
  if ((bus === 'mapped' || bus === 'loop') && entry.slaves.length > 0) {
    return entry.slaves.some((slave) => {
      const disk = diskNamed(slave, disks)
      return disk !== null && isMedium(disk, disks, baseline, depth + 1)
    })
  }
  return !isOwnDisk(entry.device, baseline)
}

function diskOfMount(
  mount: Pick<MountInfo, 'number' | 'source'>,
  disks: ReadonlyMap<string, BlockEntry>,
): string | null {
  for (const [name, entry] of disks) {
    if (entry.device.number === mount.number) return name
    if (entry.partitions.some((partition) => partition.number === mount.number)) return name
  }
  // btrfs and some others show a number of their own making; their source still names the disk.
  const source = mount.source.toString('latin1')
  if (!mount.number.startsWith('0:') || !source.startsWith('/dev/')) return null
  return diskNamed(source.slice('/dev/'.length), disks)
}

function diskNamed(name: string, disks: ReadonlyMap<string, BlockEntry>): string | null {
  if (disks.has(name)) return name
  for (const [disk, entry] of disks) {
    if (entry.partitions.some((partition) => partition.name === name)) return disk
    if (entry.mappedName !== null && `mapper/${entry.mappedName}` === name) return disk
  }
  return null
}
