/** Has a spreadsheet read elsewhere, within bounds of time and memory. What it says is for whoever asked. */
import { Worker } from 'node:worker_threads'
import { ShoukouError } from '@shoukou/protocol'
import { SHEET_LIMITS } from './limits.ts'
import type { SheetRows } from './spreadsheet.ts'

export type SpreadsheetAnswer =
  | { readonly kind: 'read'; readonly read: SheetRows }
  | { readonly kind: 'refused'; readonly message: string }

/** @throws ShoukouError `spreadsheet-refused` where it can't be read, or takes more than any register needs. */
export async function readSpreadsheet(bytes: Uint8Array): Promise<SheetRows> {
  const worker = new Worker(new URL('./spreadsheet-thread.ts', import.meta.url), {
    workerData: { bytes },
    resourceLimits: { maxOldGenerationSizeMb: SHEET_LIMITS.readHeapMb },
  })
  let timer: NodeJS.Timeout | undefined
  try {
    const answer = await new Promise<SpreadsheetAnswer>((resolve, reject) => {
      worker.once('message', resolve)
      // Also where its heap is full: ERR_WORKER_OUT_OF_MEMORY.
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`the thread ended with ${code}`)))
      timer = setTimeout(() => reject(new Error('the thread took too long')), SHEET_LIMITS.readMs)
    })
    if (answer.kind === 'read') return answer.read
    throw new ShoukouError('spreadsheet-refused', answer.message)
  } catch (cause) {
    if (cause instanceof ShoukouError) throw cause
    throw new ShoukouError(
      'spreadsheet-refused',
      'The file could not be read; copy its table into the template, and save that.',
      { cause },
    )
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}
