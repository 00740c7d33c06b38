/** Brings the live feed's messages into the cache, and the connection's state to the frame. */
import type { QueryClient } from '@tanstack/react-query'
import { createContext, use, useEffect, useState } from 'react'
import type { Computer, ComputersAnswer } from '../../api/contract.ts'
import {
  computerNamesQuery,
  computerQuery,
  computersKey,
  overviewQuery,
  sessionQuery,
} from '../server/queries.ts'
import { filterFromAddress, matchesFilter, needsAsking } from '../violations/filter-address.ts'
import {
  addToOverview,
  addToPages,
  countRepeat,
  liveRowsMax,
  replaceComputers,
  replaceInOverview,
  replaceInPages,
  replaceListed,
  replaceNames,
  type ViolationPages,
} from './apply-feed.ts'
import { arrivals } from './arrivals.ts'
import { connectFeed, type FeedMessage } from './feed-connection.ts'
import type { FeedState } from './feed-state.ts'
import { pacedBatch } from './paced-batch.ts'
import { type Heard, heardSince, keepHeard } from './replay.ts'

const gapMs = 50
/** After live changes the overview's sums are fetched again, so that no drift stays. */
const settleMs = 5_000
/**
 * Another state of a computer changes sums that a page can't add up: they are asked for so soon, and at most every
 * `settleMs`. Longer than the console keeps an answer for other pages (`read-overview.ts`): it must not be of before.
 */
const watchMs = 700

const FeedContext = createContext<FeedState>({ kind: 'idle' })
export const FeedStateProvider = FeedContext.Provider

/** Returns the state of the live connection. */
export function useFeedState(): FeedState {
  return use(FeedContext)
}

/** Keeps the feed open while somebody is signed in; returns the connection's state. */
export function useLiveFeed(cache: QueryClient, isSignedIn: boolean, mayReadViolations: boolean): FeedState {
  const [state, setState] = useState<FeedState>({ kind: 'idle' })
  useEffect(() => {
    if (!isSignedIn) return
    let settle: { readonly timer: ReturnType<typeof setTimeout>; readonly at: number } | undefined
    let settledAt = Number.NEGATIVE_INFINITY
    let isOfComputers = false
    const settleWithin = (ms: number) => {
      const now = performance.now()
      const at = Math.max(now + ms, settledAt + settleMs)
      if (settle !== undefined && settle.at <= at) return
      clearTimeout(settle?.timer)
      const timer = setTimeout(() => {
        settle = undefined
        settledAt = performance.now()
        void cache.invalidateQueries({ queryKey: overviewQuery.queryKey })
        // Which of them are on a page, and how many there are, the console knows.
        if (isOfComputers) void cache.invalidateQueries({ queryKey: computersKey })
        isOfComputers = false
      }, at - now)
      settle = { timer, at }
    }
    const replay = replayAfterFetch(cache)
    const batch = pacedBatch<FeedMessage>(
      (messages) => {
        applyMessages(cache, messages)
        replay.take(messages)
        if (mayReadViolations) arrivals.take(messages)
        if (messages.some(({ kind }) => kind === 'computer')) {
          isOfComputers = true
          settleWithin(watchMs)
        } else if (messages.some(({ kind }) => kind === 'violation' || kind === 'violation-changed'))
          settleWithin(settleMs)
      },
      { gapMs, now: () => performance.now(), schedule: scheduleTimer },
    )
    const disconnect = connectFeed({
      onMessage: (message) => batch.add(message),
      onState: setState,
      onSessionDoubt: () => void cache.invalidateQueries({ queryKey: sessionQuery.queryKey }),
    })
    return () => {
      clearTimeout(settle?.timer)
      disconnect()
      batch.stop()
      replay.stop()
    }
  }, [cache, isSignedIn, mayReadViolations])
  return state
}

/**
 * An answer may be older than a message that came while it was under way, and would take it back: whatever came since its
 * question was sent is applied to it once more. Applying twice changes nothing.
 */
export function replayAfterFetch(cache: QueryClient): {
  take(messages: readonly FeedMessage[]): void
  stop(): void
} {
  let heard: readonly Heard<FeedMessage>[] = []
  const askedAt = new Map<string, number>()
  const stop = cache.getQueryCache().subscribe((event) => {
    if (event.type === 'removed') askedAt.delete(event.query.queryHash)
    if (event.type !== 'updated') return
    const { queryHash, queryKey } = event.query
    if (event.action.type === 'fetch') askedAt.set(queryHash, performance.now())
    if (event.action.type === 'error') askedAt.delete(queryHash)
    if (event.action.type !== 'success' || event.action.manual === true) return
    const since = askedAt.get(queryHash)
    askedAt.delete(queryHash)
    if (since === undefined) return
    const missed = heardSince(heard, since)?.filter(({ kind }) => kind !== 'resync') ?? null
    if (missed === null) void cache.invalidateQueries({ queryKey, exact: true })
    else if (missed.length > 0) queueMicrotask(() => applyMessages(cache, missed))
  })
  return {
    take: (messages) => {
      heard = keepHeard(heard, messages, performance.now())
    },
    stop,
  }
}

/** Applies messages in their order; a `resync` fetches anew whatever is shown. */
export function applyMessages(cache: QueryClient, messages: readonly FeedMessage[]): void {
  const computers = new Map<string, Computer>()
  for (const message of messages) {
    switch (message.kind) {
      case 'violation': {
        const item = message.violation
        cache.setQueryData(overviewQuery.queryKey, (old) => old && addToOverview(old, item))
        changeLists(cache, (list, filter) => {
          if (needsAsking(filter)) return null
          if (!filter.isEach && item.standing.repeatOf !== null) return countRepeat(list, item)
          return matchesFilter(filter, item) ? addToPages(list, item) : list
        })
        break
      }
      case 'violation-ended': {
        const item = message.violation
        cache.setQueryData(overviewQuery.queryKey, (old) => old && replaceInOverview(old, item))
        changeLists(cache, (list) => replaceInPages(list, item))
        void cache.invalidateQueries({ queryKey: ['violation', String(item.id)] })
        break
      }
      case 'violation-changed': {
        const item = message.violation
        cache.setQueryData(overviewQuery.queryKey, (old) => old && replaceInOverview(old, item))
        changeLists(cache, (list) => replaceInPages(list, item))
        for (const key of ['violation', 'handling']) {
          const id = key === 'violation' ? String(item.id) : item.id
          void cache.invalidateQueries({ queryKey: [key, id] })
        }
        break
      }
      case 'computer':
        computers.set(message.computer.agent, message.computer)
        break
      case 'resync':
        void cache.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
        break
    }
  }
  if (computers.size > 0) applyComputers(cache, computers)
}

function applyComputers(cache: QueryClient, changed: ReadonlyMap<string, Computer>): void {
  cache.setQueriesData<ComputersAnswer>(
    { queryKey: computersKey },
    (old) => old && { ...old, computers: replaceComputers(old.computers, changed) },
  )
  cache.setQueryData(overviewQuery.queryKey, (old) => old && replaceListed(old, changed))
  cache.setQueryData(
    computerNamesQuery.queryKey,
    (old) => old && { computers: replaceNames(old.computers, changed) },
  )
  for (const [agent, computer] of changed) {
    cache.setQueryData(computerQuery(agent).queryKey, (old) => old && computer)
  }
}

/** Null: the page can't tell; the list is asked for anew. */
type Change = (list: ViolationPages, filter: ReturnType<typeof filterFromAddress>) => ViolationPages | null

function changeLists(cache: QueryClient, change: Change): void {
  for (const [queryKey, list] of cache.getQueriesData<ViolationPages>({ queryKey: ['violations'] })) {
    if (list === undefined) continue
    const next = change(list, filterFromAddress(new URLSearchParams(String(queryKey[1]))))
    if (next === list) continue
    if (next === null) {
      void cache.invalidateQueries({ queryKey, exact: true })
      continue
    }
    cache.setQueryData(queryKey, next)
    if ((next.pages[0]?.violations.length ?? 0) > liveRowsMax)
      void cache.resetQueries({ queryKey, exact: true })
  }
}

function scheduleTimer(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs)
  return () => clearTimeout(timer)
}
