/** Reads which file systems on media are mounted where: one mount each, the one that shows most of it. */
import { readMounts } from '../base/mounts-linux.ts'
import type { MountInfo } from '../base/parse-mountinfo.ts'
import { isOnMedium } from './medium.ts'
import { readAllBlock } from './read-block-linux.ts'
import type { SensorContext } from './sensor.ts'

export interface Roots {
  readonly sys: string
  readonly proc: string
}

/** @throws the file system's error where the mount table can't be read. */
export async function readMediumMounts(
  roots: Roots,
  baseline: SensorContext['baseline'],
): Promise<MountInfo[]> {
  const { mounts } = await readMounts(roots.proc)
  const candidates = mounts.filter((mount) => !mount.number.startsWith('0:') || mount.source[0] === 0x2f)
  if (candidates.length === 0) return []
  const disks = await readAllBlock(roots.sys)
  return widestOfEach(candidates.filter((mount) => isOnMedium(mount, disks, baseline)))
}

/** Activity below one mount is activity below all mounts of the same file system: it is told once. */
export function widestOfEach(mounts: readonly MountInfo[]): MountInfo[] {
  const byFileSystem = Map.groupBy(mounts, (mount) => mount.number)
  return [...byFileSystem.values()].flatMap((same) =>
    same.toSorted((a, b) => a.root.length - b.root.length || a.id - b.id).slice(0, 1),
  )
}
