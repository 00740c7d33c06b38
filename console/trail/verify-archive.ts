/**
 * Verifies an archive by itself, with the same code that verifies a console: every record's chain from its raw bytes,
 * the columns beside them, gaps and ends, and the signed manifest.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type Finding, Findings, ShoukouError } from '@shoukou/protocol'
import { logKeyName } from '../pki/log-key.ts'
import { type ArchiveManifest, isArchiveOf, readArchiveManifest } from '../store/archive/archive-manifest.ts'
import { openReadOnly } from '../store/verify/read-only.ts'
import { readLastRecord } from '../store/verify/read-totals.ts'
import { verifyJournals } from '../store/verify/verify-journals.ts'
import { hasArchiveManifest, readStoredManifest, verifyManifest } from '../store/verify/verify-manifest.ts'
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
    const { text, signature } = readStoredManifest(database)
    const manifest = readArchiveManifest(text)
    const own = (kind: Finding['kind'], what: string): void =>
      findings.add({ kind, table: 'archive_manifest', what })
    if (manifest === null) own('unreadable', 'manifest')
    else if (!isArchiveOf(text, signature, logPublicKey ?? manifest.logKey))
      own('signature', 'the log key did not sign what the archive says of itself')
    const lastRecord = readLastRecord(database)
    const records = await verifyAllRecords({
      ...{ path, lastRecord, add: findings.add },
      ...(threadsMax === undefined ? {} : { threadsMax }),
    })
    verifyJournals(database, findings.add)
    if (manifest !== null)
      verifyManifest(database, manifest, { add: findings.add, total: () => findings.total })
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
    return hasArchiveManifest(database)
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

function nameOf(publicKey: string): string | null {
  try {
    return logKeyName(publicKey)
  } catch {
    // The signature did not hold either, and that was told.
    return null
  }
}
