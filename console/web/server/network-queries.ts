/** What the pages ask of a computer's network, and how isolation is ordered. */
import { queryOptions } from '@tanstack/react-query'
import type { IsolationOrder, IsolationOrderAnswer, NetworkAnswer } from '../../api/contract-network.ts'
import { request } from './request.ts'

export const networkQuery = (agent: string) =>
  queryOptions({
    queryKey: ['network', agent],
    queryFn: ({ signal }) =>
      request<NetworkAnswer>('GET', `/api/computers/${encodeURIComponent(agent)}/network`, undefined, signal),
    staleTime: 5_000,
  })

/** Orders isolation or release, and returns what came of it for each computer. */
export function orderIsolation(order: IsolationOrder): Promise<IsolationOrderAnswer> {
  return request<IsolationOrderAnswer>('POST', '/api/isolations', order)
}
