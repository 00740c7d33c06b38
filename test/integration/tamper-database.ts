/**
 * A small real database, made by the real store, ingest, rules and checkpoints, for tests that alter it: two computers,
 * three journals, a gap that was declared, violations, policies, a log with intentions and what came of them.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  chainHashOf,
  encodeRecord,
  type Fact,
  genesisHead,
  headAfter,
  PRODUCT_VERSION,
  type Record,
  type RecordsFrame,
} from '@shoukou/protocol'
import { addComputer, insertion, usbDevice } from '../../console/api/test-data.ts'
import { createFeed } from '../../console/feed/feed.ts'
import { createIngest } from '../../console/ingest/ingest.ts'
import type { Ingest } from '../../console/ingest/ports.ts'
import { type LogKey, openLogKey } from '../../console/pki/log-key.ts'
import { receiptsWith } from '../../console/pki/receipts.ts'
import { testSigner } from '../../console/signer/test-signer.ts'
import { openSqliteStoreHere } from '../../console/store/open-store.ts'
import type { Store } from '../../console/store/ports.ts'
import { type Checkpoints, createCheckpoints } from '../../console/trail/checkpoints.ts'
import { noteStart } from '../../console/trail/note-start.ts'

export const AGENTS = ['agent-1', 'agent-2'] as const
/** The second computer's journal is chained with SM3. */
export const SM3_EPOCH = 'sm3.epoch-b'
const startedAt = Date.UTC(2026, 0, 5, 8)

export interface TamperDatabase extends AsyncDisposable {
  readonly folder: string
  readonly path: string
  readonly logKey: LogKey
}

/** What a journal holds at its agent: to go on with it, or to fork it. */
export interface JournalEnd {
  readonly seq: number
  readonly head: Buffer
}

export interface Grown {
  readonly store: Store
  readonly ingest: Ingest
  readonly checkpoints: Checkpoints
  readonly clock: { now: number }
}

/** Makes it; `grow` may add to it before it is closed. */
export async function makeDatabase(grow?: (grown: Grown) => Promise<void>): Promise<TamperDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-tamper-'))
  const path = join(folder, 'console.db')
  const logKey = await openLogKey(join(folder, 'pki'), true)
  await openAndGrow({ path, logKey }, async (grown) => {
    await fill(grown)
    await grow?.(grown)
  })
  return { folder, path, logKey, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

/** Opens it again as the console does, adds to it, closes it. */
export async function openAndGrow(
  { path, logKey }: { readonly path: string; readonly logKey: LogKey },
  grow: (grown: Grown) => Promise<void>,
): Promise<void> {
  const clock = { now: startedAt }
  const now = () => (clock.now += 1_000)
  const store = await openSqliteStoreHere(path)
  const silent = { info: () => {}, warn: () => {}, error: () => {} }
  try {
    const ingest = createIngest({
      store,
      feed: createFeed(),
      log: silent as never,
      now,
      receipts: receiptsWith(Buffer.alloc(32, 7)),
    })
    const checkpoints = createCheckpoints({ store, logKey, log: silent, now })
    await grow({ store, ingest, checkpoints, clock })
  } finally {
    await store.close()
  }
}

async function fill(grown: Grown): Promise<void> {
  const { store, checkpoints, clock } = grown
  await noteStart(store, { policyKey: testSigner.publicKey, logKeyName: checkpoints.keyName, now: clock.now })
  await addComputer({ store, clock }, 'JM-0001', AGENTS[0])
  await addComputer({ store, clock }, 'JM-0002', AGENTS[1])
  await act(store, clock, 'policy-change')
  const first = await send(grown, AGENTS[0], 'epoch-a', [
    insertion('one'),
    clockBack,
    insertion('two'),
    ...quiet(9),
  ])
  const second = await send(grown, AGENTS[1], SM3_EPOCH, quiet(6))
  await checkpoints.make('daily')
  await act(store, clock, 'isolate', 'not-connected')
  await send(grown, AGENTS[0], 'epoch-a', [insertion('three'), tampered, ...quiet(5)], { after: first })
  await send(grown, AGENTS[1], SM3_EPOCH, [gapOf(7, 9), insertion('four'), ...quiet(4)], {
    after: second,
    skip: 3,
  })
  await act(store, clock, 'medium-register')
  await checkpoints.make('asked')
  await act(store, clock, 'violation-read')
}

/** What an administrator does: the intention, and what came of it. */
export async function act(
  store: Store,
  clock: { now: number },
  action: string,
  refusedWith: string | null = null,
): Promise<void> {
  const who = { account: 'li', role: 'sec-admin', object: 'JM-0001', address: '10.0.0.7' } as const
  const at = () => (clock.now += 1_000)
  const values = { before: { mode: 'observe' }, after: { mode: 'enforce' }, reason: 'office order 12' }
  const about = await store.addAction({ ...who, ...values, at: at(), action, detail: '', isIntent: true })
  await store.addAction(
    refusedWith === null
      ? { ...who, at: at(), action, detail: '', about }
      : { ...who, at: at(), action: `${action}-refused`, detail: refusedWith, about },
  )
}

const clockBack: Fact = { kind: 'clock.stepped', byMs: -86_400_000, found: 'while-running' }
const tampered: Fact = {
  kind: 'control.tampered',
  group: 'network',
  layer: 'packet-table',
  what: 'rules-flushed',
  detail: 'table inet shoukou was gone',
  isRestored: true,
  openMs: 140,
}

function quiet(count: number): Fact[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'usb.detached',
    sighting: 'event-only',
    device: usbDevice(`stick ${index}`),
  }))
}

function gapOf(firstSeq: number, lastSeq: number): Fact {
  return {
    kind: 'journal.gap',
    reason: 'segment-damaged',
    firstSeq,
    lastSeq,
    setAside: 'segment-000001.damaged',
  }
}

/** Sends records as an agent does: chained, from where its journal ends; `skip`: numbers that it no longer has. */
export async function send(
  { ingest, clock }: Pick<Grown, 'ingest' | 'clock'>,
  agent: string,
  epoch: string,
  facts: readonly Fact[],
  from: { readonly after?: JournalEnd; readonly skip?: number } = {},
): Promise<JournalEnd> {
  const { after = { seq: 0, head: genesisHead(agent, epoch) }, skip = 0 } = from
  let head = after.head
  let seq = after.seq
  // What is lost was chained all the same.
  for (let lost = 0; lost < skip; lost += 1) {
    seq += 1
    head = headAfter(
      head,
      seq,
      encodeRecord(recordOf(agent, epoch, seq, quiet(1)[0] as Fact)),
      chainHashOf(epoch),
    )
  }
  const firstSeq = seq + 1
  const headBefore = head.toString('hex')
  const records = facts.map((fact) => {
    seq += 1
    const raw = encodeRecord(recordOf(agent, epoch, seq, fact))
    head = headAfter(head, seq, raw, chainHashOf(epoch))
    return raw
  })
  const session = await ingest.open(agent, {
    v: 1,
    type: 'hello',
    agentVersion: PRODUCT_VERSION,
    bootId: 'boot-1',
    journal: { epoch, seq, head: head.toString('hex') },
    policyVersion: 1,
    wallMs: clock.now,
    receipt: null,
  })
  const frame: RecordsFrame = {
    header: {
      v: 1,
      type: 'records',
      epoch,
      firstSeq,
      count: records.length,
      headBefore,
      headAfter: head.toString('hex'),
      gap: skip === 0 ? null : { firstSeq: after.seq + 1, lastSeq: after.seq + skip },
    },
    records,
  }
  await session.records([frame])
  return { seq, head }
}

function recordOf(agent: string, epoch: string, seq: number, fact: Fact): Record {
  return {
    v: 1,
    agent,
    epoch,
    seq,
    wallMs: startedAt + seq * 1_000,
    bootMs: seq,
    bootId: 'boot-1',
    agentVersion: PRODUCT_VERSION,
    policyVersion: 1,
    level: 'confidential',
    networkMode: 'standalone',
    sensor: 'usb',
    fact,
    decision: null,
  }
}

/** Opens it as somebody who may write to the file, with the triggers out of the way. */
export function openAsIntruder(path: string): DatabaseSync {
  const connection = new DatabaseSync(path)
  const triggers = connection.prepare("select name from sqlite_schema where type = 'trigger'").all() as {
    name: string
  }[]
  for (const { name } of triggers) connection.exec(`drop trigger "${name}"`)
  return connection
}
