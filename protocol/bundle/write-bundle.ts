/** Writes a bundle as a stream of bytes: header, manifest, frames as they are read, totals, signature. Memory holds one chunk. */
import { createHash } from 'node:crypto'
import {
  type BundleHeader,
  type BundleManifest,
  type BundleTotals,
  parseBundleHeader,
  parseBundleManifest,
} from './header.ts'
import { BUNDLE_LIMITS } from './limits.ts'
import { BUNDLE_END, BUNDLE_MAGIC, CHUNK_PREFIX_BYTES, signedBundleBytes } from './parser.ts'
import { type Ephemeral, makeEphemeral, type Sealing, sealingKeyId } from './sealing.ts'

export const BUNDLE_SEAL_PURPOSE = 'shoukou.bundle.chunk.v1'

export interface BundleFrame {
  /** A `records` frame, as `encodeRecordsFrame` writes it. */
  readonly bytes: Uint8Array
  readonly records: number
}

export interface BundleToWrite {
  readonly header: Omit<BundleHeader, 'v' | 'type' | 'keyId' | 'ephemeralKey'>
  readonly manifest: BundleManifest
  readonly frames: AsyncIterable<BundleFrame> | Iterable<BundleFrame>
  /** The console's public key (raw, base64url). */
  readonly receiver: string
  /** Signs with the agent's key: ECDSA P-256 with SHA-256, r ‖ s. */
  readonly sign: (bytes: Buffer) => Buffer
}

/** Yields the bundle's bytes, piece by piece. */
export async function* writeBundle(bundle: BundleToWrite): AsyncGenerator<Buffer> {
  const ephemeral: Ephemeral = makeEphemeral()
  const header: BundleHeader = {
    v: 1,
    type: 'bundle',
    ...bundle.header,
    keyId: sealingKeyId(bundle.receiver),
    ephemeralKey: ephemeral.publicKey,
  }
  const text = Buffer.from(JSON.stringify(header))
  const manifest = Buffer.from(JSON.stringify(bundle.manifest))
  // What the other end would refuse is not written.
  parseBundleHeader(text, { atByte: 8, chunk: null })
  parseBundleManifest(manifest, { atByte: 8 + text.length, chunk: 0 })
  const seal = ephemeral.derive(bundle.receiver, sealingOf(createHash('sha256').update(text).digest()))
  const hash = createHash('sha256')
  const hashed = (bytes: Buffer): Buffer => {
    hash.update(bytes)
    return bytes
  }
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  let index = 0
  const chunk = (plain: Uint8Array, isLast: boolean): Buffer => {
    if (plain.length > BUNDLE_LIMITS.chunkBytesMax) throw new Error(`a chunk of ${plain.length} bytes`)
    const sealed = seal.seal(index, isLast, plain)
    const prefix = Buffer.alloc(CHUNK_PREFIX_BYTES)
    prefix.writeUInt32BE(index, 0)
    prefix[4] = isLast ? 1 : 0
    prefix.writeUInt32BE(sealed.length, 5)
    index += 1
    return hashed(Buffer.concat([prefix, sealed]))
  }
  try {
    yield hashed(Buffer.concat([BUNDLE_MAGIC, length, text]))
    yield chunk(manifest, false)
    const totals: { -readonly [K in keyof BundleTotals]: BundleTotals[K] } = { frames: 0, records: 0 }
    for await (const frame of bundle.frames) {
      totals.frames += 1
      totals.records += frame.records
      yield chunk(frame.bytes, false)
    }
    yield chunk(Buffer.from(JSON.stringify(totals)), true)
    yield Buffer.concat([BUNDLE_END, bundle.sign(signedBundleBytes(hash.digest()))])
  } finally {
    seal.forget()
  }
}

/** What a bundle's key is bound to: the hash of its header's bytes. */
export function sealingOf(headerDigest: Uint8Array): Sealing {
  return { purpose: BUNDLE_SEAL_PURPOSE, binding: headerDigest }
}
