/**
 * One console for a data folder: two on one database would be two truths.
 *
 * The lock is the kernel's (fcntl, through SQLite's exclusive mode), so it ends with its process however that ends: no
 * stale lock, no process number that means somebody else by now.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ShoukouError } from '@shoukou/protocol'

export interface DataLock {
  release(): void
}

/** A console that was just told to stop is waited for. */
const waitMsMax = 2_000
const sqliteBusy = 5

/**
 * Takes the lock of a folder that exists.
 *
 * @throws ShoukouError `config-invalid` where another console, in whatever process, holds it.
 */
export function takeDataLock(folder: string): DataLock {
  const lock = new DatabaseSync(join(folder, 'console.lock'), { timeout: waitMsMax })
  try {
    lock.exec('pragma locking_mode=exclusive; begin exclusive')
  } catch (cause) {
    lock.close()
    if ((cause as { errcode?: unknown }).errcode !== sqliteBusy) throw cause
    throw new ShoukouError(
      'config-invalid',
      `Another console already runs on the data folder ${folder}; stop it first, or choose another folder with --data.`,
      { cause },
    )
  }
  return { release: () => lock.close() }
}
