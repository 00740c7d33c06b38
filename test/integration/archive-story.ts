/** A real database over six years, with records that are out of their period, for tests of archives. */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Fact } from '@shoukou/protocol'
import { addComputer, usbDevice } from '../../console/api/test-data.ts'
import { createFeed } from '../../console/feed/feed.ts'
import { createIngest } from '../../console/ingest/ingest.ts'
import type { Ingest } from '../../console/ingest/ports.ts'
import { type Archives, createArchives } from '../../console/keeping/archives.ts'
import { type LogKey, openLogKey } from '../../console/pki/log-key.ts'
import { receiptsWith } from '../../console/pki/receipts.ts'
import { openSqliteStoreHere } from '../../console/store/open-store.ts'
import type { Store } from '../../console/store/ports.ts'
import { type Checkpoints, createCheckpoints } from '../../console/trail/checkpoints.ts'
import { type JournalEnd, send } from './tamper-database.ts'

export const dayMs = 86_400_000
export const [QUIET, ACCUSED, YOUNG] = ['agent-1', 'agent-2', 'agent-3'] as const
/** Where the story begins; records of this year's book are out of their period from 2032 on. */
export const begunAt = new Date(2026, 0, 5).getTime()
export const overAt = new Date(2032, 1, 1).getTime()

export interface Story extends AsyncDisposable {
  readonly folder: string
  readonly dataDir: string
  readonly path: string
  readonly backups: string
  readonly logKey: LogKey
  readonly clock: { now: number }
  readonly store: Store
  readonly ingest: Ingest
  readonly checkpoints: Checkpoints
  readonly archives: Archives
  readonly ends: Map<string, JournalEnd>
  /** Before it is copied. */
  close(): Promise<void>
}

export function quiet(count: number): Fact[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'usb.detached',
    sighting: 'event-only',
    device: usbDevice(`stick ${index}`),
  }))
}

interface Options {
  /** How many the quiet computer sends in the first year. */
  readonly records?: number
  readonly stretchRecordsMax?: number
}

/** Makes it, with the clock where it begins. */
export async function makeStory({ records = 40, stretchRecordsMax = 10 }: Options = {}): Promise<Story> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-archives-'))
  await mkdir(join(folder, 'console'))
  await mkdir(join(folder, 'backups'))
  const story = await openStory(folder, { clock: { now: begunAt }, ends: new Map(), stretchRecordsMax })
  const { store, clock } = story
  await setFolder(story, 1)
  for (const [at, agent] of [QUIET, ACCUSED, YOUNG].entries())
    await addComputer({ store, clock }, `JM-000${at + 1}`, agent)
  await more(story, QUIET, quiet(records))
  await more(story, ACCUSED, [...quiet(5), tampered, ...quiet(6), tampered, ...quiet(6)])
  return story
}

/** Another one that stands where this one, which is closed, ended. */
export async function copyOf(template: Story): Promise<Story> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-archives-'))
  await cp(template.folder, folder, { recursive: true })
  const story = await openStory(folder, {
    ...{ clock: { ...template.clock }, ends: new Map(template.ends), stretchRecordsMax: 10 },
  })
  await setFolder(story, (await story.store.keepingSettings()).version + 1)
  return story
}

async function setFolder({ store, backups }: Story, version: number): Promise<void> {
  await store.setKeepingSettings({
    ...{ version, daily: null, folder: backups, ageHoursMax: 24, sealing: null, retentionYears: 5 },
  })
}

async function openStory(
  folder: string,
  parts: Pick<Story, 'clock' | 'ends'> & { readonly stretchRecordsMax: number },
): Promise<Story> {
  const [dataDir, backups] = [join(folder, 'console'), join(folder, 'backups')]
  const { clock, ends, stretchRecordsMax } = parts
  const path = join(dataDir, 'console.db')
  const logKey = await openLogKey(join(dataDir, 'pki'), true)
  const store = await openSqliteStoreHere(path)
  const now = () => (clock.now += 1_000)
  const silent = { info: () => {}, warn: () => {}, error: () => {} }
  const receipts = receiptsWith(Buffer.alloc(32, 7))
  let isOpen = true
  return {
    ...{ folder, dataDir, path, backups, logKey, clock, store, ends },
    ingest: createIngest({ store, feed: createFeed(), log: silent as never, now, receipts }),
    checkpoints: createCheckpoints({ store, logKey, log: silent, now }),
    archives: createArchives({ store, database: path, logKey, now, stretchRecordsMax }),
    close: async () => {
      if (isOpen) await store.close()
      isOpen = false
    },
    async [Symbol.asyncDispose]() {
      if (isOpen) await store.close()
      isOpen = false
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Makes a violation, whatever is registered. */
export const tampered: Fact = {
  ...{ kind: 'control.tampered', group: 'network', layer: 'packet-table', what: 'rules-flushed' },
  ...{ detail: 'table inet shoukou was gone', isRestored: true, openMs: 140 },
}

/** Sends more of a computer's journal. */
export async function more(
  { ingest, clock, ends }: Pick<Story, 'ingest' | 'clock' | 'ends'>,
  agent: string,
  facts: readonly Fact[],
): Promise<void> {
  const after = ends.get(agent)
  ends.set(
    agent,
    await send({ ingest, clock }, agent, `epoch-${agent}`, facts, after === undefined ? {} : { after }),
  )
}

/** Time passes as it does for a console that runs: with its checkpoints, at least one in a month. */
export async function passes({ clock, checkpoints }: Story, until: number): Promise<void> {
  for (;;) {
    await checkpoints.make('daily')
    if (clock.now >= until) return
    clock.now = Math.min(until, clock.now + 30 * dayMs)
  }
}

/** All computers are heard, by clocks that say what this console's says, or something else. */
export async function heard({ store, clock }: Story, skewMs = 0): Promise<void> {
  for (const agent of [QUIET, ACCUSED, YOUNG])
    await store.heard(agent, { at: clock.now, status: 'online', isBehind: false, clockSkewMs: skewMs })
}

/** Closes every violation that is open, but those named. */
export async function closeAll({ store, path, clock }: Story, except: readonly number[] = []): Promise<void> {
  const open = (await store.violations({ limit: 100 })).filter(({ id }) => !except.includes(id))
  handle(
    path,
    open.map(({ id }) => id),
    'close',
    clock.now,
  )
}

/** Writes one step of handling for each, as it stands in the database. */
export function handle(path: string, violations: readonly number[], kind: string, at: number): void {
  const database = new DatabaseSync(path, { timeout: 10_000 })
  const add = database.prepare(
    "insert into violation_handling (violation, at, account, kind, reason) values (?, ?, 'li', ?, 'done')",
  )
  for (const id of violations) add.run(id, at, kind)
  database.close()
}

export const wish = { proposal: 7, askedBy: 'wang', agreedBy: 'li', reason: 'the period is over' } as const
