/** What the pages ask of signing in: one's own account, the rules, the certificates on USB keys. */
import { queryOptions } from '@tanstack/react-query'
import type {
  CertificatesAnswer,
  OwnAccount,
  SessionEnded,
  SignInForm,
  SignInRulesAnswer,
} from '../../api/contract-sign-in.ts'
import { lockSettled } from './lock-under-way.ts'
import { request } from './request.ts'

/** Asked before anybody is known. */
export const signInFormQuery = queryOptions({
  queryKey: ['session', 'form'],
  queryFn: ({ signal }) => request<SignInForm>('GET', '/api/sign-in', undefined, signal),
  staleTime: 0,
})

export const sessionEndedQuery = queryOptions({
  queryKey: ['session', 'ended'],
  queryFn: async ({ signal }) => {
    await lockSettled()
    return await request<SessionEnded>('GET', '/api/session/ended', undefined, signal)
  },
  staleTime: 0,
  gcTime: 0,
})

export const ownAccountQuery = queryOptions({
  queryKey: ['own-account'],
  queryFn: ({ signal }) => request<OwnAccount>('GET', '/api/account', undefined, signal),
  staleTime: 5_000,
})

export const signInRulesQuery = queryOptions({
  queryKey: ['sign-in-rules'],
  queryFn: ({ signal }) => request<SignInRulesAnswer>('GET', '/api/sign-in-rules', undefined, signal),
})

export const certificatesQuery = queryOptions({
  queryKey: ['account-certificates'],
  queryFn: ({ signal }) => request<CertificatesAnswer>('GET', '/api/account-certificates', undefined, signal),
})
