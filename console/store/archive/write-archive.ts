/**
 * Writes an archive: a database of its own with the archived records as they stand, what their chains begin from, and a
 * signed manifest. The same proof reads it that reads a console. Synchronous: for a thread of its own.
 */
import { DatabaseSync } from 'node:sqlite'
import { ShoukouError } from '@shoukou/protocol'
import { type ArchiveManifest, ContentDigest, type ContentRow, type Stretch } from './archive-manifest.ts'

export interface WriteArchive {
  readonly source: string
  /** A file that is not there yet. */
  readonly to: string
  readonly manifest: Omit<ArchiveManifest, 'content' | 'origin'>
  readonly sign: (text: string) => string
}

export interface WrittenArchive {
  readonly manifest: string
  readonly signature: string
}

const tables = ['trail_origin', 'journals', 'records', 'gaps', 'stubs', 'computers'] as const

/** @throws ShoukouError `store-unavailable` where the disk refuses. */
export function writeArchive({ source, to, manifest, sign }: WriteArchive): WrittenArchive {
  const archive = new DatabaseSync(to)
  try {
    archive.exec('pragma journal_mode=delete; pragma synchronous=full; pragma busy_timeout=10000')
    archive.prepare('attach ? as source').run(source)
    archive.exec('begin')
    for (const table of tables) define(archive, table)
    fill(archive, manifest.stretches)
    const { origin } = archive.prepare('select origin from trail_origin').get() as { origin: string }
    const text = JSON.stringify({
      ...manifest,
      origin,
      content: contentOf(archive, manifest.stretches),
    } satisfies ArchiveManifest)
    archive.exec('create table archive_manifest (manifest text not null, signature text not null)')
    const signature = sign(text)
    archive.prepare('insert into archive_manifest (manifest, signature) values (?, ?)').run(text, signature)
    archive.exec('commit')
    return { manifest: text, signature }
  } catch (cause) {
    if (cause instanceof ShoukouError) throw cause
    throw new ShoukouError('store-unavailable', 'The archive could not be written; is the disk full?', {
      cause,
    })
  } finally {
    archive.close()
  }
}

/** Returns the digest of what an archive holds, stretch by stretch. */
export function contentOf(archive: DatabaseSync, stretches: readonly Stretch[]): string {
  const digest = new ContentDigest()
  const rows = archive.prepare(
    `select seq, received_at, head from records
       where journal = (select id from journals where agent = ? and epoch = ?) and seq >= ? and seq <= ? order by seq`,
  )
  for (const stretch of stretches) {
    digest.begin(stretch)
    for (const row of rows.iterate(stretch.agent, stretch.epoch, stretch.firstSeq, stretch.lastSeq))
      digest.add(row as unknown as ContentRow)
  }
  return digest.hex()
}

function define(archive: DatabaseSync, table: string): void {
  const rows = archive
    .prepare(
      "select sql from source.sqlite_schema where tbl_name = ? and sql is not null and type in ('table', 'index') order by type = 'index'",
    )
    .all(table) as { sql: string }[]
  for (const { sql } of rows) archive.exec(sql)
}

function fill(archive: DatabaseSync, stretches: readonly Stretch[]): void {
  archive.exec('insert into main.trail_origin select * from source.trail_origin')
  const journalOf = archive.prepare('select id from source.journals where agent = ? and epoch = ?')
  const addJournal = archive.prepare(
    'insert into main.journals (id, agent, epoch, seq, head) values (?, ?, ?, ?, ?) on conflict (id) do update set seq = excluded.seq, head = excluded.head',
  )
  // What an earlier archive ended with, from which this one goes on.
  const addBefore = archive.prepare(
    'insert into main.stubs select * from source.stubs where journal = ? and last_seq = ?',
  )
  const addRecords = archive.prepare(
    'insert into main.records select * from source.records where journal = ? and seq >= ? and seq <= ? order by id',
  )
  const addGaps = archive.prepare(
    'insert into main.gaps select * from source.gaps where agent = ? and epoch = ? and first_seq >= ? and last_seq <= ?',
  )
  const addComputer = archive.prepare(
    'insert into main.computers select * from source.computers where agent = ? on conflict do nothing',
  )
  for (const { agent, epoch, firstSeq, lastSeq, count, head } of stretches) {
    const { id } = journalOf.get(agent, epoch) as { id: number }
    addJournal.run(id, agent, epoch, lastSeq, head)
    addBefore.run(id, firstSeq - 1)
    const { changes } = addRecords.run(id, firstSeq, lastSeq)
    if (Number(changes) !== count)
      throw new ShoukouError(
        'log-altered',
        `Records ${firstSeq} to ${lastSeq} of ${agent} are not all there.`,
      )
    addGaps.run(agent, epoch, firstSeq, lastSeq)
    addComputer.run(agent)
  }
}
