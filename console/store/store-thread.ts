/** The store's thread: one call after another, each answered. */
import { parentPort, workerData } from 'node:worker_threads'
import { ShoukouError } from '@shoukou/protocol'
import { openSqliteStoreHere, type StoreAnswer } from './open-store.ts'
import type { Store } from './ports.ts'

interface StoreCall {
  readonly call: number
  readonly method: string
  readonly parameters: readonly unknown[]
}

const port = parentPort
if (port === null) throw new Error('this file is a thread of the console')
const answer = (message: StoreAnswer): void => port.postMessage(message)

let store: Store | undefined
try {
  store = await openSqliteStoreHere((workerData as { path: string }).path)
  answer({ kind: 'open', durability: store.durability })
} catch (error) {
  answer({ kind: 'failed', call: null, code: null, message: messageOf(error) })
}

if (store !== undefined) {
  const methods = store as unknown as Record<
    string,
    ((...parameters: readonly unknown[]) => Promise<unknown>) | undefined
  >
  port.on('message', ({ call, method, parameters }: StoreCall) => {
    const run = async (): Promise<unknown> => methods[method]?.(...parameters)
    run().then(
      (value) => answer({ kind: 'done', call, value }),
      (error: unknown) =>
        answer({
          kind: 'failed',
          call,
          code: error instanceof ShoukouError ? error.code : null,
          message: messageOf(error),
        }),
    )
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
