/**
 * The data folder of a console with the prepared unit: made once for a schema and kept in the project's cache outside the
 * tree; each run takes a copy of its own. The passwords of its accounts are the tests' own.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../../../console/store/sqlite/database.ts'
import { startConsole } from '../../../scripts/start/console-process.ts'
import { prepareDataFolder } from '../../../scripts/start/data-folder.ts'
import { cacheFolder } from '../../lab/guest-image.ts'
import { signInAt, testPassword } from '../../support/console.ts'
import { findPortPair } from '../../support/ports.ts'
import { computersInAll, violationsInAll, writeUnit } from './unit-data.ts'

export interface PreparedData extends AsyncDisposable {
  readonly folder: string
}

/** Returns a copy of the prepared data folder; it is gone with what is returned. */
export async function prepareUnit(say: (line: string) => void): Promise<PreparedData> {
  const kept = join(cacheFolder('bench-web'), await recipeOf())
  if (!existsSync(kept)) {
    say('preparing the unit, once for this schema')
    await makeAnew(kept, say)
  }
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-bench-web-'))
  await cp(kept, folder, { recursive: true })
  assertWhole(databaseOf(folder))
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

export function databaseOf(folder: string): string {
  return join(folder, 'console', 'console.db')
}

/** The schema as the store makes it, and what fills it. */
async function recipeOf(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-bench-schema-'))
  try {
    const { connection, query } = await openDatabase(join(folder, 'empty.db'))
    const hash = createHash('sha256')
    for (const { sql } of connection.prepare('select sql from sqlite_schema order by name').all())
      hash.update(`\0${String(sql)}`)
    await query.destroy()
    for (const file of ['unit-data.ts', 'evidence.ts', 'prepared-data.ts'])
      hash.update('\0').update(await readFile(join(import.meta.dirname, file)))
    return hash.digest('hex').slice(0, 20)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function makeAnew(kept: string, say: (line: string) => void): Promise<void> {
  const all = dirname(kept)
  await mkdir(all, { recursive: true })
  // Of another schema: no run will ask for it again, and each takes a gigabyte or two.
  for (const name of await readdir(all))
    if (name !== basename(kept)) await rm(join(all, name), { recursive: true, force: true })
  const part = `${kept}.part-${process.pid}`
  try {
    await prepareDataFolder(part)
    await makeConsole(part)
    await writeUnit(databaseOf(part), Date.now(), say)
    assertWhole(databaseOf(part))
    await rename(part, kept)
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}

/** A console's own first start: its keys, its accounts. */
async function makeConsole(data: string): Promise<void> {
  const port = await findPortPair()
  const console = await startConsole({ data, port, listen: '127.0.0.1', names: [] })
  try {
    const authority = await readAuthority(data)
    const first = console.firstAccounts.find(({ name }) => name === 'secadmin')?.password ?? ''
    const client = await signInAt(`https://localhost:${port}`, authority, 'secadmin', first)
    await client.send('POST', '/api/session/password', { current: first, next: testPassword })
  } finally {
    await console.stop()
  }
}

export function readAuthority(data: string): Promise<string> {
  return readFile(join(data, 'console', 'pki', 'authority.crt'), 'utf8')
}

/** @throws Error where it is not what the figures are said to be of. */
function assertWhole(path: string): void {
  const connection = new DatabaseSync(path, { readOnly: true })
  try {
    const count = (table: string) =>
      Number(connection.prepare(`select count(*) as count from ${table}`).get()?.['count'])
    const found = [count('violations'), count('computers')]
    if (found.join() !== `${violationsInAll},${computersInAll}`)
      throw new Error(`the prepared unit has ${found.join(' violations, ')} computers`)
  } finally {
    connection.close()
  }
}
