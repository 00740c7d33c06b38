/**
 * Where a demonstration is filled: in memory, where this computer has a file system there with room enough, and carried to its
 * folder when it is whole. What a unit's console never does without is that each record is on the disk before it is acknowledged;
 * what is thrown away when it is not filled to its end can do without, and a slow disk would make minutes of it.
 */
import { constants } from 'node:fs'
import { access, chmod, cp, mkdtemp, open, readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'

const inMemory = '/dev/shm'
/** Of a demonstration: what it needs while it is filled, and as much again for everybody else. */
const bytesNeeded = 2 * 1_024 ** 3
const prefix = 'shoukou-demo-'

/** Returns a new folder in memory; null where there is none, or too little room. */
export async function makeQuickFolder(): Promise<string | null> {
  try {
    await access(inMemory, constants.W_OK)
    const { bavail, bsize } = await statfs(inMemory)
    if (bavail * bsize < bytesNeeded) return null
  } catch {
    // Not there, or not ours to write to: the demonstration is filled where it will stand.
    return null
  }
  return mkdtemp(join(inMemory, prefix))
}

/** Reports whether a path is one that `makeQuickFolder` makes: nothing else is ever emptied. */
export function isQuickFolder(path: string): boolean {
  return path.startsWith(join(inMemory, prefix)) && !path.slice(inMemory.length + 1).includes('/')
}

/** Copies what is whole to where it will stand, and has it on the disk before it resolves. */
export async function carryOver(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, preserveTimestamps: true })
  await chmod(to, 0o700)
  for (const entry of await readdir(to, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = await open(join(entry.parentPath, entry.name))
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }
}

export async function removeQuickFolder(path: string): Promise<void> {
  if (isQuickFolder(path)) await rm(path, { recursive: true, force: true })
}
