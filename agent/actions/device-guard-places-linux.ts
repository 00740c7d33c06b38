/**
 * Where the guard is put: the cgroup2 folder that it holds for, and the folder of pins that keeps it when the agent ends.
 */
import { mkdirSync, renameSync, rmdirSync, statfsSync, statSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { loadLibc } from '../base/libc-linux.ts'

/** The names under which the parts of one guard are pinned. */
export const pinNames = ['entries', 'refusals', 'told', 'program', 'link'] as const
export type PinName = (typeof pinNames)[number]

export const defaultPins = '/sys/fs/bpf/shoukou'

/** The whole tree; on computers that still start with the old hierarchies, systemd keeps cgroup2 beside them. */
const cgroupRoots = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'] as const

const CGROUP2_SUPER_MAGIC = 0x63_67_72_70
const BPF_FS_MAGIC = 0xca_fe_4a_11
const MS_NOSUID_NODEV_NOEXEC = 2 | 4 | 8

/** Returns the folder to guard. @throws ShoukouError `control-unavailable` where it is in no cgroup2 tree. */
export function findCgroup(asked: string | undefined): string {
  const found = (asked === undefined ? cgroupRoots : [asked]).find(
    (folder) => fileSystemOf(folder) === CGROUP2_SUPER_MAGIC,
  )
  if (found !== undefined) return found
  throw new ShoukouError('control-unavailable', `${asked ?? cgroupRoots[0]} is not in a cgroup2 tree.`, {
    context: {
      remedy: 'Mount cgroup2, for example with the kernel parameter systemd.unified_cgroup_hierarchy=1.',
    },
  })
}

/** Returns the kernel's number of a cgroup. */
export function cgroupIdOf(folder: string): bigint {
  return statSync(folder, { bigint: true }).ino
}

/** Makes the folder of pins, and mounts the BPF file system below it where there is none. */
export async function preparePins(pins: string): Promise<void> {
  const parent = dirname(pins)
  if (fileSystemOf(parent) !== BPF_FS_MAGIC) {
    const libc = await loadLibc()
    const { value, errno } = libc.mount('bpf', parent, 'bpf', MS_NOSUID_NODEV_NOEXEC)
    if (value < 0)
      throw new ShoukouError('control-unavailable', `No BPF file system can be mounted at ${parent}.`, {
        context: { errno, remedy: `Mount one: mount -t bpf bpf ${parent}` },
      })
  }
  mkdirSync(pins, { recursive: true, mode: 0o700 })
}

export function pinPath(pins: string, name: PinName): string {
  return join(pins, name)
}

/** Where a part stands until all are there. The kernel allows no dot in such names. */
export function newPinPath(pins: string, name: PinName): string {
  return join(pins, `${name}-new`)
}

export function publishPin(pins: string, name: PinName): void {
  renameSync(newPinPath(pins, name), pinPath(pins, name))
}

/** Takes pins away. Reports whether one was there. */
export function unpin(paths: readonly string[]): boolean {
  return paths.map(removeFile).includes(true)
}

export function removePinFolder(pins: string): void {
  try {
    rmdirSync(pins)
  } catch (error) {
    // Absent, or something of somebody else's is in it: neither is in the guard's way.
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}

function removeFile(path: string): boolean {
  try {
    unlinkSync(path)
    return true
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}

function fileSystemOf(path: string): number | null {
  try {
    return statfsSync(path).type
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return null
    throw error
  }
}
