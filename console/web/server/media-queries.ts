/** What the pages ask of the media register: one function for each question, with its key in the cache. */
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import type { MediaAnswer, MediumAnswer, SeenMediaAnswer } from '../../api/contract-media.ts'
import { type MediaFilter, mediaFilterToAddress, mediaShape } from '../media/media-address.ts'
import { sortToQuery, type TableView } from '../show/table-view.ts'
import { request } from './request.ts'

export const mediaPageSize = 100

export const mediaQuery = (filter: MediaFilter, view: TableView) =>
  infiniteQueryOptions({
    queryKey: ['media', sortToQuery(mediaFilterToAddress(filter), view, mediaShape).toString()],
    queryFn: ({ signal, pageParam }) => {
      const query = sortToQuery(mediaFilterToAddress(filter), view, mediaShape)
      query.set('limit', String(mediaPageSize))
      if (pageParam !== null) query.set('before', pageParam)
      return request<MediaAnswer>('GET', `/api/media?${query}`, undefined, signal)
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextBefore,
  })

export const mediumQuery = (number: string) =>
  queryOptions({
    queryKey: ['medium', number],
    queryFn: ({ signal }) => request<MediumAnswer>('GET', mediumPath(number), undefined, signal),
  })

/** Where one medium is in the API; `below` begins with a slash. */
export function mediumPath(number: string, below = ''): string {
  return `/api/media/${encodeURIComponent(number)}${below}`
}

/** What is plugged into a computer now, and what was lately. */
export const seenMediaQuery = (agent: string) =>
  queryOptions({
    queryKey: ['seen-media', agent],
    queryFn: ({ signal }) =>
      request<SeenMediaAnswer>('GET', `/api/computers/${encodeURIComponent(agent)}/media`, undefined, signal),
    staleTime: 5_000,
  })

/** The medium that a violation is about. */
export const violationMediumQuery = (id: string) =>
  queryOptions({
    queryKey: ['violation-medium', id],
    queryFn: ({ signal }) =>
      request<SeenMediaAnswer>('GET', `/api/violations/${encodeURIComponent(id)}/medium`, undefined, signal),
    staleTime: 60_000,
  })

/** After a change of the register, what shows it is asked anew. */
export function forgetMedia(cache: QueryClient): void {
  for (const key of ['media', 'medium', 'seen-media', 'violation-medium'])
    void cache.invalidateQueries({ queryKey: [key] })
}
