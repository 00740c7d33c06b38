import { expect, it } from 'vitest'
import { waitFor, within } from './wait-for.ts'

it('returns the first value that is there, also after failures', async () => {
  let looks = 0
  const value = await waitFor(
    () => {
      looks += 1
      if (looks === 1) throw new Error('not yet')
      return looks < 3 ? undefined : looks
    },
    { what: 'the third look', timeoutMs: 5000, everyMs: 1 },
  )
  expect(value).toBe(3)
})

it('names what was missed, says more, and keeps the last failure', async () => {
  const failed = waitFor(
    () => {
      throw new Error('refused')
    },
    { what: 'the console', timeoutMs: 20, everyMs: 5, explain: () => 'its log is empty' },
  )
  await expect(failed).rejects.toThrow('waited 20 ms for the console, in vain\nits log is empty')
  await expect(failed).rejects.toHaveProperty('cause', new Error('refused'))
})

it('gives up a promise that never settles', async () => {
  await expect(within(new Promise(() => undefined), 10, () => 'a reply')).rejects.toThrow(
    'a reply: not within 10 ms',
  )
})
