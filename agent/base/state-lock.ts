/**
 * One writer for a state folder. The lock is the kernel's (fcntl, through SQLite's exclusive mode), so it ends with
 * its process however that ends: no stale lock, no process number that means somebody else by now.
 */
import { accessSync, constants } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { ShoukouError } from '@shoukou/protocol'
import { makeFolder } from './atomic-file.ts'
import type { StateFolder } from './state-folder.ts'

export interface StateLock {
  release(): void
}

/**
 * Takes the lock, or fails at once.
 *
 * @throws ShoukouError `journal-locked` where another process, or another part of this one, holds it; `state-unusable`
 * where the folder is not there or may not be written.
 */
export function takeStateLock(folder: Pick<StateFolder, 'lockFile' | 'root'>): StateLock {
  const database = openLockFile(folder)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if (!isBusy(cause)) throw unusable(folder.root, cause)
    throw new ShoukouError(
      'journal-locked',
      `Another agent already runs on ${folder.root}; stop it first, or choose another folder with --state.`,
      { cause, context: { folder: folder.root } },
    )
  }
  return { release: () => database.close() }
}

/** Makes the state folder where it is missing. @throws ShoukouError `state-unusable`. */
export async function makeStateFolder({ root }: Pick<StateFolder, 'root'>): Promise<void> {
  try {
    await makeFolder(root)
  } catch (cause) {
    throw unusable(root, cause)
  }
}

function openLockFile({ lockFile, root }: Pick<StateFolder, 'lockFile' | 'root'>): DatabaseSync {
  try {
    accessSync(root, constants.W_OK | constants.X_OK)
    return new DatabaseSync(lockFile, { timeout: 0 })
  } catch (cause) {
    throw unusable(root, cause)
  }
}

function unusable(folder: string, cause: unknown): ShoukouError {
  const isSqlite = cause instanceof Error && 'errcode' in cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : null
  const reason = isSqlite || code === null ? String(cause instanceof Error ? cause.message : cause) : code
  return new ShoukouError(
    'state-unusable',
    `The state folder ${folder} cannot be used (${reason}); check its permissions and the disk, or choose another folder with --state.`,
    { cause, context: { folder, reason } },
  )
}

function isBusy(fault: unknown): boolean {
  const sqliteBusy = 5
  return fault instanceof Error && 'errcode' in fault && fault.errcode === sqliteBusy
}
