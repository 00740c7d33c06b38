/** The one cache of the page. */
import { notifyManager, QueryClient } from '@tanstack/react-query'
import { ApiError } from './request.ts'

// The default schedules through a timer; a violation's headline shall not wait for one.
notifyManager.setScheduler((callback) => queueMicrotask(callback))

const retriesMax = 2

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // A computer on an isolated network may believe itself offline and still reach its console.
      networkMode: 'always',
      retry: (failures, error) => failures < retriesMax && error instanceof ApiError && error.retryable,
      retryDelay: (failures) => 500 * 2 ** failures,
    },
    mutations: { networkMode: 'always', retry: false },
  },
})
