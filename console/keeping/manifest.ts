/** What a backup says of itself: files with their hashes, counts, heads; signed by the console that made it. Pure. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { ShoukouError } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

export const DATABASE_NAME = 'console.db'
export const KEYS_NAME = 'keys.sealed'
export const MANIFEST_NAME = 'manifest.json'
export const SIGNATURE_NAME = 'manifest.sig'
export const MANIFEST_BYTES_MAX = 16_777_216

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const end = Type.Object({ seq: count, head: Type.String({ pattern: '^([0-9a-f]{64})?$' }) }, closed)

export const ManifestSchema = Type.Object(
  {
    format: Type.Literal('shoukou.backup.v1'),
    /** The console's own clock, Unix ms. */
    madeAt: count,
    by: Type.String({ maxLength: 200 }),
    version: Type.String({ maxLength: 64 }),
    unit: Type.String({ maxLength: 64 }),
    /** Ed25519, SPKI DER, base64: whose signature stands beside it. */
    publicKey: Type.String({ maxLength: 200 }),
    files: Type.Array(
      Type.Object({ name: Type.String({ pattern: '^[a-z.]{1,40}$' }), bytes: count, sha256: hash }, closed),
      {
        maxItems: 8,
      },
    ),
    counts: Type.Object(
      {
        computers: count,
        records: count,
        violations: count,
        actions: count,
        lastAction: count,
        lastViolation: count,
        migration: Type.String({ maxLength: 100 }),
      },
      closed,
    ),
    trail: end,
    kept: end,
    journals: Type.Array(
      Type.Object(
        {
          agent: Type.String({ maxLength: 200 }),
          epoch: Type.String({ maxLength: 200 }),
          seq: count,
          head: Type.String({ maxLength: 64 }),
        },
        closed,
      ),
      { maxItems: 100_000 },
    ),
  },
  closed,
)
export type Manifest = Static<typeof ManifestSchema>

/** RFC 8410 §7: an Ed25519 private key is its seed behind this. */
const seedPrefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const tag = Buffer.from('shoukou.backup-manifest.v1\0')

/** Returns the key that signs manifests, from its seed of 32 bytes. */
export function signingKey(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([seedPrefix, seed]), format: 'der', type: 'pkcs8' })
}

/** Returns the public half, SPKI DER, base64. */
export function publicKeyOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64')
}

/** Returns what a person compares: SHA-256 of the public key, the first 16 bytes in groups of four digits. */
export function fingerprintOf(publicKey: string): string {
  const digits = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, 32)
  return digits.replaceAll(/(.{4})(?=.)/g, '$1 ')
}

/** Returns the signature over a manifest's bytes as they are written, base64. */
export function signManifest(bytes: Uint8Array, key: KeyObject): string {
  return sign(null, Buffer.concat([tag, bytes]), key).toString('base64')
}

/** Reads a manifest and its signature. @throws ShoukouError `backup-refused` */
export function readManifest(bytes: Uint8Array, signature: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ShoukouError('backup-refused', 'The manifest of the backup can’t be read.', { cause })
  }
  if (!Value.Check(ManifestSchema, value))
    throw new ShoukouError(
      'backup-refused',
      'The manifest of the backup is not one of this product, or of a newer version.',
    )
  if (!isSigned(bytes, signature, value.publicKey))
    throw new ShoukouError(
      'backup-refused',
      'The manifest of the backup was altered: its signature does not hold.',
    )
  return value
}

function isSigned(bytes: Uint8Array, signature: string, publicKey: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    return (
      key.asymmetricKeyType === 'ed25519' &&
      verify(null, Buffer.concat([tag, bytes]), key, Buffer.from(signature, 'base64'))
    )
  } catch {
    // A key or signature that can't even be read signs nothing.
    return false
  }
}
