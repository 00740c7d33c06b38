/**
 * Copies that are verified elsewhere: the database's provable part, the public keys, and a manifest signed by the log
 * key. Whoever has the key's name on paper needs nothing else from the console.
 */
import { createPublicKey, sign, verify } from 'node:crypto'
import { type Checkpoint, type Finding, PRODUCT_VERSION } from '@shoukou/protocol'
import { type LogKey, logKeyName } from '../pki/log-key.ts'
import { openReadOnly } from '../store/verify/read-only.ts'
import { readEnds, readManifest, type StoredManifest, writeCopy } from '../store/verify/write-copy.ts'

export interface Manifest extends Checkpoint {
  readonly v: 1
  readonly version: string
  /** SPKI PEM: what signed this and every checkpoint. */
  readonly logKey: string
}

const tag = 'shoukou.copy.v1\0'

/** Writes a copy of a console's database to a file that is not there yet. Reads only; the console goes on. */
export async function exportCopy(
  source: string,
  to: string,
  { logKey, atMs }: { readonly logKey: LogKey; readonly atMs: number },
): Promise<Manifest> {
  let made: Manifest | undefined
  await writeCopy(source, to, (ends) => {
    made = { v: 1, version: PRODUCT_VERSION, atMs, ...ends, logKey: logKey.publicKey }
    const manifest = JSON.stringify(made)
    return {
      manifest,
      signature: sign(null, Buffer.from(tag + manifest), logKey.privateKey).toString('base64'),
    }
  })
  if (made === undefined) throw new Error('a copy was written without its manifest')
  return made
}

export interface CheckedCopy {
  readonly manifest: Manifest
  readonly keyName: string
}

/** Reads a copy's manifest and compares it with the copy; null where the file is no copy, but a console's own. */
export function checkCopy(path: string, add: (finding: Finding) => void): CheckedCopy | null {
  const database = openReadOnly(path)
  try {
    const stored = readManifest(database)
    if (stored === null) return null
    const manifest = openManifest(stored)
    if (manifest === null) {
      add({
        kind: 'signature',
        table: 'copy_manifest',
        what: 'the manifest is not signed by the key that it names',
      })
      return null
    }
    const ends = readEnds(database)
    for (const what of ['origin', 'seq', 'head', 'kept', 'keptHead', 'journals', 'journalsRoot'] as const) {
      if (ends[what] !== manifest[what]) add({ kind: 'differs', table: 'copy_manifest', what })
    }
    return { manifest, keyName: logKeyName(manifest.logKey) }
  } finally {
    database.close()
  }
}

function openManifest({ manifest, signature }: StoredManifest): Manifest | null {
  try {
    const value = JSON.parse(manifest) as Manifest
    const key = createPublicKey(value.logKey)
    const isSigned = verify(null, Buffer.from(tag + manifest), key, Buffer.from(signature, 'base64'))
    return isSigned && value.v === 1 ? value : null
  } catch {
    return null
  }
}
