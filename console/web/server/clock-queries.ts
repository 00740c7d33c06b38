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
import { request } from './request.ts'

/** A clock that somebody started or stopped elsewhere is seen within this time, ms. */
const everyMs = 10_000

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
