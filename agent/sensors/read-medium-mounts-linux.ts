/** Reads which file systems on media are mounted where: one mount each, the one that shows most of it. */
import { readMounts } from '../base/mounts-linux.ts'
import type { MountInfo } from '../base/parse-mountinfo.ts'
import { isOnMedium } from './medium.ts'
import { readDisksOfMounts } from './read-disks-of-mounts-linux.ts'
import type { SensorContext } from './sensor.ts'

export interface Roots {
  readonly sys: string
  readonly proc: string
}

export class MediumMounts {
  readonly #roots: Roots
  readonly #baseline: SensorContext['baseline']
  /** Whether a mount lies on a medium, by its identity: that stays until it is unmounted. */
  #verdicts = new Map<string, boolean>()

  constructor(roots: Roots, baseline: SensorContext['baseline']) {
    this.#roots = roots
    this.#baseline = baseline
  }

  /**
   * Reads the mounts on media. A disk is read only for a mount that is new: what a mounted file system lies on stays
   * the same until it is unmounted.
   *
   * @throws the file system's error where the mount table can't be read.
   */
  async read(): Promise<readonly MountInfo[]> {
    const { mounts } = await readMounts(this.#roots.proc)
    // Without a device number a path as source may still name one (btrfs); `proc`, `tmpfs` and their like do not.
    const candidates = mounts.filter((mount) => !mount.number.startsWith('0:') || mount.source[0] === 0x2f)
    const fresh = candidates.filter((mount) => !this.#verdicts.has(mountIdentity(mount)))
    const disks = fresh.length === 0 ? new Map() : await readDisksOfMounts(this.#roots.sys, fresh)
    this.#verdicts = new Map(
      candidates.map((mount) => {
        const key = mountIdentity(mount)
        return [key, this.#verdicts.get(key) ?? isOnMedium(mount, disks, this.#baseline)]
      }),
    )
    return widestOfEach(candidates.filter((mount) => this.#verdicts.get(mountIdentity(mount)) === true))
  }
}

/** Returns what tells one mount from another as long as it stands. */
export function mountIdentity(mount: MountInfo): string {
  const texts = [mount.root, mount.target, mount.source].map((text) => text.toString('latin1'))
  return JSON.stringify([mount.id, mount.number, ...texts])
}

/** Activity below one mount is activity below all mounts of the same file system: it is told once. */
export function widestOfEach(mounts: readonly MountInfo[]): MountInfo[] {
  const byFileSystem = Map.groupBy(mounts, (mount) => mount.number)
  return [...byFileSystem.values()].flatMap((same) =>
    same.toSorted((a, b) => a.root.length - b.root.length || a.id - b.id).slice(0, 1),
  )
}
