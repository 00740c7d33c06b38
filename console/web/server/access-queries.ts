/** What the pages ask about accounts, acts of two people and the handling of violations. */
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import type { AccountHistory, ActItem, ActsAnswer, Agreement } from '../../api/contract-access.ts'
import type { HandlingAnswer, HandlingStep } from '../../api/contract-handling.ts'
import { request } from './request.ts'

/** Nothing tells a page that somebody asked for something: it looks by itself. */
const actsRefetchMs = 15_000

export type ActsState = 'open' | 'decided'

export const actsQuery = (state: ActsState) =>
  infiniteQueryOptions({
    queryKey: ['acts', state],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ state })
      if (pageParam !== null) query.set('before', String(pageParam))
      return request<ActsAnswer>('GET', `/api/acts?${query}`, undefined, signal)
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.nextBefore,
    refetchInterval: actsRefetchMs,
  })

/** How many wait for whoever is signed in. */
export const waitingActsQuery = queryOptions({
  queryKey: ['acts', 'waiting'],
  queryFn: async ({ signal }) =>
    (await request<ActsAnswer>('GET', '/api/acts?state=open&limit=1', undefined, signal)).waiting,
  refetchInterval: actsRefetchMs,
})

export function agreeTo(id: number, agreement: Agreement): Promise<ActItem> {
  return request<ActItem>('POST', `/api/acts/${id}/agree`, agreement)
}

export function turnDown(id: number, how: 'refuse' | 'withdraw', reason: string): Promise<ActItem> {
  return request<ActItem>('POST', `/api/acts/${id}/${how}`, { reason })
}

export const accountHistoryQuery = (name: string) =>
  queryOptions({
    queryKey: ['accounts', name, 'history'],
    queryFn: ({ signal }) => request<AccountHistory>('GET', accountPath(name, '/history'), undefined, signal),
  })

export const departmentsQuery = queryOptions({
  queryKey: ['departments'],
  queryFn: ({ signal }) => request<{ departments: string[] }>('GET', '/api/departments', undefined, signal),
})

export const handlingQuery = (violation: number) =>
  queryOptions({
    queryKey: ['handling', violation],
    queryFn: ({ signal }) => request<HandlingAnswer>('GET', handlingPath(violation), undefined, signal),
    staleTime: 5_000,
  })

export function takeStep(violation: number, step: HandlingStep): Promise<HandlingAnswer> {
  return request<HandlingAnswer>('POST', handlingPath(violation), step)
}

export function accountPath(name: string, below = ''): string {
  return `/api/accounts/${encodeURIComponent(name)}${below}`
}

/** After anything that two people have to do with: whatever it touched is asked for anew. */
export function forgetActs(cache: QueryClient): void {
  for (const key of ['acts', 'accounts', 'handling', 'computers', 'computer', 'network'])
    void cache.invalidateQueries({ queryKey: [key] })
}

function handlingPath(violation: number): string {
  return `/api/violations/${violation}/handling`
}
