import { QueryClient } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import type { Overview, ViolationItem } from '../../api/contract.ts'
import { overviewQuery } from '../server/queries.ts'
import { applyMessages, replayAfterFetch } from './live-cache.ts'
import { heardSince, keepHeard, replayMessagesMax } from './replay.ts'

it('gives back what came after a question was sent, and says where it no longer can', () => {
  const kept = keepHeard(keepHeard([], ['a', 'b'], 10), ['c'], 20)
  expect(heardSince(kept, 15)).toEqual(['c'])
  expect(heardSince(kept, 10)).toEqual(['a', 'b', 'c'])
  expect(heardSince(kept, 21)).toEqual([])
  const full = keepHeard(kept, Array.from({ length: replayMessagesMax }, String), 30)
  expect(full).toHaveLength(replayMessagesMax)
  expect(heardSince(full, 25)).toBeNull()
  expect(heardSince(full, 31)).toEqual([])
})

it('keeps a violation that came while an older answer was under way', async () => {
  const cache = new QueryClient()
  const standing = { repeatOf: null, isLive: true } as unknown as ViolationItem['standing']
  const item = { id: 7, severity: 'critical', receivedAt: 5, standing } as unknown as ViolationItem
  const before: Overview = {
    ...{ now: 1, counts: [], newest: [], lastViolationAt: null, behind: { count: 0, listed: [] } },
    watch: { proven: 0, unproven: 0, broken: 0, heardAt: null, listed: [] },
  }
  const replay = replayAfterFetch(cache)
  cache.setQueryData(overviewQuery.queryKey, before)
  let answer: (overview: Overview) => void = () => undefined
  const asked = cache.fetchQuery({
    queryKey: overviewQuery.queryKey,
    queryFn: () => new Promise<Overview>((resolve) => (answer = resolve)),
    staleTime: 0,
  })
  await Promise.resolve()
  const message = { kind: 'violation', violation: item } as const
  applyMessages(cache, [message])
  replay.take([message])
  answer({ ...before, now: 2 })
  await asked
  await new Promise((resolve) => setTimeout(resolve, 0))
  const shown = cache.getQueryData(overviewQuery.queryKey)
  expect(shown?.newest.map(({ id }) => id)).toEqual([7])
  expect(shown?.counts).toEqual([{ severity: 'critical', count: 1 }])
  replay.stop()
  cache.clear()
})
