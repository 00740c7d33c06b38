/** What the pages ask of forwarding and of backups: one function for each question, with its key in the cache. */
import { queryOptions } from '@tanstack/react-query'
import type { ArchivesAnswer } from '../../api/contract-archives.ts'
import type { TargetsAnswer } from '../../api/contract-forwarding.ts'
import type { KeepingAnswer } from '../../api/contract-keeping.ts'
import { request } from './request.ts'

export const targetsQuery = queryOptions({
  queryKey: ['forwarding'],
  queryFn: ({ signal }) => request<TargetsAnswer>('GET', '/api/forwarding', undefined, signal),
  refetchInterval: 5_000,
})

/** Where one target is in the API; `below` begins with a slash. */
export function targetPath(id: string, below = ''): string {
  return `/api/forwarding/${encodeURIComponent(id)}${below}`
}

/** Reads the whole database for what is out of its period: asked when the page opens, and after an act. */
export const archivesQuery = queryOptions({
  queryKey: ['archives'],
  queryFn: ({ signal }) => request<ArchivesAnswer>('GET', '/api/archives', undefined, signal),
  staleTime: 60_000,
})

export const keepingQuery = queryOptions({
  queryKey: ['backups'],
  queryFn: ({ signal }) => request<KeepingAnswer>('GET', '/api/backups', undefined, signal),
  refetchInterval: 10_000,
})
