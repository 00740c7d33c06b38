/** Compares an archive's records with the manifest that was signed over them. Of one file: what it stands to a console is `compare-archive.ts`. */
import { type Finding, ShoukouError } from '@shoukou/protocol'
import type { ArchiveManifest, Stretch } from '../archive/archive-manifest.ts'
import { contentOf } from '../archive/write-archive.ts'
import type { ReadOnlyDatabase } from './read-only.ts'

/** Reports whether a file is an archive, and not a console’s database or a copy. */
export function hasArchiveManifest({ connection }: ReadOnlyDatabase): boolean {
  const there = connection
    .prepare("select 1 from sqlite_schema where type = 'table' and name = 'archive_manifest'")
    .get()
  return there !== undefined
}

/** Returns what an archive says of itself. @throws ShoukouError `config-invalid` where the file is none. */
export function readStoredManifest(database: ReadOnlyDatabase): {
  readonly text: string
  readonly signature: string
} {
  if (!hasArchiveManifest(database))
    throw new ShoukouError('config-invalid', `${database.path} is no archive of a console.`)
  const row = database.connection.prepare('select manifest, signature from archive_manifest').get() as
    | { manifest: string; signature: string }
    | undefined
  return { text: String(row?.manifest ?? ''), signature: String(row?.signature ?? '') }
}

/** Compares what an archive holds with what was signed: each stretch, and nothing beside them. */
export function verifyManifest(
  database: ReadOnlyDatabase,
  manifest: ArchiveManifest,
  { add, total }: { readonly add: (finding: Finding) => void; readonly total: () => number },
): void {
  const { connection } = database
  const { origin } = connection.prepare('select origin from trail_origin').get() as { origin: string }
  if (origin !== manifest.origin)
    add({ kind: 'differs', table: 'archive_manifest', what: 'the console’s name' })
  const within = connection.prepare(
    `select count(*) count from records where journal = (select id from journals where agent = ? and epoch = ?)
       and seq >= ? and seq <= ?`,
  )
  const headAt = connection.prepare(
    'select head from records where journal = (select id from journals where agent = ? and epoch = ?) and seq = ?',
  )
  let records = 0
  for (const { agent, epoch, firstSeq, lastSeq, count, head } of manifest.stretches) {
    const found = (kind: Finding['kind'], what: string): void =>
      add({ kind, table: 'records', agent, epoch, seq: firstSeq, lastSeq, what })
    const there = within.get(agent, epoch, firstSeq, lastSeq) as { count: number }
    records += there.count
    if (there.count !== count)
      found(there.count < count ? 'missing' : 'added', `${count} were signed, ${there.count} are there`)
    const end = headAt.get(agent, epoch, lastSeq) as { head: Uint8Array } | undefined
    if (end !== undefined && Buffer.from(end.head).toString('hex') !== head)
      found('differs', `another head was signed behind ${lastSeq}`)
  }
  beginnings(manifest.stretches, database, add)
  const all = connection.prepare('select count(*) count from records').get() as { count: number }
  if (all.count !== records)
    add({ kind: 'added', table: 'records', what: 'records of no stretch that was signed' })
  // Times of receipt stand in no record: only the digest knows them.
  if (total() === 0 && contentOf(connection, manifest.stretches) !== manifest.content)
    add({ kind: 'differs', table: 'records', what: 'a time of receipt is not the one that was signed' })
}

/** Where an archive goes on from an earlier one, the head it begins from is signed. */
function beginnings(
  stretches: readonly Stretch[],
  { connection }: ReadOnlyDatabase,
  add: (finding: Finding) => void,
): void {
  const stub = connection.prepare('select head from stubs where agent = ? and epoch = ? and last_seq = ?')
  for (const { agent, epoch, firstSeq, headBefore } of stretches) {
    const row = stub.get(agent, epoch, firstSeq - 1) as { head: Uint8Array } | undefined
    if (row !== undefined && Buffer.from(row.head).toString('hex') !== headBefore)
      add({
        ...{ kind: 'differs', table: 'stubs', agent, epoch, seq: firstSeq - 1 },
        what: 'another head was signed before the first record',
      })
  }
}
