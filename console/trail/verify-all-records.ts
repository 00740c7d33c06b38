/**
 * Verifies all records, by as many threads as there are processors: this one and others beside it. Each takes the next
 * span from a counter that they share, so that all end together.
 */
import { availableParallelism } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { ShoukouError } from '@shoukou/protocol/errors.ts'
import type { Finding } from '@shoukou/protocol/verify/finding.ts'
import type { SpanResult } from '../store/verify/verify-records.ts'
import { type SharedWork, SPAN_ROWS, SpanWorker } from './span-worker.ts'

export interface AllRecords {
  readonly path: string
  /** The row number of the last one. */
  readonly lastRecord: number
  readonly add: (finding: Finding) => void
  readonly walked?: (records: number) => void
  readonly threadsMax?: number
  /** Also the columns beside the raw bytes. On, unless it is said otherwise. */
  readonly withColumns?: boolean
}

const threadsAtMost = 4

/** What a thread answers, once. */
export type ThreadAnswer =
  | { readonly kind: 'done'; readonly result: SpanResult; readonly findings: readonly Finding[] }
  | { readonly kind: 'failed'; readonly message: string }

export async function verifyAllRecords(
  options: AllRecords,
): Promise<SpanResult & { readonly threads: number }> {
  const { path, lastRecord, add, walked = () => {}, withColumns = true } = options
  const spans = Math.ceil(lastRecord / SPAN_ROWS)
  const threads = Math.max(1, Math.min(options.threadsMax ?? availableParallelism(), threadsAtMost, spans))
  const counters = new Int32Array(new SharedArrayBuffer(8))
  const work: SharedWork = { path, lastRecord, withColumns, counters }
  const others = Array.from({ length: threads - 1 }, () => another(work, add))
  const here = await SpanWorker.open(work, add)
  let told = 0
  try {
    while (here.next()) {
      const done = Atomics.load(counters, 1)
      walked(done - told)
      told = done
      await setImmediate()
    }
  } finally {
    here.close()
  }
  const results = [here.result, ...(await Promise.all(others))]
  walked(Atomics.load(counters, 1) - told)
  const sum = (of: (result: SpanResult) => number): number => results.reduce((all, one) => all + of(one), 0)
  return {
    records: sum((one) => one.records),
    bytes: sum((one) => one.bytes),
    unprovable: sum((one) => one.unprovable),
    threads,
  }
}

async function another(work: SharedWork, add: (finding: Finding) => void): Promise<SpanResult> {
  const worker = new Worker(new URL('./verify-thread.ts', import.meta.url), { workerData: work })
  const answer = await new Promise<ThreadAnswer>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new ShoukouError('internal-error', 'A thread that verifies has ended.')))
  })
  await worker.terminate()
  if (answer.kind === 'failed') throw new ShoukouError('internal-error', answer.message)
  for (const finding of answer.findings) add(finding)
  return answer.result
}
