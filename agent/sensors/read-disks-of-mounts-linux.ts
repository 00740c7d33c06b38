/**
 * Reads the disks that mounts lie on, and no others: a mount is watched the sooner, the less is read before. Only reads.
 */
import { readlink } from 'node:fs/promises'
import type { MountInfo } from '../base/parse-mountinfo.ts'
import type { BlockEntry } from './block-entry.ts'
import { readAllBlock, readBlock } from './read-block-linux.ts'

/**
 * Returns the disks below these mounts, by name; all disks where the kernel's index does not name one, or where one is
 * mapped onto others.
 */
export async function readDisksOfMounts(
  sys: string,
  mounts: readonly Pick<MountInfo, 'number'>[],
): Promise<ReadonlyMap<string, BlockEntry>> {
  const numbers = [...new Set(mounts.map(({ number }) => number))]
  const names = await Promise.all(numbers.map((number) => readDiskName(sys, number)))
  const disks = new Map<string, BlockEntry>()
  for (const name of names) {
    if (name === null) return await readAllBlock(sys)
    const entry = disks.get(name) ?? (await readBlock(sys, name))
    if (entry === null || entry.slaves.length > 0) return await readAllBlock(sys)
    disks.set(name, entry)
  }
  return disks
}

/** The kernel keeps one link for each device number: `../../devices/…/block/sda/sda1`. */
async function readDiskName(sys: string, number: string): Promise<string | null> {
  try {
    return /\/block\/([^/]+)(?:\/[^/]+)?$/.exec(await readlink(`${sys}/dev/block/${number}`))?.[1] ?? null
  } catch {
    // A number of the file system's own making, or no such index: all disks are read then.
    return null
  }
}
