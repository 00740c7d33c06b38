/**
 * Verifies an archive by itself, with the same code that verifies a console: every record's chain from its raw bytes,
 * the columns beside them, gaps and ends, and the signed manifest.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type Finding, Findings, ShoukouError } from '@shoukou/protocol'
import { logKeyName } from '../pki/log-key.ts'
import {
  type ArchiveManifest,
  isArchiveOf,
  readArchiveManifest,
  type Stretch,
} from '../store/archive/archive-manifest.ts'
import { contentOf } from '../store/archive/write-archive.ts'
import { openReadOnly, type ReadOnlyDatabase } from '../store/verify/read-only.ts'
import { verifyJournals } from '../store/verify/verify-journals.ts'
import type { SpanResult } from '../store/verify/verify-records.ts'
import { verifyAllRecords } from './verify-all-records.ts'

export interface ArchiveReport {
  readonly path: string
  readonly isWhole: boolean
  readonly findings: readonly Finding[]
  readonly findingsTotal: number
  /** Null where there is none that can be read. */
  readonly manifest: ArchiveManifest | null
  /** Of the key that signed it: to compare with a printed checkpoint. */
  readonly keyName: string | null
  /** SHA-256 of the whole file, hex. */
  readonly digest: string
  readonly bytes: number
  readonly records: SpanResult
}

export interface VerifyArchiveOptions {
  readonly path: string
  /** SPKI PEM; null: the key that the archive itself names, which is to be compared with the one on paper. */
  readonly logPublicKey: string | null
  readonly threadsMax?: number
}

/** @throws ShoukouError `config-invalid` where the file can't be read, or is no archive. */
export async function verifyArchive(options: VerifyArchiveOptions): Promise<ArchiveReport> {
  const { path, logPublicKey, threadsMax } = options
  const findings = new Findings()
  const file = await digestOf(path)
  const database = openReadOnly(path)
  try {
    const { text, signature } = storedManifest(database)
    const manifest = readArchiveManifest(text)
    const own = (kind: Finding['kind'], what: string): void =>
      findings.add({ kind, table: 'archive_manifest', what })
    if (manifest === null) own('unreadable', 'manifest')
    else if (!isArchiveOf(text, signature, logPublicKey ?? manifest.logKey))
      own('signature', 'the log key did not sign what the archive says of itself')
    const { lastRecord } = database.connection
      .prepare('select coalesce(max(id), 0) "lastRecord" from records')
      .get() as { lastRecord: number }
    const records = await verifyAllRecords({
      ...{ path, lastRecord, add: findings.add },
      ...(threadsMax === undefined ? {} : { threadsMax }),
    })
    verifyJournals(database, findings.add)
    if (manifest !== null) compare(database, manifest, findings)
    return {
      path,
      isWhole: findings.total === 0,
      findings: findings.kept,
      findingsTotal: findings.total,
      manifest,
      keyName: manifest === null ? null : nameOf(logPublicKey ?? manifest.logKey),
      ...file,
      records,
    }
  } finally {
    database.close()
  }
}

/** Reports whether a file is an archive, and not a console's database or a copy. */
export function isArchive(path: string): boolean {
  const database = openReadOnly(path)
  try {
    return hasManifest(database)
  } finally {
    database.close()
  }
}

/** Returns SHA-256 (hex) and length of a file. */
export async function digestOf(path: string): Promise<{ readonly digest: string; readonly bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
      hash.update(chunk as Buffer)
      bytes += (chunk as Buffer).length
    }
  } catch (cause) {
    throw new ShoukouError('config-invalid', `${path} can’t be read; bring the archive back to its place.`, {
      cause,
    })
  }
  return { digest: hash.digest('hex'), bytes }
}

function hasManifest({ connection }: ReadOnlyDatabase): boolean {
  const there = connection
    .prepare("select 1 from sqlite_schema where type = 'table' and name = 'archive_manifest'")
    .get()
  return there !== undefined
}

function storedManifest(database: ReadOnlyDatabase): { readonly text: string; readonly signature: string } {
  if (!hasManifest(database))
    throw new ShoukouError('config-invalid', `${database.path} is no archive of a console.`)
  const row = database.connection.prepare('select manifest, signature from archive_manifest').get() as
    | { manifest: string; signature: string }
    | undefined
  return { text: String(row?.manifest ?? ''), signature: String(row?.signature ?? '') }
}

function compare(database: ReadOnlyDatabase, manifest: ArchiveManifest, findings: Findings): void {
  const { connection } = database
  const { add } = findings
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
  if (findings.total === 0 && contentOf(connection, manifest.stretches) !== manifest.content)
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

function nameOf(publicKey: string): string | null {
  try {
    return logKeyName(publicKey)
  } catch {
    // The signature did not hold either, and that was told.
    return null
  }
}
