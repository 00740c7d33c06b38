/** What the pages ask about clocks: one function for each question, with its key in the cache. */
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import type {
  ClockActs,
  ClockSettingsAnswer,
  ClocksAnswer,
  EscalationsAnswer,
  HandInsAnswer,
  LeakForm,
} from '../../api/contract-clocks.ts'
import { ApiError, request } from './request.ts'

/** A clock that somebody started or stopped elsewhere is seen within this time, ms. */
const everyMs = 10_000
/** Shown at a glance; the page of clocks has them all. */
export const pressingMax = 3

export interface ReadClocks {
  readonly answer: ClocksAnswer
  /** By a clock of this page that nobody sets: what is left is counted down from here. */
  readonly readAtMs: number
}

export const clocksQuery = queryOptions({
  queryKey: ['clocks', 'all'],
  queryFn: async ({ signal }): Promise<ReadClocks> => ({
    answer: await request<ClocksAnswer>('GET', '/api/clocks', undefined, signal),
    readAtMs: performance.now(),
  }),
  refetchInterval: everyMs,
})

/** Those that press most; null where the role may not read clocks. */
export const pressingClocksQuery = queryOptions({
  queryKey: ['clocks', 'pressing'],
  queryFn: async ({ signal }): Promise<ReadClocks | null> => {
    const answer = await askClocks(signal, pressingMax)
    return answer === null ? null : { answer, readAtMs: performance.now() }
  },
  refetchInterval: (query) => (query.state.data === null ? false : everyMs),
})

/** Null where the role may not read clocks. */
export async function askClocks(signal?: AbortSignal, perState?: number): Promise<ClocksAnswer | null> {
  try {
    const path = perState === undefined ? '/api/clocks' : `/api/clocks?perState=${perState}`
    return await request<ClocksAnswer>('GET', path, undefined, signal)
  } catch (error) {
    if (error instanceof ApiError && (error.code === 'not-found' || error.code === 'not-permitted'))
      return null
    throw error
  }
}

export const clockActsQuery = (violation: number) =>
  queryOptions({
    queryKey: ['clocks', 'acts', violation],
    queryFn: ({ signal }) =>
      request<ClockActs>('GET', `/api/violations/${violation}/clock-acts`, undefined, signal),
  })

export const escalationsQuery = infiniteQueryOptions({
  queryKey: ['clocks', 'escalations'],
  queryFn: ({ signal, pageParam }) =>
    request<EscalationsAnswer>(
      'GET',
      `/api/escalations${pageParam === null ? '' : `?before=${pageParam}`}`,
      undefined,
      signal,
    ),
  initialPageParam: null as number | null,
  getNextPageParam: (last) => last.nextBefore,
  refetchInterval: everyMs,
})

export const clockSettingsQuery = queryOptions({
  queryKey: ['clocks', 'settings'],
  queryFn: ({ signal }) => request<ClockSettingsAnswer>('GET', '/api/clock-settings', undefined, signal),
})

export const handInsQuery = queryOptions({
  queryKey: ['clocks', 'hand-ins'],
  queryFn: ({ signal }) => request<HandInsAnswer>('GET', '/api/hand-ins', undefined, signal),
})

export const leakFormQuery = (violation: number) =>
  queryOptions({
    queryKey: ['leak-form', violation],
    queryFn: ({ signal }) => request<LeakForm>('GET', leakFormPath(violation), undefined, signal),
    // What somebody types is not taken away by an answer that comes anew.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })

export function leakFormPath(violation: number, below = ''): string {
  return `/api/violations/${violation}/leak-form${below}`
}

/** After an act: everything that shows clocks looks anew. */
export function refreshClocks(cache: QueryClient): Promise<void> {
  return cache.invalidateQueries({ queryKey: ['clocks'] })
}
