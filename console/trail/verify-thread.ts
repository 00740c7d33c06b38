/** A thread that verifies spans of records beside others, and answers once. */
import { parentPort, workerData } from 'node:worker_threads'
import { Findings } from '@shoukou/protocol/verify/finding.ts'
import { type SharedWork, SpanWorker } from './span-worker.ts'
import type { ThreadAnswer } from './verify-all-records.ts'

const port = parentPort
if (port === null) throw new Error('this file is a thread of a verification')
const answer = (message: ThreadAnswer): void => port.postMessage(message)

const findings = new Findings()
try {
  const worker = await SpanWorker.open(workerData as SharedWork, findings.add)
  while (worker.next());
  worker.close()
  answer({ kind: 'done', result: worker.result, findings: findings.kept })
} catch (error) {
  answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
}
