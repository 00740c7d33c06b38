import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { waitFor } from '../../test/support/wait-for.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import type { Store } from '../store/ports.ts'
import { watchOwnClock } from './own-clock-watch.ts'

let folder: string
let store: Store
const clock = { wallMs: 0, atMs: 0 }
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined }
const watch = () =>
  watchOwnClock({
    ...{ store, log: quiet, lookMs: 2 },
    now: () => clock.wallMs,
    monotonicMs: () => clock.atMs,
  })
const pass = (ms: number, jumpMs = 0): void => {
  clock.wallMs += ms + jumpMs
  clock.atMs += ms
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-clock-'))
  store = await openSqliteStoreHere(join(folder, 'console.db'))
  Object.assign(clock, { wallMs: Date.UTC(2026, 5, 1), atMs: 1_000 })
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

it('notes a jump while it runs, once, and among the administrators’ actions', async () => {
  const stop = await watch()
  pass(60_000)
  pass(1_000, -7_200_000)
  const jumps = await waitFor(
    async () => {
      const found = await store.clockJumps(10)
      return found.length > 0 ? found : null
    },
    { what: 'the jump', timeoutMs: 10_000 },
  )
  expect(jumps).toEqual([{ at: clock.wallMs, byMs: -7_200_000, found: 'while-running' }])
  pass(5_000)
  await stop()
  expect(await store.clockJumps(10)).toHaveLength(1)
  expect((await store.actions({ limit: 5 })).map(({ action, detail }) => [action, detail])).toEqual([
    ['console-clock', '-7200000 ms, while-running'],
  ])
})

it('finds at its start that the clock stands before the time at which it ran last', async () => {
  await (await watch())()
  pass(0, -3_600_000)
  await (await watch())()
  expect(await store.clockJumps(10)).toEqual([{ at: clock.wallMs, byMs: -3_600_000, found: 'at-start' }])
  // Told once: from here on this is the time.
  pass(86_400_000)
  await (await watch())()
  expect(await store.clockJumps(10)).toHaveLength(1)
})
