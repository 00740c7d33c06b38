/**
 * Reads one spreadsheet in a thread of its own, with a heap of its own: a hostile file takes down nothing but this. It loads as
 * little as it can, since it starts anew for each file.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { ShoukouError } from '@shoukou/protocol/errors.ts'
import type { SpreadsheetAnswer } from './read-spreadsheet.ts'
import { readSheet } from './spreadsheet.ts'

const port = parentPort
if (port === null) throw new Error('this file is a thread of the console')

const answer: SpreadsheetAnswer = await readSheet((workerData as { bytes: Uint8Array }).bytes).then(
  (read) => ({ kind: 'read', read }),
  (error: unknown) => {
    if (!(error instanceof ShoukouError)) throw error
    return { kind: 'refused', message: error.message }
  },
)
port.postMessage(answer)
