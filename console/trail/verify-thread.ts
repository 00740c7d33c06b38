/** A thread that verifies spans of records, one after another, as it is asked. */
import { parentPort, workerData } from 'node:worker_threads'
import { Findings } from '@shoukou/protocol'
import { openReadOnly } from '../store/verify/read-only.ts'
import { type RecordSpan, verifyRecords } from '../store/verify/verify-records.ts'
import type { SpanMessage } from './verify-database.ts'

const port = parentPort
if (port === null) throw new Error('this file is a thread of a verification')
const answer = (message: SpanMessage): void => port.postMessage(message)
const database = openReadOnly((workerData as { path: string }).path)

port.on('message', (span: RecordSpan) => {
  const findings = new Findings()
  try {
    const result = verifyRecords(database, span, findings.add, (records) =>
      answer({ kind: 'walked', records }),
    )
    answer({ kind: 'done', result, findings: findings.kept, total: findings.total })
  } catch (error) {
    answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
})
