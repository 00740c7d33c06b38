/** What the pages ask of the registers: one function for each question, with its key in the cache. */

import type { Level } from '@shoukou/protocol/levels.ts'
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import type {
  AgentRegisterAnswer,
  DepartmentTreeAnswer,
  LedgerEntryAnswer,
  MeasuredAnswer,
  NextNumberAnswer,
  NumberPatternsAnswer,
  RegisterAnswer,
  UnfiledAnswer,
} from '../../api/contract-registers.ts'
import type { LedgerKindName } from '../../ledger/fields.ts'
import { type RegisterView, registerViewToAddress } from '../registers/register-address.ts'
import { request } from './request.ts'

export const registerPageSize = 100

export const registerQuery = (kind: LedgerKindName, view: RegisterView) =>
  infiniteQueryOptions({
    queryKey: ['register', kind, registerViewToAddress(view).toString()],
    queryFn: ({ signal, pageParam }) => {
      const query = registerViewToAddress(view)
      query.set('limit', String(registerPageSize))
      if (pageParam !== null) query.set('after', pageParam)
      return request<RegisterAnswer>('GET', `/api/registers/${kind}?${query}`, undefined, signal)
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  })

export const entryQuery = (kind: LedgerKindName, number: string) =>
  queryOptions({
    queryKey: ['register-entry', kind, number],
    queryFn: ({ signal }) => request<LedgerEntryAnswer>('GET', entryPath(kind, number), undefined, signal),
  })

/** The first entries of a register, to choose from while one types. */
export const choicesQuery = (kind: LedgerKindName) =>
  queryOptions({
    queryKey: ['register', kind, 'choices'],
    queryFn: ({ signal }) =>
      request<RegisterAnswer>('GET', `/api/registers/${kind}?limit=200`, undefined, signal),
    staleTime: 30_000,
  })

/** People whose name, number or department has what is typed: the first of them, to choose from. */
export const peopleFoundQuery = (typed: string) =>
  queryOptions({
    queryKey: ['register', 'people', 'found', typed],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ limit: '20', ...(typed === '' ? {} : { search: typed }) })
      return request<RegisterAnswer>('GET', `/api/registers/people?${query}`, undefined, signal)
    },
    staleTime: 30_000,
  })

/** Where one entry is in the API; `below` begins with a slash. */
export function entryPath(kind: LedgerKindName, number: string, below = ''): string {
  return `/api/registers/${kind}/${encodeURIComponent(number)}${below}`
}

export const nextNumberQuery = (kind: LedgerKindName, level: Level | null, department: string) =>
  queryOptions({
    queryKey: ['next-number', kind, level, department],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams()
      if (level !== null) query.set('level', level)
      if (department !== '') query.set('department', department)
      const path = `/api/registers/${kind}/next-number?${query}`
      return request<NextNumberAnswer>('GET', path, undefined, signal)
    },
    staleTime: 0,
  })

export const departmentTreeQuery = queryOptions({
  queryKey: ['department-tree'],
  queryFn: ({ signal }) => request<DepartmentTreeAnswer>('GET', '/api/department-tree', undefined, signal),
  staleTime: 30_000,
})

export const numberPatternsQuery = queryOptions({
  queryKey: ['number-patterns'],
  queryFn: ({ signal }) => request<NumberPatternsAnswer>('GET', '/api/number-patterns', undefined, signal),
})

export const unfiledQuery = queryOptions({
  queryKey: ['unfiled'],
  queryFn: ({ signal }) => request<UnfiledAnswer>('GET', '/api/registers/unfiled', undefined, signal),
})

export const measuredQuery = (number: string) =>
  queryOptions({
    queryKey: ['measured', number],
    queryFn: ({ signal }) =>
      request<MeasuredAnswer>('GET', entryPath('computers', number, '/measured'), undefined, signal),
  })

/** Which entry of the register an agent's computer is. */
export const agentRegisterQuery = (agent: string) =>
  queryOptions({
    queryKey: ['agent-register', agent],
    queryFn: ({ signal }) => {
      const path = `/api/computers/${encodeURIComponent(agent)}/register-entry`
      return request<AgentRegisterAnswer>('GET', path, undefined, signal)
    },
  })

/** After a change of a register, what shows it is asked anew. */
export function forgetRegisters(cache: QueryClient): void {
  for (const key of [
    'register',
    'register-entry',
    'next-number',
    'unfiled',
    'measured',
    'agent-register',
    'department-tree',
    'number-patterns',
  ])
    void cache.invalidateQueries({ queryKey: [key] })
}
