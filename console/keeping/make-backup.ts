/**
 * Makes one backup while the console runs, and verifies it by reading it back. A folder of four files that appears
 * under its name only when it is whole.
 *
 *   console.db     the database as it stood at one moment, proven from its raw bytes
 *   keys.sealed    keys and what else stands in the data folder, sealed to the unit's passphrase
 *   manifest.json  hashes, counts, the head of each chain
 *   manifest.sig   its signature
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PRODUCT_VERSION, ShoukouError } from '@shoukou/protocol'
import { writeFileAtomically } from '../base/atomic-file.ts'
import { copyAndProve } from '../store/prove-database.ts'
import { packDataFiles } from './data-files.ts'
import {
  DATABASE_NAME,
  KEYS_NAME,
  MANIFEST_NAME,
  type Manifest,
  publicKeyOf,
  readManifest,
  SIGNATURE_NAME,
  signingKey,
  signManifest,
} from './manifest.ts'
import { type Sealing, sealTo } from './seal-keys.ts'

export interface BackupParts {
  /** The data folder of the console. */
  readonly dataDir: string
  readonly database: string
  /** The folder in which backups stand. */
  readonly to: string
  readonly sealing: Sealing
  /** 32 bytes. */
  readonly seed: Uint8Array
  readonly unit: string
  readonly by: string
  readonly now: () => number
}

export interface MadeBackup {
  readonly place: string
  readonly bytes: number
  readonly manifest: Manifest
}

/** What stands in `keys.sealed`. */
export interface SealedKeys {
  readonly format: 'shoukou.backup-keys.v1'
  readonly sealing: Sealing
  readonly ephemeralKey: string
  readonly box: string
}

const prefix = 'shoukou-backup-'
const backupName = /^shoukou-backup-\d{8}T\d{9}Z$/

/** Makes and verifies it. Nothing is left where it fails. @throws ShoukouError */
export async function makeBackup(parts: BackupParts): Promise<MadeBackup> {
  await assertFolder(parts.to)
  const startedAt = parts.now()
  const name = `${prefix}${new Date(startedAt).toISOString().replaceAll(/[-:.]/g, '')}`
  const place = join(parts.to, name)
  const partial = `${place}.partial`
  await mkdir(partial, { mode: 0o700 })
  try {
    const manifest = await fill(partial, parts, startedAt)
    await rename(partial, place)
    await syncFolder(parts.to)
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0)
    return { place, bytes, manifest }
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
}

async function fill(partial: string, parts: BackupParts, madeAt: number): Promise<Manifest> {
  const database = join(partial, DATABASE_NAME)
  const facts = await copyAndProve(parts.database, database)
  await chmod(database, 0o600)
  const packed = await packDataFiles(parts.dataDir)
  const sealed: SealedKeys = {
    format: 'shoukou.backup-keys.v1',
    sealing: parts.sealing,
    ...sealTo(parts.sealing.publicKey, packed),
  }
  packed.fill(0)
  await writeFileAtomically(join(partial, KEYS_NAME), `${JSON.stringify(sealed)}\n`)
  const key = signingKey(parts.seed)
  const manifest: Manifest = {
    format: 'shoukou.backup.v1',
    madeAt,
    by: parts.by,
    version: PRODUCT_VERSION,
    unit: parts.unit,
    publicKey: publicKeyOf(key),
    files: await Promise.all([DATABASE_NAME, KEYS_NAME].map((file) => fileFacts(partial, file))),
    counts: facts.counts,
    trail: facts.trail,
    kept: facts.kept,
    journals: [...facts.journals],
  }
  const text = `${JSON.stringify(manifest, null, 1)}\n`
  await writeFileAtomically(join(partial, MANIFEST_NAME), text)
  await writeFileAtomically(join(partial, SIGNATURE_NAME), `${signManifest(Buffer.from(text), key)}\n`)
  await syncFolder(partial)
  await readBack(partial)
  return manifest
}

/** Reads a backup's manifest, and every byte of the files that it names. @throws ShoukouError `backup-refused` */
export async function readBack(place: string): Promise<Manifest> {
  const read = async (name: string): Promise<Buffer> => {
    try {
      return await readFile(join(place, name))
    } catch (cause) {
      throw new ShoukouError(
        'backup-refused',
        `${join(place, name)} can’t be read; name the folder of one backup.`,
        { cause },
      )
    }
  }
  const manifest = readManifest(
    await read(MANIFEST_NAME),
    (await read(SIGNATURE_NAME)).toString('utf8').trim(),
  )
  for (const file of manifest.files) {
    const found = await fileFacts(place, file.name).catch(() => null)
    if (found === null || found.bytes !== file.bytes || found.sha256 !== file.sha256)
      throw new ShoukouError(
        'backup-refused',
        `${file.name} of the backup is missing or was altered; take another backup.`,
      )
  }
  if (![DATABASE_NAME, KEYS_NAME].every((name) => manifest.files.some((file) => file.name === name)))
    throw new ShoukouError('backup-refused', 'The backup lacks its database or its keys.')
  return manifest
}

/** Removes the oldest whole backups beyond `keep`, only what this product named so. Returns the removed. */
export async function pruneBackups(folder: string, keep: number): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => backupName.test(name)).toSorted()
  const gone = names.slice(0, Math.max(0, names.length - keep))
  for (const name of gone) await rm(join(folder, name), { recursive: true })
  return gone
}

async function fileFacts(folder: string, name: string): Promise<Manifest['files'][number]> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(join(folder, name), { highWaterMark: 1_048_576 })) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { name, bytes, sha256: hash.digest('hex') }
}

async function assertFolder(path: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) return
  } catch (cause) {
    throw new ShoukouError(
      'config-invalid',
      `The folder ${path} for backups is not there; make it or mount it.`,
      { cause },
    )
  }
  throw new ShoukouError('config-invalid', `${path} is no folder.`)
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
