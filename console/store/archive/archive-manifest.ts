/** What an archive says of itself, signed by the log key; and what it holds, as a digest. Pure. */
import { createHash, createPublicKey, type Hash, sign, verify } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const name = Type.String({ minLength: 1, maxLength: 200 })

export const ARCHIVE_LIMITS = {
  /** One stretch is one transaction: the console writes nothing else meanwhile. */
  stretchRecordsMax: 5_000,
  /** What is more waits for the next archive. */
  recordsMax: 4_000_000,
  /** As many as fit into a manifest, however long their names are written. */
  stretchesMax: 20_000,
  manifestBytesMax: 16_777_216,
} as const

export const ArchiveManifestSchema = Type.Object(
  {
    format: Type.Literal('shoukou.archive.v1'),
    /** The console's own random name: as in `trail_origin`. */
    origin: name,
    version: Type.String({ maxLength: 64 }),
    /** The console's clock, Unix ms. */
    madeAt: count,
    /** What was received before this, Unix ms: the end of a book's year. */
    beforeMs: count,
    retentionYears: Type.Integer({ minimum: 5, maximum: 100 }),
    /** The checkpoint that saw all of it before `beforeMs`. */
    checkpoint: count,
    /** SPKI PEM: of the signature beside it. */
    logKey: Type.String({ maxLength: 1_000 }),
    records: count,
    bytes: count,
    firstReceivedAt: count,
    lastReceivedAt: count,
    /** SHA-256 over journal, number, receipt and head of each record, in the order of the stretches. */
    content: hash,
    /** Each is removed in one transaction. */
    stretches: Type.Array(
      Type.Object(
        { agent: name, epoch: name, firstSeq: count, lastSeq: count, count, headBefore: hash, head: hash },
        closed,
      ),
      { minItems: 1, maxItems: 120_000 },
    ),
  },
  closed,
)
export type ArchiveManifest = Static<typeof ArchiveManifestSchema>
export type Stretch = ArchiveManifest['stretches'][number]

const tag = 'shoukou.archive.v1\0'

/** Returns the signature over a manifest's text, base64. */
export function signArchive(text: string, privateKey: string): string {
  return sign(null, Buffer.from(tag + text), privateKey).toString('base64')
}

/** Reads a manifest's text; null where it is none of this product. */
export function readArchiveManifest(text: string): ArchiveManifest | null {
  if (text.length > ARCHIVE_LIMITS.manifestBytesMax) return null
  try {
    const value: unknown = JSON.parse(text)
    return Value.Check(ArchiveManifestSchema, value) ? value : null
  } catch {
    return null
  }
}

/** Reports whether a key (Ed25519, SPKI PEM) signed a manifest's text. */
export function isArchiveOf(text: string, signature: string, publicKey: string): boolean {
  try {
    const key = createPublicKey(publicKey)
    return (
      key.asymmetricKeyType === 'ed25519' &&
      verify(null, Buffer.from(tag + text), key, Buffer.from(signature, 'base64'))
    )
  } catch {
    // A key or a signature that can't even be read signs nothing.
    return false
  }
}

export interface ContentRow {
  readonly seq: number
  readonly received_at: number
  readonly head: Uint8Array
}

/** Digests what an archive holds. Raw bytes come in by their heads, which the chain proves. */
export class ContentDigest {
  readonly #hash: Hash = createHash('sha256')

  begin({ agent, epoch }: Pick<Stretch, 'agent' | 'epoch'>): void {
    this.#hash.update(JSON.stringify([agent, epoch]))
  }

  add({ seq, received_at, head }: ContentRow): void {
    this.#hash.update(`\n${seq} ${received_at} `).update(head)
  }

  hex(): string {
    return this.#hash.digest('hex')
  }
}
