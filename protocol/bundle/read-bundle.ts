/**
 * Reads a bundle for the console whose key it is sealed to: opens each chunk and checks that the parts fit together.
 *
 * It proves that nothing was changed since somebody with the ephemeral key wrote it; that this was the agent, the signature
 * says, which the caller checks with the certificate that it trusts. `parseBundle…` may be given any bytes at all.
 */
import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { parseRecordsFrame, type RecordsFrame } from '../records-frame.ts'
import { bundleError, type FaultPlace } from './fault.ts'
import {
  type BundleHeader,
  type BundleManifest,
  type BundleTotals,
  parseBundleManifest,
  parseBundleTotals,
} from './header.ts'
import { BundleParser, type BundlePart, signedBundleBytes } from './parser.ts'
import { type ChunkSeal, openEphemeral, sealingKeyId, sealingPublicKey } from './sealing.ts'
import { sealingOf } from './write-bundle.ts'

export type OpenedPart =
  | { readonly kind: 'header'; readonly header: BundleHeader }
  | { readonly kind: 'manifest'; readonly manifest: BundleManifest }
  | { readonly kind: 'frame'; readonly frame: RecordsFrame; readonly place: FaultPlace }
  | {
      readonly kind: 'end'
      readonly totals: BundleTotals
      readonly digest: Buffer
      readonly signature: Buffer
      readonly bytes: number
    }

export interface BundleReaderOptions {
  /** Whose console this is: the fingerprint of its authority. */
  readonly console: string
  /** Private keys (PKCS #8 PEM) that bundles may be sealed to: the present one, and earlier ones. */
  readonly privateKeys: readonly string[]
}

/** Opens bundles as their bytes come. One for each bundle. */
export class BundleReader {
  readonly #options: BundleReaderOptions
  readonly #parser = new BundleParser()
  #header: BundleHeader | null = null
  #seal: ChunkSeal | null = null
  #hasManifest = false
  #totals: BundleTotals | null = null
  #frames = 0
  #records = 0
  #nextSeq = 0
  #head = ''

  constructor(options: BundleReaderOptions) {
    this.#options = options
  }

  /** Yields what these bytes complete. @throws ShoukouError `bundle-refused`. */
  *push(bytes: Buffer): Generator<OpenedPart> {
    for (const part of this.#parser.push(bytes)) yield* this.#take(part)
  }

  /** @throws ShoukouError `bundle-refused` where the bundle is not whole. */
  end(): void {
    this.#parser.end()
  }

  /** Overwrites the key. */
  close(): void {
    this.#seal?.forget()
  }

  *#take(part: BundlePart): Generator<OpenedPart> {
    switch (part.kind) {
      case 'header':
        // First: whose it is, is worth knowing of one that is refused, too.
        yield { kind: 'header', header: part.header }
        this.#begin(part.header, part.digest)
        return
      case 'chunk':
        yield* this.#open(part)
        return
      case 'end': {
        const { digest, signature, bytes } = part
        if (this.#totals === null) throw bundleError('malformed', 'The bundle has no totals.')
        yield { kind: 'end', totals: this.#totals, digest, signature, bytes }
        return
      }
    }
  }

  #begin(header: BundleHeader, digest: Buffer): void {
    const { console, privateKeys } = this.#options
    if (header.console !== console) {
      throw bundleError(
        'foreign-console',
        `This bundle is for another console (${header.consoleHost}, ${header.console.slice(0, 12)}…).`,
        { place: { atByte: 8, chunk: null } },
      )
    }
    const own = privateKeys.find((key) => sealingKeyId(sealingPublicKey(key)) === header.keyId)
    if (own === undefined) {
      throw bundleError(
        'unknown-key',
        'This bundle is sealed to a key that this console no longer has; take a return package to the computer and export again.',
        { place: { atByte: 8, chunk: null } },
      )
    }
    this.#seal = openEphemeral(own, header.ephemeralKey, sealingOf(digest))
    if (this.#seal === null) {
      throw bundleError('altered', 'The header’s key is none.', { place: { atByte: 8, chunk: null } })
    }
    this.#header = header
    this.#nextSeq = header.firstSeq
    this.#head = header.headBefore
  }

  *#open({ index, isLast, sealed, place }: Extract<BundlePart, { kind: 'chunk' }>): Generator<OpenedPart> {
    const plain = this.#seal?.open(index, isLast, sealed) ?? null
    if (plain === null) {
      throw bundleError(
        'altered',
        `The bundle was altered: chunk ${index}, at byte ${place.atByte}, is not what was written.`,
        { place },
      )
    }
    if (!this.#hasManifest) {
      if (isLast) throw bundleError('malformed', 'The bundle has no manifest.', { place })
      this.#hasManifest = true
      yield { kind: 'manifest', manifest: parseBundleManifest(plain, place) }
    } else if (isLast) this.#finish(parseBundleTotals(plain, place), place)
    else yield { kind: 'frame', frame: this.#frame(plain, place), place }
  }

  #frame(plain: Buffer, place: FaultPlace): RecordsFrame {
    const frame = parseFrame(plain, place)
    const { epoch, firstSeq, headBefore, headAfter, gap, count } = frame.header
    const goesOn = firstSeq === this.#nextSeq && headBefore === this.#head
    const jumps = gap !== null && gap.firstSeq <= this.#nextSeq && gap.lastSeq === firstSeq - 1
    if (epoch !== this.#header?.epoch || firstSeq < this.#nextSeq || !(goesOn || jumps)) {
      throw bundleError('malformed', `Records ${firstSeq} … do not follow what stands before them.`, {
        place,
      })
    }
    this.#frames += 1
    this.#records += count
    this.#nextSeq = firstSeq + count
    this.#head = headAfter
    return frame
  }

  #finish(totals: BundleTotals, place: FaultPlace): void {
    const header = this.#header
    const fits =
      totals.frames === this.#frames &&
      totals.records === this.#records &&
      this.#nextSeq - 1 === header?.lastSeq &&
      this.#head === header.headAfter
    if (!fits) throw bundleError('malformed', 'The bundle does not hold what it says it holds.', { place })
    this.#totals = totals
  }
}

function parseFrame(plain: Buffer, place: FaultPlace): RecordsFrame {
  try {
    return parseRecordsFrame(plain)
  } catch (cause) {
    throw bundleError(
      'malformed',
      `Chunk ${place.chunk ?? '?'} holds no records frame: ${cause instanceof Error ? cause.message : String(cause)}`,
      { place, cause },
    )
  }
}

/** Reports whether the signature is of the key of this certificate (PEM). False where it is no certificate at all. */
export function isSignedBy(
  certificatePem: string,
  { digest, signature }: { readonly digest: Buffer; readonly signature: Buffer },
): boolean {
  try {
    const key = createPublicKey(
      new X509Certificate(certificatePem).publicKey.export({ type: 'spki', format: 'pem' }),
    )
    if (key.asymmetricKeyType !== 'ec') return false
    return verify('sha256', signedBundleBytes(digest), { key, dsaEncoding: 'ieee-p1363' }, signature)
  } catch (fault) {
    // What OpenSSL can't read is no certificate of ours.
    if (fault instanceof Error && 'code' in fault) return false
    throw fault
  }
}

export interface ParsedBundle {
  readonly header: BundleHeader
  readonly manifest: BundleManifest
  readonly frames: readonly RecordsFrame[]
  readonly totals: BundleTotals
}

/**
 * Reads a whole bundle from memory and checks its signature against the certificate that it carries: for tests, tools and
 * fuzzing. A console reads from a file instead, piece by piece, and trusts its own list of certificates.
 *
 * @throws ShoukouError `bundle-refused`, and nothing else, whatever the bytes are.
 */
export function parseBundleBytes(bytes: Buffer, options: BundleReaderOptions): ParsedBundle {
  const reader = new BundleReader(options)
  const frames: RecordsFrame[] = []
  let header: BundleHeader | null = null
  let manifest: BundleManifest | null = null
  let totals: BundleTotals | null = null
  try {
    for (const part of reader.push(bytes)) {
      if (part.kind === 'header') header = part.header
      else if (part.kind === 'manifest') manifest = part.manifest
      else if (part.kind === 'frame') frames.push(part.frame)
      else {
        if (manifest === null || !isSignedBy(manifest.certificate, part))
          throw bundleError('signature', 'The signature is not that of the certificate in the bundle.')
        totals = part.totals
      }
    }
    reader.end()
  } finally {
    reader.close()
  }
  if (header === null || manifest === null || totals === null) throw bundleError('truncated', 'Not whole.')
  return { header, manifest, frames, totals }
}
