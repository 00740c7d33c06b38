/** What the pages ask about handling: papers, repeats, exceptions, saved views, many violations at once. */
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import type {
  CSRF_HEADER as CsrfHeader,
  ErrorAnswer,
  ViolationItem,
  ViolationsAnswer,
} from '../../api/contract.ts'
import type {
  AskStatement,
  Assign,
  Attachment,
  BulkAnswer,
  BulkStep,
  EnterStatement,
  ExceptionsAnswer,
  Form,
  HandlingAnswer,
  Merge,
  NewException,
  NewExceptionAnswer,
  NewSavedView,
  OpenRequests,
  SavedView,
  Statement,
  StatementRequest,
} from '../../api/contract-handling.ts'
import { filterToAddress, filterToQuery, type ViolationFilter } from '../violations/filter-address.ts'
import { ApiError, consoleNow, request } from './request.ts'

const csrfHeader: typeof CsrfHeader = 'x-shoukou-request'
/** Ten megabytes over a slow line. */
const uploadMsMax = 120_000

export const handlersQuery = queryOptions({
  queryKey: ['handlers'],
  queryFn: ({ signal }) =>
    request<{ handlers: { name: string; person: string | null }[] }>(
      'GET',
      '/api/handlers',
      undefined,
      signal,
    ),
})

export const repeatsQuery = (violation: number) =>
  infiniteQueryOptions({
    queryKey: ['handling', violation, 'repeats'],
    queryFn: ({ signal, pageParam }) =>
      request<{ repeats: ViolationItem[]; nextBefore: number | null }>(
        'GET',
        `${of(violation)}/repeats${pageParam === null ? '' : `?before=${pageParam}`}`,
        undefined,
        signal,
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.nextBefore,
  })

export const exceptionsQuery = (state: 'in-force' | 'all') =>
  infiniteQueryOptions({
    queryKey: ['exceptions', state],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ state })
      if (pageParam !== null) query.set('before', String(pageParam))
      return request<ExceptionsAnswer>('GET', `/api/exceptions?${query}`, undefined, signal)
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.nextBefore,
  })

/** How many violations a filter finds, by severity; nothing tells the page of each: it looks by itself. */
export const violationCountQuery = (filter: ViolationFilter) =>
  queryOptions({
    queryKey: ['violation-count', filterToAddress(filter).toString()],
    queryFn: async ({ signal }) => {
      const query = filterToQuery(filter, consoleNow())
      query.set('limit', '1')
      return (await request<ViolationsAnswer>('GET', `/api/violations?${query}`, undefined, signal)).counts
    },
    refetchInterval: 15_000,
  })

export const openRequestsQuery = queryOptions({
  queryKey: ['statement-requests'],
  queryFn: ({ signal }) => request<OpenRequests>('GET', '/api/statement-requests', undefined, signal),
})

export const savedViewsQuery = queryOptions({
  queryKey: ['saved-views'],
  queryFn: ({ signal }) => request<{ views: SavedView[] }>('GET', '/api/saved-views', undefined, signal),
})

export const assign = (violation: number, asked: Assign) =>
  request<HandlingAnswer>('POST', `${of(violation)}/assignee`, asked)
export const merge = (violation: number, asked: Merge) =>
  request<HandlingAnswer>('POST', `${of(violation)}/repeats`, asked)
export const unmerge = (violation: number, reason: string) =>
  request<HandlingAnswer>('POST', `${of(violation)}/repeats/end`, { reason })
export const takeSteps = (asked: BulkStep) => request<BulkAnswer>('POST', '/api/violations/steps', asked)
export const askStatement = (violation: number, asked: AskStatement) =>
  request<StatementRequest>('POST', `${of(violation)}/statement-requests`, asked)
export const readForm = (code: string) =>
  request<Form>('GET', `/api/statement-requests/${encodeURIComponent(code)}`)
export const enterStatement = (entered: EnterStatement) =>
  request<Statement>('POST', '/api/statements', entered)
export const makeException = (violation: number, asked: NewException) =>
  request<NewExceptionAnswer>('POST', `${of(violation)}/exception`, asked)
export const revokeException = (id: number, reason: string) =>
  request('POST', `/api/exceptions/${id}/revoke`, { reason })
export const keepView = (view: NewSavedView) => request<SavedView>('POST', '/api/saved-views', view)
export const removeView = (id: number) => request('DELETE', `/api/saved-views/${id}`)

/** Sends a file's bytes as they are. @throws ApiError */
export async function attachFile(violation: number, file: File, note: string): Promise<Attachment> {
  const query = new URLSearchParams({ name: file.name.toWellFormed() })
  if (note !== '') query.set('note', note)
  let response: Response
  try {
    response = await fetch(`${of(violation)}/attachments?${query}`, {
      method: 'POST',
      headers: { [csrfHeader]: '1', 'content-type': 'application/octet-stream', accept: 'application/json' },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(uploadMsMax),
      body: file,
    })
  } catch (cause) {
    throw new ApiError('unreachable', 0, String(cause), true)
  }
  const answer = (await response.json()) as Attachment | ErrorAnswer
  if (!('error' in answer)) return answer
  const { code, message, retryable } = answer.error
  throw new ApiError(code, response.status, message, retryable)
}

export function attachmentAddress(violation: number, attachment: number): string {
  return `${of(violation)}/attachments/${attachment}`
}

/** After anything that handling has to do with: whatever it touched is asked for anew. */
export function forgetHandling(cache: QueryClient): void {
  const keys = ['handling', 'violations', 'violation', 'violation-count', 'overview', 'acts']
  for (const key of [...keys, 'exceptions', 'statement-requests'])
    void cache.invalidateQueries({ queryKey: [key] })
}

function of(violation: number): string {
  return `/api/violations/${violation}`
}
