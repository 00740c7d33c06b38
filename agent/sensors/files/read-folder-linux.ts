/** Reads folders and entries by their bytes: no name is too strange. */
import type { Stats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import type { Entry, EntryKind } from './folder-tree.ts'

const parallelMax = 16

/** Joins a root and a path below it (Latin-1) to the bytes of the whole path. */
export function bytesOfPath(root: Buffer, below: string): Buffer {
  if (below === '') return root
  const separator = root.at(-1) === 0x2f ? '' : '/'
  return Buffer.concat([root, Buffer.from(separator + below, 'latin1')])
}

/** Reads one entry without following links; null where it is gone or can't be read. */
export async function readEntry(path: Buffer): Promise<Entry | null> {
  try {
    return entryOf(await lstat(path))
  } catch {
    // Gone between the event and the look: the next event says so.
    return null
  }
}

/** Reads the number of the file system that a path lies on; null where there is nothing. */
export async function readDevice(path: Buffer): Promise<number | null> {
  try {
    return (await lstat(path)).dev
  } catch {
    // Gone or not to be read: either way not the one that was there.
    return null
  }
}

/** Reads what lies in a folder, by name (Latin-1); null where the folder is gone or can't be read. */
export async function readFolder(path: Buffer): Promise<Map<string, Entry> | null> {
  let names: Buffer[]
  try {
    names = await readdir(path, { encoding: 'buffer' })
  } catch {
    // As above: the folder's own removal is told by its parent.
    return null
  }
  const entries = new Map<string, Entry>()
  for (let at = 0; at < names.length; at += parallelMax) {
    await Promise.all(
      names.slice(at, at + parallelMax).map(async (name) => {
        const key = name.toString('latin1')
        const entry = await readEntry(bytesOfPath(path, key))
        if (entry !== null) entries.set(key, entry)
      }),
    )
  }
  return entries
}

function entryOf(stats: Stats): Entry {
  return {
    kind: kindOf(stats),
    sizeBytes: stats.size,
    modifiedMs: stats.mtimeMs,
    changedMs: stats.ctimeMs,
    bornMs: stats.birthtimeMs,
  }
}

function kindOf(stats: Stats): EntryKind {
  if (stats.isFile()) return 'file'
  return stats.isDirectory() ? 'folder' : 'other'
}
