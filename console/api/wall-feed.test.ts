import { expect, it } from 'vitest'
import type { FeedMessage } from '../feed/ports.ts'
import { paceSubscriber } from './wall-feed.ts'

function bench(takes = true) {
  const got: number[] = []
  const due: (() => void)[] = []
  const paced = paceSubscriber(
    {
      deliver: ({ id }) => {
        got.push(id)
        return takes
      },
      resync: () => undefined,
    },
    250,
    (callback) => {
      due.push(callback)
      return () => due.splice(due.indexOf(callback), 1)
    },
  )
  const message = (id: number): FeedMessage => ({ id, session: 's', event: { kind: 'departments' } })
  return { paced, got, due, message, pass: () => due.shift()?.() }
}

it('passes the first message at once, and of a storm the newest', () => {
  const { paced, got, message, pass, due } = bench()
  for (let id = 1; id <= 20_000; id += 1) expect(paced.deliver(message(id))).toBe(true)
  expect(got).toEqual([1])
  pass()
  expect(got).toEqual([1, 20_000])
  pass()
  expect(got).toEqual([1, 20_000])
  expect(due).toEqual([])
  paced.deliver(message(20_001))
  expect(got.at(-1)).toBe(20_001)
})

it('is dropped by the feed once its page is gone, and says nothing after it was stopped', () => {
  const gone = bench(false)
  expect(gone.paced.deliver(gone.message(1))).toBe(false)
  expect(gone.paced.deliver(gone.message(2))).toBe(false)
  const stopped = bench()
  stopped.paced.deliver(stopped.message(1))
  stopped.paced.deliver(stopped.message(2))
  stopped.paced.stop()
  expect(stopped.due).toEqual([])
  expect(stopped.got).toEqual([1])
})
