/**
 * Writes a copy of what can be verified, and of nothing else: no account's secret, no session, no key. Tables are named,
 * so that a new one is not in the copy until somebody decides that it belongs there.
 */
import { chmod, open, rename, rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { type Checkpoint, EVIDENCE_CHAIN, journalsRoot, ShoukouError, TRAIL_CHAIN } from '@shoukou/protocol'
import type { ReadOnlyDatabase } from './read-only.ts'

const tables = [
  'trail_origin',
  'trail',
  'kept',
  'checkpoints',
  'checkpoint_places',
  'journals',
  'records',
  'gaps',
  'violations',
  'policies',
  'computers',
  'archives',
  'stubs',
  'standing_records',
] as const

/** What a copy says of itself, signed by the log key: `console/trail/copies.ts`. */
export interface StoredManifest {
  readonly manifest: string
  /** Ed25519, base64. */
  readonly signature: string
}

/**
 * Writes the copy to a file that must not be there yet. `sign` is given the ends of all chains as they are in the copy.
 *
 * @throws ShoukouError `config-invalid` where the file is there, or the database is none of a console.
 */
export async function writeCopy(
  source: string,
  to: string,
  sign: (ends: Omit<Checkpoint, 'atMs'>) => StoredManifest,
): Promise<void> {
  const part = `${to}.part`
  await reserve(to)
  try {
    fill(source, part, sign)
    await chmod(part, 0o600)
    await rename(part, to)
  } catch (error) {
    await rm(part, { force: true })
    await rm(to, { force: true })
    throw error
  }
}

/** The name is taken first: nothing that is there is ever written over. */
async function reserve(to: string): Promise<void> {
  try {
    await (await open(to, 'wx', 0o600)).close()
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new ShoukouError('config-invalid', `${to} is there already; name another file.`, { cause })
  }
}

function fill(source: string, part: string, sign: (ends: Omit<Checkpoint, 'atMs'>) => StoredManifest): void {
  const copy = new DatabaseSync(part)
  try {
    copy.exec('pragma journal_mode=delete; pragma synchronous=full; pragma busy_timeout=5000')
    copy.prepare('attach ? as source').run(source)
    copy.exec('begin')
    for (const table of tables) {
      for (const { type, sql } of definitionsOf(copy, table)) {
        if (type === 'table' || type === 'index') copy.exec(sql)
      }
      // Names of the list above, nothing that was read.
      copy.exec(`insert into main.${table} select * from source.${table}`)
    }
    copy.exec('create table copy_manifest (manifest text not null, signature text not null)')
    const { manifest, signature } = sign(endsOf(copy))
    copy.prepare('insert into copy_manifest (manifest, signature) values (?, ?)').run(manifest, signature)
    copy.exec('commit')
  } finally {
    copy.close()
  }
}

function definitionsOf(copy: DatabaseSync, table: string): { type: string; sql: string }[] {
  const rows = copy
    .prepare(
      "select type, sql from source.sqlite_schema where tbl_name = ? and sql is not null order by type = 'index'",
    )
    .all(table) as { type: string; sql: string }[]
  if (rows.length > 0) return rows
  throw new ShoukouError(
    'config-invalid',
    `The database has no table ${table}; it is no console's of this version.`,
  )
}

function endsOf(connection: DatabaseSync): Omit<Checkpoint, 'atMs'> {
  const { origin } = connection.prepare('select origin from main.trail_origin').get() as { origin: string }
  const end = connection.prepare('select seq, head from main.trail order by seq desc limit 1').get() as Ended
  const kept = connection.prepare('select seq, head from main.kept order by seq desc limit 1').get() as Ended
  const root = journalsRoot()
  let journals = 0
  const places = connection.prepare(
    'select agent, epoch, seq, head from main.journals where seq > 0 order by id',
  )
  for (const one of places.iterate()) {
    const { agent, epoch, seq, head } = one as { agent: string; epoch: string; seq: number; head: string }
    root.add({ agent, epoch, seq, head: Buffer.from(head, 'hex') })
    journals += 1
  }
  return {
    origin,
    seq: end?.seq ?? 0,
    head: Buffer.from(end?.head ?? TRAIL_CHAIN.genesis(origin)).toString('hex'),
    kept: kept?.seq ?? 0,
    keptHead: Buffer.from(kept?.head ?? EVIDENCE_CHAIN.genesis(origin)).toString('hex'),
    journals,
    journalsRoot: root.root(),
  }
}

type Ended = { readonly seq: number; readonly head: Uint8Array } | undefined

/** Reads what a copy says of itself; null where it is a console's own database. */
export function readManifest({ connection }: ReadOnlyDatabase): StoredManifest | null {
  const there = connection
    .prepare("select 1 from sqlite_schema where type = 'table' and name = 'copy_manifest'")
    .get()
  if (there === undefined) return null
  const row = connection.prepare('select manifest, signature from copy_manifest').get()
  return (row as StoredManifest | undefined) ?? { manifest: '', signature: '' }
}

/** Returns the ends of all chains as they are in a database now. */
export function readEnds({ connection }: ReadOnlyDatabase): Omit<Checkpoint, 'atMs'> {
  return endsOf(connection)
}
