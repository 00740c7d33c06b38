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
 * that the database refuses rejects with `store-unavailable`, or with the code that the store gave.
 */
export async function openSqliteStore(path: string): Promise<Store> {
  const worker = new Worker(new URL('./store-thread.ts', import.meta.url), { workerData: { path } })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  const durability = await new Promise<string>((resolve, reject) => {
    worker.once('error', reject)
    worker.on('message', (answer: StoreAnswer) => {
      if (answer.kind === 'open') resolve(answer.durability)
      else if (answer.kind === 'failed' && answer.call === null) reject(failure(answer))
      else settle(waiting, answer)
    })
  })
  worker.on('error', (error) => {
    for (const call of waiting.values()) call.reject(error as Error)
    waiting.clear()
  })
  worker.on('exit', () => {
    for (const call of waiting.values())
      call.reject(new ShoukouError('store-unavailable', 'The store has ended.'))
    waiting.clear()
  })
  let calls = 0
  const call = (method: string, parameters: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      calls += 1
      waiting.set(calls, { resolve, reject })
      worker.postMessage({ call: calls, method, parameters })
    })
  return proxyFor(durability, call, worker)
}

function proxyFor(
  durability: string,
  call: (method: string, parameters: readonly unknown[]) => Promise<unknown>,
  worker: Worker,
): Store {
  const close = async (): Promise<void> => {
    await call('close', [])
    await worker.terminate()
  }
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

function settle(
  waiting: Map<number, { resolve(value: unknown): void; reject(error: Error): void }>,
  answer: Exclude<StoreAnswer, { kind: 'open' }>,
): void {
  const call = waiting.get(answer.call ?? -1)
  if (call === undefined) return
  waiting.delete(answer.call ?? -1)
  if (answer.kind === 'done') call.resolve(answer.value)
  else call.reject(failure(answer))
}

function failure(answer: Extract<StoreAnswer, { kind: 'failed' }>): ShoukouError {
  return new ShoukouError(answer.code ?? 'store-unavailable', answer.message)
}
