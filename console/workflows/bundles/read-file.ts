/** Reads a bundle from its file, piece by piece: once to prove it whole, and once more to take it. */
import { createReadStream } from 'node:fs'
import {
  type BundleHeader,
  type BundleManifest,
  BundleReader,
  type BundleReaderOptions,
  bundleError,
  isSignedBy,
  type OpenedPart,
  parseRecord,
  type RecordsFrame,
  ShoukouError,
} from '@shoukou/protocol'

export interface ProvenBundle {
  readonly header: BundleHeader
  readonly manifest: BundleManifest
  readonly records: number
  /** Numbers that the agent no longer had before its first record; null where it had all. */
  readonly firstGap: { readonly firstSeq: number; readonly lastSeq: number } | null
  /** The computer's clock at the first and the last record; null where there is none. */
  readonly fromWallMs: number | null
  readonly toWallMs: number | null
}

/** Told as soon as it is known whose the bundle says it is: a refusal names it, too. */
export type HeaderSeen = (header: BundleHeader) => void

/**
 * Proves a bundle: every chunk opens, the parts fit together, and the certificate's key signed all of it. Whether that
 * certificate may speak for the agent is for the caller.
 *
 * @throws ShoukouError `bundle-refused` with what is wrong and where.
 */
export async function proveBundle(
  path: string,
  options: BundleReaderOptions,
  onHeader: HeaderSeen,
): Promise<ProvenBundle> {
  let header: BundleHeader | null = null
  let manifest: BundleManifest | null = null
  let records = 0
  let firstGap: ProvenBundle['firstGap'] = null
  let fromWallMs: number | null = null
  let last: Buffer | null = null
  for await (const part of partsOf(path, options)) {
    switch (part.kind) {
      case 'header':
        header = part.header
        onHeader(header)
        break
      case 'manifest':
        manifest = part.manifest
        break
      case 'frame': {
        const { frame } = part
        if (records === 0) {
          firstGap = frame.header.gap
          fromWallMs = wallMsOf(frame.records[0])
        }
        records += frame.records.length
        last = Buffer.from(frame.records.at(-1) ?? '')
        break
      }
      case 'end':
        if (manifest === null || !isSignedBy(manifest.certificate, part)) {
          throw bundleError('signature', 'The signature is not that of the computer’s certificate.', {
            place: { atByte: part.bytes - 64, chunk: null },
          })
        }
        break
    }
  }
  if (header === null || manifest === null) throw bundleError('truncated', 'The bundle is not whole.')
  return { header, manifest, records, firstGap, fromWallMs, toWallMs: last === null ? null : wallMsOf(last) }
}

/** Yields the frames of a bundle that was proven, in order. */
export async function* framesOf(path: string, options: BundleReaderOptions): AsyncGenerator<RecordsFrame> {
  for await (const part of partsOf(path, options)) if (part.kind === 'frame') yield part.frame
}

const readBytes = 262_144

async function* partsOf(path: string, options: BundleReaderOptions): AsyncGenerator<OpenedPart> {
  const reader = new BundleReader(options)
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: readBytes }))
      yield* reader.push(bytes as Buffer)
    reader.end()
  } finally {
    reader.close()
  }
}

/** A record that is none is refused when it is taken; for the span it only says nothing. */
function wallMsOf(raw: Buffer | undefined): number | null {
  if (raw === undefined) return null
  try {
    return parseRecord(raw).wallMs
  } catch (error) {
    if (error instanceof ShoukouError) return null
    throw error
  }
}
