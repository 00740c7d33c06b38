/**
 * The store's thread: one call after another, each answered.
 *
 * Batches of agents that wait at the same time are committed together: one sync to disk for all of them, and none is
 * answered before it.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { ShoukouError } from '@shoukou/protocol'
import type { StoreAnswer } from './open-store.ts'
import type { IngestBatch } from './ports.ts'
import { openDatabase } from './sqlite/database.ts'
import { createGroupingStore, GROUPED_METHODS, type GroupingStore } from './sqlite/sqlite-store.ts'

interface StoreCall {
  readonly call: number
  readonly method: string
  readonly parameters: readonly unknown[]
}

/** One commit takes so many records and calls: reads wait behind it. */
const groupRecordsMax = 4_000
const groupCallsMax = 256

const port = parentPort
if (port === null) throw new Error('this file is a thread of the console')
const answer = (message: StoreAnswer): void => port.postMessage(message)

let opened: GroupingStore | undefined
try {
  opened = createGroupingStore(await openDatabase((workerData as { path: string }).path))
  answer({ kind: 'open', durability: opened.store.durability })
} catch (error) {
  answer(failed(null, error))
}

if (opened !== undefined) serve(opened)

function serve({ store, together }: GroupingStore): void {
  const methods = store as unknown as Record<
    string,
    ((...parameters: readonly unknown[]) => Promise<unknown>) | undefined
  >
  const run = async ({ method, parameters }: StoreCall): Promise<unknown> => methods[method]?.(...parameters)
  const settle = ({ call }: StoreCall, work: Promise<unknown>): void => {
    work.then(
      (value) => answer({ kind: 'done', call, value }),
      (error: unknown) => answer(failed(call, error)),
    )
  }
  const settleTogether = (calls: readonly StoreCall[]): void => {
    const works: Promise<unknown>[] = []
    try {
      together(() => works.push(...calls.map(run)))
    } catch (error) {
      // Not committed: whatever each of them returned, nothing of it is stored.
      for (const work of works) work.catch(() => undefined)
      for (const { call } of calls) answer(failed(call, error))
      return
    }
    calls.forEach((call, at) => settle(call, works[at] ?? Promise.reject(new Error('a call was not run'))))
  }

  let waiting: StoreCall[] = []
  const drain = (): void => {
    const calls = waiting
    waiting = []
    for (const group of groupsOf(calls)) {
      const [first] = group
      if (first === undefined) continue
      if (group.length === 1) settle(first, run(first))
      else settleTogether(group)
    }
  }
  port?.on('message', (call: StoreCall) => {
    if (waiting.push(call) === 1) setImmediate(drain)
  })
}

/** Neighbours that may be committed together, in the order they came. */
function groupsOf(calls: readonly StoreCall[]): StoreCall[][] {
  const groups: StoreCall[][] = []
  let records = 0
  let isOpen = false
  for (const call of calls) {
    const isGrouped = GROUPED_METHODS.has(call.method)
    const more = recordsIn(call)
    const last = groups.at(-1)
    const fits = isOpen && isGrouped && records + more <= groupRecordsMax
    if (fits && last !== undefined && last.length < groupCallsMax) {
      last.push(call)
      records += more
    } else {
      groups.push([call])
      records = more
      isOpen = isGrouped
    }
  }
  return groups
}

function recordsIn({ method, parameters }: StoreCall): number {
  return method === 'ingest' ? (parameters[0] as IngestBatch).records.length : 0
}

function failed(call: number | null, error: unknown): StoreAnswer {
  return {
    kind: 'failed',
    call,
    code: error instanceof ShoukouError ? error.code : null,
    message: error instanceof Error ? error.message : String(error),
  }
}
