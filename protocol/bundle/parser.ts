/**
 * Takes a bundle's bytes apart as they come, without a key: what stands where, and the hash of it all.
 *
 *   "SKB1"  u32be length  header (JSON)
 *   { u32be index  u8 isLast  u32be length  sealed bytes } × n      chunk 0: manifest · frames · last: totals
 *   "SKBE"  signature (64 bytes, ECDSA P-256, r ‖ s)
 *
 *   digest    = SHA-256 of everything before "SKBE"
 *   signature = ECDSA(agent's key, "shoukou.bundle.v1" 00 digest)
 *
 * Every byte is hostile until the signature was checked. A length is held against its limit before a byte of it is waited
 * for; memory holds one chunk.
 */
import { createHash, type Hash } from 'node:crypto'
import { bundleError, type FaultPlace } from './fault.ts'
import { type BundleHeader, parseBundleHeader } from './header.ts'
import { BUNDLE_LIMITS } from './limits.ts'
import { SEAL_TAG_BYTES } from './sealing.ts'

export const BUNDLE_MAGIC = Buffer.from('SKB1')
export const BUNDLE_END = Buffer.from('SKBE')
export const SIGNATURE_BYTES = 64
/** index, isLast, length. */
export const CHUNK_PREFIX_BYTES = 9

export type BundlePart =
  /** `digest`: SHA-256 of the header's bytes, which every chunk is bound to. */
  | { readonly kind: 'header'; readonly header: BundleHeader; readonly digest: Buffer }
  | {
      readonly kind: 'chunk'
      readonly index: number
      readonly isLast: boolean
      readonly sealed: Buffer
      readonly place: FaultPlace
    }
  | { readonly kind: 'end'; readonly digest: Buffer; readonly signature: Buffer; readonly bytes: number }

/** What the signature is over, once the hash is known. */
export function signedBundleBytes(digest: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from('shoukou.bundle.v1\0'), digest])
}

export class BundleParser {
  readonly #hash: Hash = createHash('sha256')
  #pieces: Buffer[] = []
  #held = 0
  /** Bytes taken apart so far. */
  #at = 0
  #expects: 'magic' | 'header' | 'chunk' | 'sealed' | 'trailer' | 'nothing' = 'magic'
  #needs = 8
  #chunk: { readonly index: number; readonly isLast: boolean; readonly place: FaultPlace } | null = null
  #chunks = 0

  /** To be called when no more bytes come. @throws ShoukouError `bundle-refused` where the end has not been reached. */
  end(): void {
    if (this.#expects === 'nothing') return
    if (this.#expects === 'magic') {
      throw bundleError('not-a-bundle', 'This is no bundle of an agent: it is too short.', {
        place: this.#place,
      })
    }
    throw bundleError('truncated', `The bundle breaks off at byte ${this.#at + this.#held}.`, {
      place: { atByte: this.#at + this.#held, chunk: this.#chunk?.index ?? this.#chunks },
    })
  }

  /**
   * Yields the parts that these bytes complete.
   *
   * @throws ShoukouError `bundle-refused` with what is wrong and where.
   */
  *push(bytes: Buffer): Generator<BundlePart> {
    if (this.#at + this.#held + bytes.length > BUNDLE_LIMITS.bundleBytesMax)
      throw bundleError('too-large', `A bundle has at most ${BUNDLE_LIMITS.bundleBytesMax} bytes.`)
    if (bytes.length > 0) this.#pieces.push(bytes)
    this.#held += bytes.length
    while (this.#held >= this.#needs) {
      if (this.#expects === 'nothing') {
        if (this.#held === 0) return
        throw bundleError('malformed', 'There are bytes after the bundle’s end.', { place: this.#place })
      }
      const part = this.#take(this.#cut(this.#needs))
      if (part !== null) yield part
    }
  }

  get #place(): FaultPlace {
    return { atByte: this.#at, chunk: this.#chunk?.index ?? null }
  }

  #take(bytes: Buffer): BundlePart | null {
    switch (this.#expects) {
      case 'magic':
        return this.#takeMagic(bytes)
      case 'header':
        return this.#takeHeader(bytes)
      case 'chunk':
        return this.#takePrefix(bytes)
      case 'sealed':
        return this.#takeSealed(bytes)
      case 'trailer':
        return this.#takeTrailer(bytes)
      case 'nothing':
        return null
    }
  }

  #takeMagic(bytes: Buffer): null {
    const place = this.#place
    if (!bytes.subarray(0, 4).equals(BUNDLE_MAGIC))
      throw bundleError('not-a-bundle', 'This is no bundle of an agent.', { place })
    const length = bytes.readUInt32BE(4)
    if (length > BUNDLE_LIMITS.headerBytesMax) {
      throw bundleError(
        'too-large',
        `A header of ${length} bytes is above ${BUNDLE_LIMITS.headerBytesMax}.`,
        { place },
      )
    }
    if (length === 0) throw bundleError('malformed', 'The header is empty.', { place })
    this.#moved(bytes, 'header', length)
    return null
  }

  #takeHeader(bytes: Buffer): BundlePart {
    const header = parseBundleHeader(bytes, this.#place)
    this.#moved(bytes, 'chunk', CHUNK_PREFIX_BYTES)
    return { kind: 'header', header, digest: createHash('sha256').update(bytes).digest() }
  }

  #takePrefix(bytes: Buffer): null {
    const index = bytes.readUInt32BE(0)
    const last = bytes[4]
    const length = bytes.readUInt32BE(5)
    const place = { atByte: this.#at, chunk: this.#chunks }
    if (index !== this.#chunks) {
      throw bundleError('altered', `Chunk ${this.#chunks} should stand at byte ${this.#at}, and does not.`, {
        place,
      })
    }
    if (index >= BUNDLE_LIMITS.chunksMax)
      throw bundleError('too-large', `A bundle has at most ${BUNDLE_LIMITS.chunksMax} chunks.`, { place })
    if (last !== 0 && last !== 1)
      throw bundleError('altered', `Chunk ${index} is marked in no known way.`, { place })
    if (length > BUNDLE_LIMITS.chunkBytesMax + SEAL_TAG_BYTES) {
      throw bundleError(
        'too-large',
        `Chunk ${index} claims ${length} bytes; at most ${BUNDLE_LIMITS.chunkBytesMax} may be.`,
        { place },
      )
    }
    if (length < SEAL_TAG_BYTES)
      throw bundleError('altered', `Chunk ${index} is too short to be one.`, { place })
    this.#chunk = { index, isLast: last === 1, place }
    this.#moved(bytes, 'sealed', length)
    return null
  }

  #takeSealed(sealed: Buffer): BundlePart | null {
    const chunk = this.#chunk
    if (chunk === null) return null
    this.#chunks += 1
    this.#chunk = null
    if (chunk.isLast) this.#moved(sealed, 'trailer', BUNDLE_END.length + SIGNATURE_BYTES)
    else this.#moved(sealed, 'chunk', CHUNK_PREFIX_BYTES)
    return { kind: 'chunk', ...chunk, sealed }
  }

  #takeTrailer(bytes: Buffer): BundlePart {
    if (!bytes.subarray(0, BUNDLE_END.length).equals(BUNDLE_END))
      throw bundleError('altered', 'Where the bundle should end, it does not.', { place: this.#place })
    this.#at += bytes.length
    this.#expects = 'nothing'
    this.#needs = 1
    return {
      kind: 'end',
      digest: this.#hash.digest(),
      signature: Buffer.from(bytes.subarray(BUNDLE_END.length)),
      bytes: this.#at,
    }
  }

  #moved(bytes: Buffer, expects: 'header' | 'chunk' | 'sealed' | 'trailer', needs: number): void {
    this.#hash.update(bytes)
    this.#at += bytes.length
    this.#expects = expects
    this.#needs = needs
  }

  /** Cuts so many bytes off what is held, copying only where they lie in several pieces. */
  #cut(count: number): Buffer {
    this.#held -= count
    const [first] = this.#pieces
    if (first !== undefined && first.length >= count) {
      if (first.length === count) this.#pieces.shift()
      else this.#pieces[0] = first.subarray(count)
      return first.subarray(0, count)
    }
    const out = Buffer.allocUnsafe(count)
    let done = 0
    while (done < count) {
      const piece = this.#pieces[0]
      if (piece === undefined) throw new Error('fewer bytes than counted')
      const part = piece.subarray(0, count - done)
      out.set(part, done)
      done += part.length
      if (part.length === piece.length) this.#pieces.shift()
      else this.#pieces[0] = piece.subarray(part.length)
    }
    return out
  }
}
