/** Copies and proves a database file in a thread: reading all of it must not stall a console that runs. */
import { parentPort, workerData } from 'node:worker_threads'
import { ShoukouError } from '@shoukou/protocol'
import { copyDatabase, proveDatabase } from './database-file.ts'
import type { FileWork } from './prove-database.ts'

const { from, to, prove } = workerData as FileWork
try {
  if (to !== null) await copyDatabase(from, to)
  parentPort?.postMessage({ facts: prove ? proveDatabase(to ?? from) : null })
} catch (error) {
  parentPort?.postMessage({
    code: error instanceof ShoukouError ? error.code : 'store-unavailable',
    message: error instanceof Error ? error.message : String(error),
  })
}
