import { expect, it } from 'vitest'
import type { ViolationItem } from '../../api/contract.ts'
import { Arrivals } from './arrivals.ts'

const item = (id: number) => ({ id }) as unknown as ViolationItem
const violation = (id: number) => ({ kind: 'violation', violation: item(id) }) as const

function bench(answers: (readonly number[] | Error)[]) {
  const told: number[] = []
  const limits: number[] = []
  const arrivals = new Arrivals(async (limit) => {
    limits.push(limit)
    const answer = answers.shift() ?? []
    if (answer instanceof Error) throw answer
    return answer.map(item)
  })
  arrivals.listen(
    (items) => told.push(...items.map(({ id }) => id)),
    () => undefined,
  )
  return { arrivals, told, limits }
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

it('rings for nothing that was there when the page opened', async () => {
  const { arrivals, told } = bench([[9, 8, 7]])
  arrivals.take([{ kind: 'resync' }])
  await settled()
  arrivals.take([violation(8), violation(10)])
  expect(told).toEqual([10])
})

it('tells what came while the page was cut off, oldest first, and each of them once', async () => {
  const { arrivals, told, limits } = bench([[3], [7, 6, 5, 4, 3]])
  arrivals.take([{ kind: 'resync' }])
  await settled()
  arrivals.take([violation(4), { kind: 'resync' }])
  await settled()
  arrivals.take([violation(7), violation(8)])
  expect(told).toEqual([4, 5, 6, 7, 8])
  // Where they begin is one violation; what a cut hid may be many.
  expect(limits).toEqual([1, 50])
})

it('asks again with the next word of the feed where the console did not answer', async () => {
  const { arrivals, told } = bench([[1], new Error('unreachable'), [2, 1]])
  for (let time = 0; time < 3; time += 1) {
    arrivals.take([{ kind: 'resync' }])
    await settled()
  }
  expect(told).toEqual([2])
})

it('tells what a cut hid also where the feed tells of a newer one before the answer comes', async () => {
  const { arrivals, told } = bench([[3], [5, 4, 3]])
  arrivals.take([{ kind: 'resync' }])
  await settled()
  arrivals.take([{ kind: 'resync' }, violation(6)])
  await settled()
  expect(told).toEqual([4, 5, 6])
})

it('rings for what comes while the page asks for the first time', async () => {
  const { arrivals, told } = bench([[8, 7, 6]])
  arrivals.take([{ kind: 'resync' }, violation(8)])
  await settled()
  expect(told).toEqual([8])
})
