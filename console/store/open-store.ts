/** Opens the store in a thread of its own, so that a commit's sync never stalls the connections. */
import { Worker } from 'node:worker_threads'
import { type ErrorCode, ShoukouError } from '@shoukou/protocol'
import type { Store } from './ports.ts'
import { openDatabase } from './sqlite/database.ts'
import { createSqliteStore } from './sqlite/sqlite-store.ts'

/** What the store's thread answers. */
export type StoreAnswer =
  | { readonly kind: 'open'; readonly durability: string }
  | { readonly kind: 'done'; readonly call: number; readonly value: unknown }
  | {
      readonly kind: 'failed'
      readonly call: number | null
      readonly code: ErrorCode | null
      readonly message: string
    }

/** Opens or creates the SQLite file at `path` in this thread: for tools and tests. */
export async function openSqliteStoreHere(path: string): Promise<Store> {
  return createSqliteStore(await openDatabase(path))
}

/**
 * Opens or creates the SQLite file at `path` in a thread of its own. Rejects where the file can't be opened; a call
 * that the database refuses rejects with `store-unavailable`, or with the code that the store gave. `ended` is called
 * where the thread ends without being asked to: from then on every call rejects.
 */
export async function openSqliteStore(
  path: string,
  ended: (error: ShoukouError) => void = () => {},
): Promise<Store> {
  const worker = new Worker(new URL('./store-thread.ts', import.meta.url), { workerData: { path } })
  const waiting: Waiting = new Map()
  let over: ShoukouError | null = null
  let isClosing = false
  const end = (cause?: unknown): void => {
    if (over !== null) return
    over = new ShoukouError('store-unavailable', 'The store has ended.', { cause })
    for (const call of waiting.values()) call.reject(over)
    waiting.clear()
    if (!isClosing) ended(over)
  }
  const durability = await new Promise<string>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => reject(new ShoukouError('store-unavailable', 'The store has ended.')))
    worker.on('message', (answer: StoreAnswer) => {
      if (answer.kind === 'open') resolve(answer.durability)
      else if (answer.kind === 'failed' && answer.call === null) reject(failure(answer))
      else settle(waiting, answer)
    })
  })
  worker.on('error', end)
  worker.on('exit', () => end())
  let calls = 0
  const call = (method: string, parameters: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (over !== null) {
        reject(over)
        return
      }
      calls += 1
      waiting.set(calls, { resolve, reject })
      worker.postMessage({ call: calls, method, parameters })
    })
  const close = async (): Promise<void> => {
    if (over !== null) return
    isClosing = true
    await call('close', [])
    await worker.terminate()
  }
  return proxyFor(durability, call, close)
}

type Waiting = Map<number, { resolve(value: unknown): void; reject(error: Error): void }>

function proxyFor(
  durability: string,
  call: (method: string, parameters: readonly unknown[]) => Promise<unknown>,
  close: () => Promise<void>,
): Store {
  return new Proxy({} as Store, {
    get: (_target, method) => {
      if (method === 'durability') return durability
      if (method === 'close') return close
      // A promise's `then` must not look like a method of the store.
      if (typeof method !== 'string' || method === 'then') return undefined
      return (...parameters: readonly unknown[]) => call(method, parameters)
    },
  })
}

function settle(waiting: Waiting, answer: Exclude<StoreAnswer, { kind: 'open' }>): void {
  const call = waiting.get(answer.call ?? -1)
  if (call === undefined) return
  waiting.delete(answer.call ?? -1)
  if (answer.kind === 'done') call.resolve(answer.value)
  else call.reject(failure(answer))
}

function failure(answer: Extract<StoreAnswer, { kind: 'failed' }>): ShoukouError {
  return new ShoukouError(answer.code ?? 'store-unavailable', answer.message)
}
