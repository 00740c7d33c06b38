/** What the pages ask of labels and forms in print: one function for each question, with its key in the cache. */
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import type {
  FormPatternAnswer,
  FormPreview,
  FoundAnswer,
  NewForm,
  PrintAnswer,
  PrintableAnswer,
  PrintsAnswer,
} from '../../api/contract-prints.ts'
import type { PrintKind } from '../../ledger/print-mark.ts'
import { request } from './request.ts'

export const printableQuery = (kind: PrintKind, query: string) =>
  queryOptions({
    queryKey: ['printable', kind, query],
    queryFn: ({ signal }) =>
      request<PrintableAnswer>('GET', `/api/printable/${kind}?${query}`, undefined, signal),
  })

export const printsQuery = (of: { readonly kind: PrintKind; readonly number: string } | null) =>
  infiniteQueryOptions({
    queryKey: ['prints', of?.kind ?? '', of?.number ?? ''],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams(of === null ? {} : { kind: of.kind, number: of.number })
      if (pageParam !== null) query.set('before', String(pageParam))
      return request<PrintsAnswer>('GET', `/api/prints?${query}`, undefined, signal)
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => last.before,
  })

export const printQuery = (id: string) =>
  queryOptions({
    queryKey: ['print', id],
    queryFn: ({ signal }) =>
      request<PrintAnswer>('GET', `/api/prints/${encodeURIComponent(id)}`, undefined, signal),
  })

export const formPreviewQuery = (asked: NewForm | null) =>
  queryOptions({
    queryKey: ['form-preview', asked],
    enabled: asked !== null,
    queryFn: ({ signal }) => request<FormPreview>('POST', '/api/prints/forms/preview', asked, signal),
  })

export const formPatternQuery = queryOptions({
  queryKey: ['form-numbers'],
  queryFn: ({ signal }) => request<FormPatternAnswer>('GET', '/api/form-numbers', undefined, signal),
})

/** Looks a number up, or what a scanner typed. */
export function findPrinted(text: string): Promise<FoundAnswer> {
  return request<FoundAnswer>('GET', `/api/prints/find?${new URLSearchParams({ text })}`)
}

/** After something was printed, what shows it is asked anew. */
export function forgetPrints(cache: QueryClient, print: PrintAnswer): void {
  cache.setQueryData(printQuery(String(print.id)).queryKey, print)
  for (const key of ['prints', 'printable']) void cache.invalidateQueries({ queryKey: [key] })
}
