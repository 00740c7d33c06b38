/**
 * Files that are whole or not there: written beside, synced, renamed, and the folder synced too.
 *
 * A reader never sees half a file, and after a power cut the old or the new content stands, never a mixture.
 */
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

let counter = 0

/** A write of this process: whoever watches its files must not take it for somebody else's. */
export type OwnWrite =
  | { readonly state: 'begun' | 'failed'; readonly path: string }
  | { readonly state: 'done'; readonly path: string; readonly bytes: Buffer; readonly mode: number }
const watchers = new Set<(write: OwnWrite) => void>()

/** Calls back before and after each file that this process replaces. Returns the way to stop that. */
export function onOwnWrite(watcher: (write: OwnWrite) => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** Replaces a file's content, for good once the promise resolves. `mode` defaults to 0600. */
export async function writeFileAtomic(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  tell({ state: 'begun', path })
  try {
    await replace(path, data, mode)
  } catch (fault) {
    tell({ state: 'failed', path })
    throw fault
  }
  if (watchers.size > 0) tell({ state: 'done', path, bytes: Buffer.from(data), mode })
}

function tell(write: OwnWrite): void {
  for (const watcher of watchers) watcher(write)
}

async function replace(path: string, data: string | Uint8Array, mode: number): Promise<void> {
  counter += 1
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.${counter}.tmp`)
  try {
    await writeSynced(beside, data, mode)
    await rename(beside, path)
  } catch (fault) {
    await rm(beside, { force: true })
    throw fault
  }
  await syncFolder(dirname(path))
}

/** Writes a value as JSON, atomically. */
export function writeJsonAtomic(path: string, value: unknown, mode = 0o600): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(value, null, 1)}\n`, mode)
}

/** Makes a rename, a creation or a deletion inside a folder outlive a power cut (fsync(2) on the folder). */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Creates a folder, and the missing ones above it, readable by its owner alone. */
export async function makeFolder(folder: string): Promise<void> {
  // Not `recursive: true`: that one never ends where a folder may not be made (below /proc).
  if (await makeOne(folder)) return
  await makeFolder(dirname(folder))
  if (!(await makeOne(folder))) await mkdir(folder, { mode: 0o700 })
}

/** Makes one folder, or finds it there; false where the one above is missing. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 })
    await syncFolder(dirname(folder))
    return true
  } catch (fault) {
    if (isErrno(fault, 'EEXIST') && (await stat(folder)).isDirectory()) return true
    if (isErrno(fault, 'ENOENT') && dirname(folder) !== folder) return false
    throw fault
  }
}

/** Reads a whole file; null where there is none. Any other failure is thrown: unread is not the same as absent. */
export async function readFileIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (fault) {
    if (isErrno(fault, 'ENOENT')) return null
    throw fault
  }
}

/** Reports whether a thrown value is the operating system's error of that name. */
export function isErrno(fault: unknown, ...codes: readonly string[]): boolean {
  return fault instanceof Error && 'code' in fault && codes.includes(String(fault.code))
}

async function writeSynced(path: string, data: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode)
  try {
    // Past the umask: whoever watches the file expects the mode that was asked for.
    await handle.chmod(mode)
    await handle.writeFile(data)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
