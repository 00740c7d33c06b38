import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_POLICY_SETTINGS } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLog } from '../base/log.ts'
import { createFeed } from '../feed/feed.ts'
import type { FeedEvent } from '../feed/ports.ts'
import { openSqliteStoreHere } from '../store/open-store.ts'
import type { Store } from '../store/ports.ts'
import { watchSilence } from './silence-watch.ts'

let folder: string
let store: Store
const told: FeedEvent[] = []
const feed = createFeed()
feed.subscribe({ deliver: (message) => told.push(message.event) > 0, resync: () => undefined }, null)
/** One real second is five of the counted ones: as many as one look may count. */
let stop: () => Promise<void>
let lastHeardMs: number | null = null
const startedAt = performance.now()
const monotonicMs = (): number => (performance.now() - startedAt) * 5

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-silence-'))
  store = await openSqliteStoreHere(join(folder, 'console.db'))
  const settings = {
    ...DEFAULT_POLICY_SETTINGS,
    limits: { ...DEFAULT_POLICY_SETTINGS.limits, silentAfterMs: 30_000 },
  }
  const token = {
    id: 't',
    number: 'n',
    settings,
    createdAt: 0,
    createdBy: 'test',
    expiresAt: 9e12,
    usedAt: null,
    usedBy: null,
  }
  await store.addToken(token)
  await store.addComputer(
    {
      agent: 'a1',
      number: 'JM-0001',
      hostname: 'h',
      certificateSerial: 's',
      certificate: 'c',
      enrolledAt: 1,
    },
    {
      agent: 'a1',
      version: 1,
      createdAt: 1,
      createdBy: 'test',
      reason: 'enrolment',
      envelope: '{}',
      settings,
    },
    't',
  )
  told.length = 0
  stop = watchSilence({
    store,
    feed,
    log: createLog('error'),
    lastHeardMs: () => lastHeardMs,
    now: Date.now,
    monotonicMs,
  })
})
afterEach(async () => {
  await stop()
  await store.close()
  await rm(folder, { recursive: true })
})

it('accuses a computer that was heard and is no more, once, and ends it when it is heard again', async () => {
  await store.heard('a1', { at: 1_000, status: 'offline', isBehind: false })
  await expect.poll(() => store.violations({ limit: 9 }), { timeout: 15_000 }).toHaveLength(1)
  const [violation] = await store.violations({ limit: 9 })
  expect(violation).toMatchObject({
    type: 'agent-silent',
    severity: 'high',
    occurredAt: 1_000,
    endedAt: null,
  })
  expect(JSON.parse(violation?.evidence ?? '')).toMatchObject({
    lastSeenMs: 1_000,
    limitMs: 30_000,
    wasCleanStop: false,
  })
  await expect.poll(async () => (await store.computer('a1'))?.status).toBe('silent')
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect(await store.violations({ limit: 9 })).toHaveLength(1)
  expect(told.map((event) => event.kind)).toEqual(['violation', 'computer'])
  expect(
    (await store.heard('a1', { at: 99_000, status: 'online', isBehind: false })).map((one) => one.endedAt),
  ).toEqual([99_000])
}, 30_000)

it('accuses nobody who was never heard, and nobody who still speaks', async () => {
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  await store.heard('a1', { at: 1_000, status: 'online', isBehind: false })
  const speaking = setInterval(() => {
    lastHeardMs = monotonicMs()
  }, 200)
  await new Promise((resolve) => setTimeout(resolve, 8_000))
  clearInterval(speaking)
  expect(await store.violations({ limit: 9 })).toEqual([])
}, 30_000)

it('accuses nobody while agents come back after the console itself stood still', async () => {
  await store.heard('a1', { at: 1_000, status: 'offline', isBehind: false })
  await store.setSilence([{ agent: 'a1', lastSeenAt: 1_000, silentMs: 29_000 }])
  await stop()
  let stoodStillMs = 0
  const clock = (): number => monotonicMs() + stoodStillMs
  stop = watchSilence({
    store,
    feed,
    log: createLog('error'),
    lastHeardMs: () => null,
    now: Date.now,
    monotonicMs: clock,
  })
  await new Promise((resolve) => setTimeout(resolve, 3_500))
  stoodStillMs = 3_600_000
  // As many counted seconds as would be enough, had it not stood still.
  await new Promise((resolve) => setTimeout(resolve, 3_500))
  expect(await store.violations({ limit: 9 })).toEqual([])
  await expect.poll(() => store.violations({ limit: 9 }), { timeout: 15_000 }).toHaveLength(1)
}, 40_000)

it('does not call a computer silent that spoke while it was being judged', async () => {
  await store.heard('a1', { at: 1_000, status: 'offline', isBehind: false })
  const [watched] = await store.watchedForSilence()
  if (watched === undefined) throw new Error('the computer is not watched')
  await store.heard('a1', { at: 2_000, status: 'online', isBehind: false })
  await store.setSilence([{ agent: 'a1', lastSeenAt: watched.lastSeenAt, silentMs: 59_000 }])
  const violation = {
    key: 'agent-silent:1000',
    type: 'agent-silent',
    severity: 'high',
    level: 'confidential',
    policyVersion: 1,
    evidence: '{}',
    epoch: null,
    seq: null,
    occurredAt: 1_000,
  } as const
  expect(await store.becomeSilent(watched, violation, 3_000)).toBeNull()
  expect(await store.computer('a1')).toMatchObject({ status: 'online', silentMs: 0 })
  expect(await store.violations({ limit: 9 })).toEqual([])
})
