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
 * @throws ShoukouError `config-invalid` where another console, in whatever process, holds it, or the folder can't be
 * written by this account.
 */
export function takeDataLock(folder: string): DataLock {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(folder, 'console.lock'), { timeout: waitMsMax })
    lock.exec('pragma locking_mode=exclusive; begin exclusive')
  } catch (cause) {
    lock?.close()
    throw refusal(folder, cause)
  }
  const held = lock
  return { release: () => held.close() }
}

function refusal(folder: string, cause: unknown): ShoukouError {
  const isHeld = (cause as { errcode?: unknown }).errcode === sqliteBusy
  const why = cause instanceof Error ? cause.message : String(cause)
  return new ShoukouError(
    'config-invalid',
    isHeld
      ? `Another console already runs on the data folder ${folder}; stop it first, or choose another folder with --data.`
      : `The data folder ${folder} can't be used by this account (${why}); check who owns it, or choose another one with --data.`,
    { cause },
  )
}
