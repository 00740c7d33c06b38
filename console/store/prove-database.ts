/** Has a database file copied and proven by a thread of its own. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type ErrorCode, ShoukouError } from '@shoukou/protocol'
import type { DatabaseFacts } from './database-file.ts'

export type { ChainEnd, DatabaseFacts } from './database-file.ts'

export interface FileWork {
  readonly from: string
  /** Null: nothing is copied, `from` is what is looked through. */
  readonly to: string | null
  readonly prove: boolean
}

/** Copies a database that may be in use, and proves the copy. @throws ShoukouError `log-altered`, `backup-refused`, `store-unavailable`. */
export async function copyAndProve(from: string, to: string): Promise<DatabaseFacts> {
  return inThread({ from, to, prove: true })
}

/** Proves a database that nobody writes. @throws as `copyAndProve` */
export async function proveFile(path: string): Promise<DatabaseFacts> {
  return inThread({ from: path, to: null, prove: true })
}

async function inThread(work: FileWork): Promise<DatabaseFacts> {
  const worker = new Worker(new URL('./database-file-thread.ts', import.meta.url), { workerData: work })
  try {
    const [answer] = (await once(worker, 'message')) as [
      { readonly facts: DatabaseFacts } | { readonly code: ErrorCode; readonly message: string },
    ]
    if ('code' in answer) throw new ShoukouError(answer.code, answer.message)
    return answer.facts
  } finally {
    await worker.terminate()
  }
}
