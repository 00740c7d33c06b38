/** Reads what stands at a path, without following a link at its end. */
import { constants } from 'node:fs'
import { lstat, open, readlink } from 'node:fs/promises'
import { isErrno } from '../base/atomic-file.ts'
import { type Entry, sha256 } from './entries.ts'

export interface ReadEntry {
  readonly entry: Entry
  /** Of a file; null for anything else, and for one that is too large to be kept. */
  readonly bytes: Buffer | null
}

/** Own files are small; the largest is a policy with all its lists. */
const keptBytesMax = 4 * 1_048_576
/** A file of the agent's own that has grown beyond this is not read through. */
const readBytesMax = 256 * 1_048_576

/** Changes whenever the file does, without reading it: inode, size and both times. */
export async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs, mode } = await lstat(path, { bigint: true })
    return `${ino} ${size} ${mtimeNs} ${ctimeNs} ${mode}`
  } catch (fault) {
    // ELOOP: a folder above it is a link to itself by now; nothing is there.
    if (isErrno(fault, 'ENOENT', 'ENOTDIR', 'ELOOP')) return 'absent'
    throw fault
  }
}

export async function readEntry(path: string): Promise<ReadEntry> {
  try {
    const found = await lstat(path)
    if (found.isSymbolicLink()) return { entry: { kind: 'link', target: await readlink(path) }, bytes: null }
    if (!found.isFile() || found.size > readBytesMax) return { entry: { kind: 'other' }, bytes: null }
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      const bytes = await handle.readFile()
      const { mode, uid } = await handle.stat()
      const entry: Entry = { kind: 'file', hash: sha256(bytes), mode: mode & 0o7777, uid }
      return { entry, bytes: bytes.length > keptBytesMax ? null : bytes }
    } finally {
      await handle.close()
    }
  } catch (fault) {
    // ELOOP: it became a link meanwhile; the next look sees it.
    if (isErrno(fault, 'ENOENT', 'ENOTDIR', 'ELOOP')) return { entry: { kind: 'absent' }, bytes: null }
    throw fault
  }
}
