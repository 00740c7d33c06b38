/**
 * What stands in a console's data folder before it is used: database and keys belong together, and neither is made
 * anew where the other says that there was one. A lost half is restored, never papered over.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'

export interface DataFolder {
  readonly database: string
  readonly keys: string
  readonly hasDatabase: boolean
  readonly hasKeys: boolean
}

/** Reads which halves are there; an empty database file is none. */
export async function readDataFolder(path: string): Promise<DataFolder> {
  const [database, keys] = [join(path, 'console.db'), join(path, 'pki')]
  return {
    database,
    keys,
    hasDatabase: (await sizeOf(database)) > 0,
    hasKeys: (await sizeOf(join(keys, 'authority.crt'))) > 0,
  }
}

/** Reads the folder of a console that ran before. @throws ShoukouError `config-invalid` where none did: a mistyped path makes nothing. */
export async function usedDataFolder(path: string): Promise<DataFolder> {
  const folder = await readDataFolder(path)
  if (folder.hasDatabase && folder.hasKeys) return folder
  throw new ShoukouError(
    'config-invalid',
    `No console has kept its data in ${path}; check --data, or start the console first.`,
  )
}

/** @throws ShoukouError `config-invalid` where there are keys and no database. Call before the database is opened. */
export function assertDatabaseNotLost({ database, keys, hasDatabase, hasKeys }: DataFolder): void {
  if (hasDatabase || !hasKeys) return
  throw new ShoukouError(
    'config-invalid',
    `The database ${database} is missing or empty, but the keys of its console are there; restore it from the backup, or move ${keys} away to begin anew.`,
  )
}

/** @throws ShoukouError `config-invalid` where computers trust an authority that is gone. Call before keys are made. */
export function assertKeysNotLost({ keys, hasKeys }: DataFolder, computers: number): void {
  if (hasKeys || computers === 0) return
  throw new ShoukouError(
    'config-invalid',
    `The keys in ${keys} are missing, but ${computers} computers trust them; restore them from the backup.`,
  )
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}
