/** Turns two mount tables into what was mounted and unmounted. Pure. */
import type { MountInfo } from '../../base/parse-mountinfo.ts'

export interface MountChanges {
  readonly removed: readonly MountInfo[]
  readonly added: readonly MountInfo[]
}

/** Returns the key of one mount: the same until it is unmounted or its options change. */
export function mountKey(mount: MountInfo): string {
  const texts = [mount.target, mount.source, mount.fileSystem, mount.options, mount.root]
  return JSON.stringify(['mount', mount.id, mount.number, ...texts.map((text) => text.toString('latin1'))])
}

/** A remount with other options is told as removed and added: what may be done there has changed. */
export function diffMounts(
  before: ReadonlyMap<string, MountInfo>,
  after: ReadonlyMap<string, MountInfo>,
): MountChanges {
  return {
    removed: [...before].filter(([key]) => !after.has(key)).map(([, mount]) => mount),
    added: [...after].filter(([key]) => !before.has(key)).map(([, mount]) => mount),
  }
}
