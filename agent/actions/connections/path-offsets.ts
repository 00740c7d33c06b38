/** Where a process, its executable and the folders above it stand in this kernel's memory: what the path is walked by. Pure. */
import { type Btf, parseBtf } from './parse-btf.ts'

/** Bytes from the beginning of each structure. */
export interface PathOffsets {
  readonly taskLeader: number
  readonly taskStart: number
  readonly taskExecId: number
  readonly taskMemory: number
  readonly memoryFile: number
  readonly fileMount: number
  readonly fileEntry: number
  readonly entryParent: number
  readonly entryName: number
  /** `struct vfsmount`, which is what a file points to, within `struct mount`. */
  readonly mountInner: number
  readonly innerRoot: number
  readonly mountParent: number
  readonly mountEntry: number
}

const structures = [
  'task_struct',
  'mm_struct',
  'file',
  'path',
  'dentry',
  'qstr',
  'mount',
  'vfsmount',
] as const

/** Returns the offsets; null where the bytes are not BTF, or where this kernel keeps something elsewhere. */
export function parsePathOffsets(bytes: Buffer): PathOffsets | null {
  const btf = parseBtf(bytes, structures)
  if (btf === null) return null
  const offsets = readOffsets(btf)
  return Object.values(offsets).includes(null) ? null : (offsets as PathOffsets)
}

function readOffsets(btf: Btf): Record<keyof PathOffsets, number | null> {
  const at = (structure: (typeof structures)[number], ...fields: readonly string[]): number | null =>
    fields.reduce<number | null>((found, field) => found ?? btf.offsetOf(structure, field), null)
  // Since Linux 6.16 the field that programs may write has two underlines; `f_path` is a constant view of it.
  const filePath = at('file', 'f_path', '__f_path')
  return {
    taskLeader: at('task_struct', 'group_leader'),
    // `real_start_time` until Linux 5.4.
    taskStart: at('task_struct', 'start_boottime', 'real_start_time'),
    taskExecId: at('task_struct', 'self_exec_id'),
    taskMemory: at('task_struct', 'mm'),
    memoryFile: at('mm_struct', 'exe_file'),
    fileMount: sum(filePath, at('path', 'mnt')),
    fileEntry: sum(filePath, at('path', 'dentry')),
    entryParent: at('dentry', 'd_parent'),
    entryName: sum(at('dentry', 'd_name', '__d_name'), at('qstr', 'name')),
    mountInner: at('mount', 'mnt'),
    innerRoot: at('vfsmount', 'mnt_root'),
    mountParent: at('mount', 'mnt_parent'),
    mountEntry: at('mount', 'mnt_mountpoint'),
  }
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b
}
