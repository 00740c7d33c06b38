/**
 * Opens a database to look at, and at nothing else: also while the console runs, also from a medium that can't be
 * written to. What is read is one moment of it, held until it is closed.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { ShoukouError } from '@shoukou/protocol/errors.ts'

export interface ReadOnlyDatabase {
  readonly path: string
  readonly connection: DatabaseSync
  /** Rows as arrays: a million of them cost half as much. */
  rows(text: string): StatementSync
  close(): void
}

/** @throws ShoukouError `config-invalid` where it can't be read, or is no database of this version's console. */
export function openReadOnly(path: string): ReadOnlyDatabase {
  const connection = open(path)
  try {
    connection.exec('pragma query_only=on; pragma busy_timeout=5000; pragma cache_size=-16000')
    connection.exec('pragma mmap_size=1073741824')
    connection.exec('begin')
    // The moment begins with the first read.
    connection.prepare('select origin from trail_origin').get()
  } catch (cause) {
    connection.close()
    throw new ShoukouError(
      'config-invalid',
      `${path} can't be verified: it is damaged, no database of a console, or of an earlier version that kept no chain of its log.`,
      { cause },
    )
  }
  return {
    path,
    connection,
    rows: (text) => {
      const statement = connection.prepare(text)
      statement.setReturnArrays(true)
      return statement
    },
    close: () => connection.close(),
  }
}

function open(path: string): DatabaseSync {
  try {
    const connection = new DatabaseSync(path, { readOnly: true })
    connection.prepare('select count(*) from sqlite_schema').get()
    return connection
  } catch (cause) {
    if ((cause as { errcode?: unknown }).errcode === undefined) throw cause
    // A folder that can't be written to, and a log beside the database that would have to be: nobody writes to it then.
    try {
      const url = pathToFileURL(path)
      url.searchParams.set('immutable', '1')
      const connection = new DatabaseSync(url, { readOnly: true })
      connection.prepare('select count(*) from sqlite_schema').get()
      return connection
    } catch {
      throw new ShoukouError('config-invalid', `${path} can't be opened: it is no database, or damaged.`, {
        cause,
      })
    }
  }
}
