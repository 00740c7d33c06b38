/** What the pages ask of the work list. */
import { keepPreviousData, type QueryClient, queryOptions } from '@tanstack/react-query'
import type { FindingEventsAnswer, FindingsAnswer } from '../../api/contract-findings.ts'
import { type FindingsView, findingsViewToAddress } from '../findings/findings-address.ts'
import { request } from './request.ts'

export const findingsPageSize = 50

export const findingsQuery = (view: FindingsView, page: number) =>
  queryOptions({
    queryKey: ['findings', findingsViewToAddress(view).toString(), page],
    queryFn: ({ signal }) => {
      const query = findingsViewToAddress(view)
      query.set('limit', String(findingsPageSize))
      if (page > 0) query.set('offset', String(page * findingsPageSize))
      return request<FindingsAnswer>('GET', `/api/findings?${query}`, undefined, signal)
    },
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  })

export const findingEventsQuery = (id: string) =>
  queryOptions({
    queryKey: ['finding-events', id],
    queryFn: ({ signal }) =>
      request<FindingEventsAnswer>(
        'GET',
        `/api/findings/${encodeURIComponent(id)}/events`,
        undefined,
        signal,
      ),
  })

export function forgetFindings(cache: QueryClient): void {
  void cache.invalidateQueries({ queryKey: ['findings'] })
  void cache.invalidateQueries({ queryKey: ['finding-events'] })
}
