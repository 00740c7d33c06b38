/** What the pages ask of a computer's identity, and how it is revoked or enrolled anew; the console's own clock. */
import { queryOptions } from '@tanstack/react-query'
import type { TokenAnswer } from '../../api/contract.ts'
import type { ConsoleClockAnswer, IdentityAnswer, RevocationAnswer } from '../../api/contract-identity.ts'
import { request } from './request.ts'

const pathOf = (agent: string, what: string) => `/api/computers/${encodeURIComponent(agent)}/${what}`

export const identityQuery = (agent: string) =>
  queryOptions({
    queryKey: ['identity', agent],
    queryFn: ({ signal }) => request<IdentityAnswer>('GET', pathOf(agent, 'identity'), undefined, signal),
    staleTime: 5_000,
  })

export const consoleClockQuery = queryOptions({
  queryKey: ['console-clock'],
  queryFn: ({ signal }) => request<ConsoleClockAnswer>('GET', '/api/console-clock', undefined, signal),
  staleTime: 30_000,
})

/** Takes the identity away; returns whether the computer was connected. */
export function revokeIdentity(agent: string, reason: string): Promise<RevocationAnswer> {
  return request<RevocationAnswer>('POST', pathOf(agent, 'revocation'), { reason })
}

/** Makes a token by which this very computer is enrolled anew. */
export function enrolAnew(agent: string, reason: string): Promise<TokenAnswer> {
  return request<TokenAnswer>('POST', pathOf(agent, 'enrolment'), { reason })
}
