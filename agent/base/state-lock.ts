/**
 * One writer for a state folder. The lock is the kernel's (fcntl, through SQLite's exclusive mode), so it ends with
 * its process however that ends: no stale lock, no process number that means somebody else by now.
 */
import { DatabaseSync } from 'node:sqlite'
import { ShoukouError } from '@shoukou/protocol'
import type { StateFolder } from './state-folder.ts'

export interface StateLock {
  release(): void
}

/**
 * Takes the lock, or fails at once.
 *
 * @throws ShoukouError `journal-locked` where another process, or another part of this one, holds it.
 */
export function takeStateLock(folder: Pick<StateFolder, 'lockFile' | 'root'>): StateLock {
  const path = folder.lockFile
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if (!isBusy(cause)) throw cause
    throw new ShoukouError(
      'journal-locked',
      `Another agent already runs on ${folder.root}; stop it first, or choose another folder with --state.`,
      { cause },
    )
  }
  return { release: () => database.close() }
}

function isBusy(fault: unknown): boolean {
  const sqliteBusy = 5
  return fault instanceof Error && 'errcode' in fault && fault.errcode === sqliteBusy
}
