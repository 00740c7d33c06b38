/**
 * Exports: plans what to bring, gives the bundle its number, writes it onto the medium and notes it for the agent to
 * record. Nothing of the journal is changed: only a console's receipt, brought home, lets records go.
 */
import { createHash, createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto'
import { type BundleManifest, ShoukouError, writeBundle } from '@shoukou/protocol'
import { makeFolder } from '../base/atomic-file.ts'
import type { StateFolder } from '../base/state-folder.ts'
import { takeStateLock } from '../base/state-lock.ts'
import { readBundleKey } from '../link/bundle-key.ts'
import type { Identity } from '../link/identity.ts'
import { WitnessStore } from '../link/witness-store.ts'
import { bundleFileName, writeWhole } from './bundle-file.ts'
import { exportLock, noteExported, peekReturned, readBook, takeNumber } from './export-book.ts'
import { type ExportAsked, planExport, readFrames } from './plan-export.ts'

export interface ExportOptions {
  readonly folder: StateFolder
  readonly identity: Identity
  /** The folder on the medium. */
  readonly to: string
  readonly isAll: boolean
  readonly upTo: ExportAsked['upTo']
  /** What the agent says of itself; the rest of the manifest is known here. */
  readonly manifest: Omit<BundleManifest, 'certificate' | 'receipt' | 'medium' | 'packageNumber' | 'witness'>
  /** The registered medium; null where it is not known. */
  readonly medium: string | null
  readonly nowMs: number
  readonly onDamaged: (path: string) => void
  /** Records read so far, of how many. */
  readonly onProgress?: (records: number, of: number) => void
}

export interface Exported {
  readonly path: string
  readonly bundle: string
  readonly number: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly records: number
  readonly bytes: number
}

/**
 * Exports into a folder.
 *
 * @throws ShoukouError `not-enrolled`, `journal-locked` where another export runs, `bundle-refused` (`unknown-key`) where the
 * console never gave its key, `state-unusable`; the system's error where the medium takes no more.
 */
export async function exportBundle(options: ExportOptions): Promise<Exported> {
  const { folder, identity, onDamaged } = options
  const receiver = await readBundleKey(folder)
  if (receiver === null) throw noKey()
  await makeFolder(folder.bundles)
  const lock = takeStateLock(exportLock(folder))
  try {
    const plan = await planExport({
      journal: folder.journal,
      agent: identity.agent,
      isAll: options.isAll,
      upTo: options.upTo,
    })
    const before = await readBook(folder, onDamaged)
    const bundle = randomUUID()
    const book = await takeNumber(folder, before, bundle)
    const number = book.lastNumber
    let bytes = 0
    const path = await writeWhole(
      options.to,
      bundleFileName(identity.computer, number, bundle),
      writeBundle({
        header: {
          bundle,
          agent: identity.agent,
          computer: identity.computer,
          console: fingerprintOf(identity.authority),
          consoleHost: identity.host,
          number,
          previous: before.lastBundle,
          epoch: plan.epoch,
          firstSeq: plan.firstSeq,
          lastSeq: plan.lastSeq,
          headBefore: plan.headBefore,
          headAfter: plan.headAfter,
          createdWallMs: options.nowMs,
        },
        manifest: {
          ...options.manifest,
          certificate: identity.certificate,
          receipt: plan.receipt,
          medium: options.medium,
          packageNumber: (await peekReturned(folder)).number,
          witness: await WitnessStore.peek(folder.witnessFile),
        },
        frames: counted(readFrames(plan, folder.journal), (records) =>
          options.onProgress?.(records, plan.records),
        ),
        receiver,
        sign: signerOf(identity.key),
      }),
      (written) => {
        bytes = written
      },
    )
    const { firstSeq, lastSeq } = plan
    await noteExported(folder, book, { bundle, number, firstSeq, lastSeq, medium: options.medium })
    return { path, bundle, number, firstSeq, lastSeq, records: plan.records, bytes }
  } finally {
    lock.release()
  }
}

/** SHA-256 of a certificate (PEM), base64url: how a bundle names its console. */
export function fingerprintOf(certificate: string): string {
  return createHash('sha256').update(new X509Certificate(certificate).raw).digest('base64url')
}

async function* counted<T extends { readonly records: number }>(
  frames: AsyncIterable<T>,
  tell: (records: number) => void,
): AsyncGenerator<T> {
  let records = 0
  for await (const frame of frames) {
    yield frame
    records += frame.records
    tell(records)
  }
}

function signerOf(key: string): (bytes: Buffer) => Buffer {
  const own = createPrivateKey(key)
  return (bytes) => sign('sha256', bytes, { key: own, dsaEncoding: 'ieee-p1363' })
}

function noKey(): ShoukouError {
  return new ShoukouError(
    'bundle-refused',
    'This computer has no key of its console to seal a bundle to; bring a return package from the console and run: shoukou-agent import FILE',
    { context: { fault: 'unknown-key' } },
  )
}
