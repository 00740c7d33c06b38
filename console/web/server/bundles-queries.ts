/** What the pages ask about bundles. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { BundlesAnswer, Slip } from '../../api/contract-bundles.ts'
import { request } from './request.ts'

export const bundlesQuery = infiniteQueryOptions({
  queryKey: ['bundles'],
  queryFn: ({ signal, pageParam }) =>
    request<BundlesAnswer>(
      'GET',
      pageParam === null ? '/api/bundles' : `/api/bundles?before=${pageParam}`,
      undefined,
      signal,
    ),
  initialPageParam: null as number | null,
  getNextPageParam: (last) => last.before,
})

export const slipQuery = (slip: string) =>
  queryOptions({
    queryKey: ['bundles', 'slip', slip],
    queryFn: ({ signal }) =>
      request<Slip>('GET', `/api/bundles/slips/${encodeURIComponent(slip)}`, undefined, signal),
  })
