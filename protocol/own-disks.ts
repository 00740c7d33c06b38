/**
 * Which disks are the computer's own: the one rule, for the agent's sensors, its decisions and the console's judgement.
 * Pure. What they took for different disks would be a file not watched, or somebody accused of the disk he works on.
 */
import type { BlockDevice } from './events/shapes.ts'
import type { Baseline } from './policy.ts'
import { type RawText, rawTextKey } from './raw-text.ts'

export interface DiskIdentity {
  readonly name: RawText
  readonly serial: RawText | null
  readonly wwn: RawText | null
  readonly sizeBytes: number | null
}

/** Returns the key by which a disk is recognised across boots: WWN or serial, else name and size. */
export function diskKey(disk: DiskIdentity): string {
  if (disk.wwn !== null) return JSON.stringify(['disk-wwn', rawTextKey(disk.wwn)])
  if (disk.serial !== null) return JSON.stringify(['disk-serial', rawTextKey(disk.serial)])
  return JSON.stringify(['disk-name', rawTextKey(disk.name), disk.sizeBytes])
}

/**
 * Reports whether a disk was there at enrolment.
 *
 * A drive that takes media is the computer's own only with the medium of the very size that it held then: the reader
 * belongs to the computer, a card put into it later does not.
 */
export function isOwnDisk(disk: BlockDevice, baseline: Pick<Baseline, 'disks'>): boolean {
  const takesMedia = disk.isRemovable === true || disk.bus === 'optical' || disk.bus === 'floppy'
  const key = diskKey(disk)
  return baseline.disks.some(
    (own) => diskKey(own) === key && (!takesMedia || own.sizeBytes === disk.sizeBytes),
  )
}
