/** What the pages ask of the console: one function for each question, with its key in the cache. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type {
  Computer,
  ComputerNames,
  ComputersAnswer,
  GapItem,
  Health,
  Overview,
  PolicyAnswer,
  PolicyHistory,
  RecordsAnswer,
  SessionAnswer,
  ViolationDetail,
  ViolationsAnswer,
} from '../../api/contract.ts'
import type { AccountsAnswer } from '../../api/contract-access.ts'
import { filterToAddress, filterToQuery, type ViolationFilter } from '../violations/filter-address.ts'
import { ApiError, consoleNow, request } from './request.ts'

export const violationsPageSize = 100
const recordsPageSize = 100

/** Null where nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<SessionAnswer | null> => {
    try {
      return await request<SessionAnswer>('GET', '/api/session', undefined, signal)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'not-signed-in') return null
      throw error
    }
  },
  staleTime: Number.POSITIVE_INFINITY,
})

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => request<Overview>('GET', '/api/overview', undefined, signal),
})

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => request<Health>('GET', '/api/health', undefined, signal),
})

export const computersPageSize = 50
/** All questions about lists of computers begin with it. */
export const computersKey = ['computers'] as const

/** `asked`: filter and order, as the API reads them. */
export const computersQuery = (asked: URLSearchParams, page: number) =>
  queryOptions({
    queryKey: [...computersKey, asked.toString(), page],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams(asked)
      query.set('limit', String(computersPageSize))
      if (page > 0) query.set('offset', String(page * computersPageSize))
      return request<ComputersAnswer>('GET', `/api/computers?${query}`, undefined, signal)
    },
    placeholderData: keepPreviousData,
  })

/** To choose from: a new one stands in it after a while, or when the page is opened anew. */
export const computerNamesQuery = queryOptions({
  queryKey: ['computer-names'],
  queryFn: ({ signal }) => request<ComputerNames>('GET', '/api/computer-names', undefined, signal),
  staleTime: 60_000,
})

export const computerQuery = (agent: string) =>
  queryOptions({
    queryKey: ['computer', agent],
    queryFn: ({ signal }) =>
      request<Computer>('GET', `/api/computers/${encodeURIComponent(agent)}`, undefined, signal),
  })

export const recordsQuery = (agent: string, kinds: readonly string[]) =>
  infiniteQueryOptions({
    queryKey: ['records', agent, kinds.join(',')],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(recordsPageSize) })
      if (kinds.length > 0) query.set('kinds', kinds.join(','))
      if (pageParam !== null) query.set('before', pageParam)
      return request<RecordsAnswer>(
        'GET',
        `/api/computers/${encodeURIComponent(agent)}/records?${query}`,
        undefined,
        signal,
      )
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextBefore,
  })

export const gapsQuery = (agent: string) =>
  queryOptions({
    queryKey: ['gaps', agent],
    queryFn: ({ signal }) =>
      request<{ gaps: GapItem[] }>(
        'GET',
        `/api/computers/${encodeURIComponent(agent)}/gaps`,
        undefined,
        signal,
      ),
  })

export const policyQuery = (agent: string) =>
  queryOptions({
    queryKey: ['policy', agent],
    queryFn: ({ signal }) =>
      request<PolicyAnswer>('GET', `/api/computers/${encodeURIComponent(agent)}/policy`, undefined, signal),
  })

export const policyHistoryQuery = (agent: string) =>
  queryOptions({
    queryKey: ['policies', agent],
    queryFn: ({ signal }) =>
      request<PolicyHistory>(
        'GET',
        `/api/computers/${encodeURIComponent(agent)}/policies`,
        undefined,
        signal,
      ),
  })

export const violationsQuery = (filter: ViolationFilter) =>
  infiniteQueryOptions({
    queryKey: ['violations', filterToAddress(filter).toString()],
    queryFn: ({ signal, pageParam }) => {
      const query = filterToQuery(filter, consoleNow())
      query.set('limit', String(violationsPageSize))
      if (pageParam !== null) query.set('before', String(pageParam))
      return request<ViolationsAnswer>('GET', `/api/violations?${query}`, undefined, signal)
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.nextBefore,
  })

export const violationQuery = (id: string) =>
  queryOptions({
    queryKey: ['violation', id],
    queryFn: ({ signal }) =>
      request<ViolationDetail>('GET', `/api/violations/${encodeURIComponent(id)}`, undefined, signal),
    staleTime: 60_000,
  })

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: ({ signal }) => request<AccountsAnswer>('GET', '/api/accounts', undefined, signal),
})
