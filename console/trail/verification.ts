/** Verifies the running console's own database, in a thread beside it, one at a time: for the auditor's page. */
import { Worker } from 'node:worker_threads'
import type { LogKey } from '../pki/log-key.ts'
import type { Progress, Report } from './verify-database.ts'

export interface VerificationState {
  /** Null: none is under way. */
  readonly progress: Progress | null
  /** The newest one that ended, since the console started. */
  readonly last: { readonly atMs: number; readonly report: Report } | null
  readonly failed: string | null
}

export interface Verification {
  readonly state: VerificationState
  /** Begins one; false where one is under way. */
  begin(): boolean
  close(): Promise<void>
}

/** What the thread says. */
export type VerificationMessage =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly report: Report }
  | { readonly kind: 'failed'; readonly message: string }

export interface VerificationOptions {
  readonly path: string
  readonly logKey: LogKey
  readonly now: () => number
}

export function createVerification({ path, logKey, now }: VerificationOptions): Verification {
  let state: VerificationState = { progress: null, last: null, failed: null }
  let worker: Worker | null = null
  const end = (next: Partial<VerificationState>): void => {
    state = { ...state, ...next, progress: null }
    void worker?.terminate()
    worker = null
  }
  return {
    get state() {
      return state
    },
    begin: () => {
      if (worker !== null) return false
      const begun = new Worker(new URL('./verification-thread.ts', import.meta.url), {
        workerData: { path, logPublicKey: logKey.publicKey },
      })
      worker = begun
      state = { ...state, progress: { stage: 'log', done: 0, total: 0 }, failed: null }
      begun.on('message', (message: VerificationMessage) => {
        if (message.kind === 'progress') state = { ...state, progress: message.progress }
        else if (message.kind === 'done') end({ last: { atMs: now(), report: message.report } })
        else end({ failed: message.message })
      })
      begun.on('error', (error) => end({ failed: error instanceof Error ? error.message : String(error) }))
      begun.on('exit', () => worker === begun && end({ failed: 'The thread that verifies has ended.' }))
      return true
    },
    close: async () => {
      const open = worker
      worker = null
      await open?.terminate()
    },
  }
}
