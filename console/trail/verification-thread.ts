/** The thread of `verification.ts`: verifies once and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import type { VerificationMessage } from './verification.ts'
import { verifyDatabase } from './verify-database.ts'

const port = parentPort
if (port === null) throw new Error('this file is a thread of the console')
const answer = (message: VerificationMessage): void => port.postMessage(message)
const { path, logPublicKey } = workerData as { readonly path: string; readonly logPublicKey: string }

try {
  const report = await verifyDatabase({
    path,
    logPublicKey,
    policyKeys: [],
    // The console itself goes on beside it.
    threadsMax: 1,
    progress: (progress) => answer({ kind: 'progress', progress }),
  })
  answer({ kind: 'done', report })
} catch (error) {
  answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
}
