/**
 * Opens the SQLite file, and asserts that what it acknowledges survives a power cut.
 *
 * WAL with `synchronous=FULL`: each commit is synced before it returns. NORMAL loses the last commits at a power cut,
 * and some builds default to it, so the setting is read back.
 */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { ShoukouError } from '@shoukou/protocol'
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from '../migrations.ts'
import type { Tables } from '../schema.ts'
import { mendViolationLists } from './mend-violation-lists.ts'

export interface OpenDatabase {
  readonly connection: DatabaseSync
  readonly query: Kysely<Tables>
  /** `journal_mode=wal synchronous=full`, as read back. */
  readonly durability: string
}

const synchronousNames = ['off', 'normal', 'full', 'extra']

/**
 * Opens or creates the file and brings its schema up to date.
 *
 * @throws ShoukouError `config-invalid` where it is damaged or no database: it is left as it is. Error where it can't be opened.
 */
export async function openDatabase(path: string): Promise<OpenDatabase> {
  const connection = new DatabaseSync(path)
  try {
    return await prepareDatabase(connection)
  } catch (error) {
    connection.close()
    if (!isDamage(error)) throw error
    throw new ShoukouError(
      'config-invalid',
      `The database ${path} is damaged or is no database; it was left as it is: restore it from the backup, or choose another folder with --data.`,
      { cause: error },
    )
  }
}

async function prepareDatabase(connection: DatabaseSync): Promise<OpenDatabase> {
  connection.exec('pragma journal_mode=wal')
  connection.exec('pragma synchronous=full')
  connection.exec('pragma foreign_keys=on')
  connection.exec('pragma busy_timeout=5000')
  connection.exec('pragma cache_size=-64000')
  connection.exec('pragma wal_autocheckpoint=4000')
  const mode = pragma(connection, 'journal_mode')
  const synchronous = synchronousNames[Number(pragma(connection, 'synchronous'))] ?? 'unknown'
  assert.equal(mode, 'wal', 'the database must be in WAL mode')
  assert.equal(synchronous, 'full', 'the database must sync each commit')
  const query = new Kysely<Tables>({ dialect: new SqliteDialect({ database: asKyselyDatabase(connection) }) })
  await migrate(connection, query)
  mendViolationLists(connection)
  return { connection, query, durability: `journal_mode=${mode} synchronous=${synchronous}` }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB, wherever in the chain of causes they stand. */
function isDamage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { errcode } = error as { errcode?: unknown }
  const primary = typeof errcode === 'number' ? errcode & 0xff : 0
  return primary === 11 || primary === 26 || isDamage(error.cause)
}

/** All of it or nothing, in one sync: a schema that is half brought up to date would be neither's. */
async function migrate(connection: DatabaseSync, query: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db: query, provider: { getMigrations: async () => ({ ...migrations }) } })
  const isCurrent = (await migrator.getMigrations()).every(({ executedAt }) => executedAt !== undefined)
  if (!isCurrent) connection.exec('begin immediate')
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) {
    if (connection.isTransaction) connection.exec('rollback')
    throw new Error('the database could not be brought up to date', { cause: error })
  }
  if (!isCurrent) connection.exec('commit')
}

function pragma(connection: DatabaseSync, name: string): unknown {
  return Object.values(connection.prepare(`pragma ${name}`).get() ?? {})[0]
}

/** Kysely's stock dialect speaks better-sqlite3's few methods; node:sqlite lacks only `reader`. */
export function asKyselyDatabase(connection: DatabaseSync): SqliteDatabase {
  return {
    close: () => connection.close(),
    prepare: (sql) => {
      const statement = connection.prepare(sql)
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as never[])),
        run: (parameters) => statement.run(...(parameters as never[])),
        iterate: (parameters) => statement.iterate(...(parameters as never[])) as IterableIterator<unknown>,
      }
    },
  }
}
