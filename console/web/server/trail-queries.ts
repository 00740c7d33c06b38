/** What the auditor's pages ask of the console. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type {
  ActionDetail,
  ActionsAnswer,
  CheckpointsAnswer,
  TrailState,
  WarningsAnswer,
} from '../../api/contract-trail.ts'
import { type AuditFilter, auditQueryOf } from '../audit/audit-address.ts'
import { request } from './request.ts'

const actionsPageSize = 100

export const actionsQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['actions', filter],
    queryFn: ({ signal, pageParam }) => {
      const query = auditQueryOf(filter)
      query.set('limit', String(actionsPageSize))
      if (pageParam !== null) query.set('before', String(pageParam))
      return request<ActionsAnswer>('GET', `/api/actions?${query}`, undefined, signal)
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.nextBefore,
  })

export const actionQuery = (id: number) =>
  queryOptions({
    queryKey: ['action', id],
    queryFn: ({ signal }) => request<ActionDetail>('GET', `/api/actions/${id}`, undefined, signal),
    staleTime: 60_000,
  })

const whileVerifyingMs = 1_000

export const trailQuery = queryOptions({
  queryKey: ['trail'],
  queryFn: ({ signal }) => request<TrailState>('GET', '/api/trail', undefined, signal),
  // Only while one is under way: what stands there else is what was found, until somebody asks again.
  refetchInterval: (query) => ((query.state.data?.progress ?? null) === null ? false : whileVerifyingMs),
})

export const checkpointsQuery = queryOptions({
  queryKey: ['checkpoints'],
  queryFn: ({ signal }) => request<CheckpointsAnswer>('GET', '/api/trail/checkpoints', undefined, signal),
})

export const warningsQuery = queryOptions({
  queryKey: ['warnings'],
  queryFn: ({ signal }) => request<WarningsAnswer>('GET', '/api/warnings', undefined, signal),
})
