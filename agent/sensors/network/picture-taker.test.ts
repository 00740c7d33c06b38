import type { Picture } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import { PictureTaker } from './picture-taker.ts'

const nothing: Picture = {
  interfaces: [],
  routes: [],
  neighbours: [],
  rules: [],
  leases: [],
  dnsServers: [],
  wireless: [],
  sharing: [],
  sockets: [],
  sessionAccount: null,
  unread: [],
  omitted: 0,
}
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function takerOf(readMs: number, failures = 0) {
  const begun: number[] = []
  const told: boolean[] = []
  let [running, most, failed] = [0, 0, 0]
  const taker = new PictureTaker({
    async read() {
      begun.push(performance.now())
      running += 1
      most = Math.max(most, running)
      await after(readMs)
      running -= 1
      if (begun.length <= failures) throw new Error('unreadable')
      return nothing
    },
    tell: (_, isFirst) => told.push(isFirst),
    onFailure: () => {
      failed += 1
    },
    gapMsMin: 20,
    gapMsMax: 80,
    retryMs: 10,
  })
  return { taker, begun, told, most: () => most, failed: () => failed }
}

it('takes the first at once, one at a time, and one more for all that was asked meanwhile', async () => {
  const { taker, begun, told, most } = takerOf(20)
  const sinceMs = performance.now()
  for (let count = 0; count < 50; count += 1) taker.request()
  await after(200)
  await taker.stop()
  expect((begun[0] ?? Number.POSITIVE_INFINITY) - sinceMs).toBeLessThan(80)
  expect(told).toEqual([true, false])
  expect(most()).toBe(1)
})

it('keeps its distance in a storm', async () => {
  const { taker, begun } = takerOf(0)
  const storm = setInterval(() => taker.request(), 1)
  await after(500)
  clearInterval(storm)
  await taker.stop()
  expect(begun.length).toBeGreaterThan(3)
  expect(begun.length).toBeLessThan(12)
})

it('tries again after a failure, and tells none that ends after it was stopped', async () => {
  const { taker, told, failed } = takerOf(5, 1)
  taker.request()
  await after(100)
  expect([failed(), told]).toEqual([1, [true]])
  taker.request()
  await after(1)
  await taker.stop()
  expect(told).toEqual([true])
})
