/** What the pages ask of the ceiling, and how one is brought. */
import { queryOptions } from '@tanstack/react-query'
import type { CeilingAnswer, CeilingPreview, NewCeiling } from '../../api/contract-ceiling.ts'
import { request } from './request.ts'

export const ceilingQuery = queryOptions({
  queryKey: ['ceiling'],
  queryFn: ({ signal }) => request<CeilingAnswer>('GET', '/api/ceiling', undefined, signal),
  staleTime: 10_000,
})

/** Asks what a signed ceiling would change; nothing is brought. */
export function previewCeiling(signed: NewCeiling['signed']): Promise<CeilingPreview> {
  return request<CeilingPreview>('POST', '/api/ceiling/preview', { signed })
}

/** Brings it into force. */
export function bringCeiling(asked: NewCeiling): Promise<CeilingAnswer> {
  return request<CeilingAnswer>('POST', '/api/ceiling', asked)
}
