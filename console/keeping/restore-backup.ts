/**
 * Restores a backup at another place: verified from its bytes before anything stands under its final name, never over
 * what is there.
 *
 * What the restored console lacks, agents know: their receipts and the witness of the log tell it that it is older, and
 * they send what they still have.
 */
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { openSqliteStoreHere } from '../store/open-store.ts'
import { type DatabaseFacts, proveFile } from '../store/prove-database.ts'
import { readPack, unpackInto } from './data-files.ts'
import { readBack, type SealedKeys } from './make-backup.ts'
import {
  DATABASE_NAME,
  fingerprintOf,
  KEYS_NAME,
  type Manifest,
  publicKeyOf,
  signingKey,
} from './manifest.ts'
import { openSealed } from './seal-keys.ts'

export interface RestoreOptions {
  readonly from: string
  /** The data folder that is made: it may be missing or empty. */
  readonly dataDir: string
  readonly passphrase: string
  readonly by: string
  readonly now: () => number
}

export interface Restored {
  readonly manifest: Manifest
  readonly fingerprint: string
}

/** Verifies and restores. @throws ShoukouError `backup-refused`, `log-altered`, `config-invalid` where something is there already. */
export async function restoreBackup({
  from,
  dataDir,
  passphrase,
  by,
  now,
}: RestoreOptions): Promise<Restored> {
  await assertEmpty(dataDir)
  const manifest = await readBack(from)
  const keys = await openKeysOf(from, manifest, passphrase)
  await mkdir(dirname(dataDir), { recursive: true, mode: 0o700 })
  const partial = `${dataDir}.restoring`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { mode: 0o700 })
  try {
    const database = join(partial, DATABASE_NAME)
    await copyFile(join(from, DATABASE_NAME), database)
    assertSame(manifest, await proveFile(database))
    await unpackInto(partial, keys)
    await noteRestore(database, manifest, { by, now: now() })
    await assertEmpty(dataDir)
    await rm(dataDir, { recursive: true, force: true })
    await rename(partial, dataDir)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
  return { manifest, fingerprint: fingerprintOf(manifest.publicKey) }
}

/** Looks through a backup without restoring it: files, signature, chains; its keys stay sealed. */
export async function verifyBackup(place: string): Promise<Manifest> {
  const manifest = await readBack(place)
  assertSame(manifest, await proveFile(join(place, DATABASE_NAME)))
  return manifest
}

async function openKeysOf(from: string, manifest: Manifest, passphrase: string) {
  const sealed = JSON.parse(await readFile(join(from, KEYS_NAME), 'utf8')) as SealedKeys
  const opened = await openSealed(sealed.sealing, sealed, passphrase)
  const pack = readPack(opened)
  opened.fill(0)
  const seed = pack.files.find(({ path }) => path === 'pki/backup.key')?.content
  const own = seed === undefined ? null : Buffer.from(Buffer.from(seed, 'base64').toString('utf8'), 'base64')
  // Who signed the manifest held the keys that it came with: a manifest of somebody else's making fits no keys.
  if (own?.length !== 32 || publicKeyOf(signingKey(own)) !== manifest.publicKey)
    throw new ShoukouError(
      'backup-refused',
      'The manifest was not signed by the console whose keys are in the backup.',
    )
  return pack
}

function assertSame(manifest: Manifest, facts: DatabaseFacts): void {
  const told = JSON.stringify([manifest.counts, manifest.trail, manifest.kept, manifest.journals])
  const found = JSON.stringify([facts.counts, facts.trail, facts.kept, facts.journals])
  if (canonical(told) !== canonical(found))
    throw new ShoukouError(
      'backup-refused',
      'The database of the backup holds something else than its manifest says.',
    )
}

/** Keys in one order, whoever wrote them. */
function canonical(text: string): string {
  return JSON.stringify(JSON.parse(text), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

/** In the log of the restored console, as its next entry; sessions of the time of the backup are over. */
async function noteRestore(
  database: string,
  manifest: Manifest,
  { by, now }: { readonly by: string; readonly now: number },
): Promise<void> {
  const store = await openSqliteStoreHere(database)
  try {
    await store.addAction({
      at: now,
      account: by,
      action: 'backup-restore',
      object: new Date(manifest.madeAt).toISOString(),
      detail: `records ${manifest.counts.records}, log ${manifest.trail.seq} ${manifest.trail.head}`,
      address: '',
    })
    for (const { name } of await store.accounts())
      await store.endSessionsOf(name, { ending: 'reset', at: now })
  } finally {
    await store.close()
  }
}

async function assertEmpty(folder: string): Promise<void> {
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (names.length > 0)
    throw new ShoukouError(
      'config-invalid',
      `${folder} is not empty: a restore never overwrites; name a new folder.`,
    )
}
