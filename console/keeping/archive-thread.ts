/** Plans, writes and proves archives in a thread: reading all of it must not stall a console that runs. */
import { parentPort, workerData } from 'node:worker_threads'
import { ShoukouError } from '@shoukou/protocol'
import { signArchive } from '../store/archive/archive-manifest.ts'
import { type ArchivePlan, planArchive } from '../store/archive/plan-archive.ts'
import { type WrittenArchive, writeArchive } from '../store/archive/write-archive.ts'
import { type ArchiveReport, verifyArchive } from '../trail/verify-archive.ts'

export type ArchiveWork =
  | { readonly kind: 'plan'; readonly plan: Parameters<typeof planArchive>[0] }
  | {
      readonly kind: 'write'
      readonly work: Omit<Parameters<typeof writeArchive>[0], 'sign'>
      readonly logPrivateKey: string
    }
  | { readonly kind: 'verify'; readonly path: string; readonly logPublicKey: string }

export interface ArchiveAnswers {
  readonly plan: ArchivePlan
  readonly write: WrittenArchive
  readonly verify: ArchiveReport
}

const work = workerData as ArchiveWork
try {
  parentPort?.postMessage({ value: await done(work) })
} catch (error) {
  parentPort?.postMessage({
    code: error instanceof ShoukouError ? error.code : 'store-unavailable',
    message: error instanceof Error ? error.message : String(error),
  })
}

async function done(asked: ArchiveWork): Promise<ArchiveAnswers[ArchiveWork['kind']]> {
  switch (asked.kind) {
    case 'plan':
      return planArchive(asked.plan)
    case 'write':
      return writeArchive({ ...asked.work, sign: (text) => signArchive(text, asked.logPrivateKey) })
    case 'verify':
      return verifyArchive({ path: asked.path, logPublicKey: asked.logPublicKey, threadsMax: 1 })
  }
}
