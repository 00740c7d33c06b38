/** Ingest over a real store, fed with records made by hand: for the tests beside. Time is set by the test. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Baseline,
  DEFAULT_POLICY_SETTINGS,
  type Fact,
  type Policy,
  type PolicySettings,
  parseRecordsFrame,
  type Record,
  VIOLATIONS,
} from '@shoukou/protocol'
import { Compile } from 'typebox/compile'
import { expect } from 'vitest'
import { policy } from '../../../test/support/facts.ts'
import { RawJournal } from '../../../test/support/raw-agent.ts'
import { createLog } from '../../base/log.ts'
import { createFeed } from '../../feed/feed.ts'
import { openSqliteStoreHere } from '../../store/open-store.ts'
import type { Store, ViolationRow } from '../../store/ports.ts'
import { createIngest } from '../ingest.ts'
import type { AgentSession, Ingest } from '../ports.ts'

export interface IngestBench extends AsyncDisposable {
  readonly store: Store
  now: number
  computer(settings?: Partial<PolicySettings>, more?: Partial<Policy>): Promise<TestComputer>
  /** Another console on the same store: what lived in memory is gone. */
  restart(): void
}

export interface TestComputer {
  readonly agent: string
  readonly number: string
  /** Sends one record; every violation's evidence is checked against its schema. */
  send(fact: Fact, more?: Partial<Record>): Promise<void>
  /** Sends several records as one frame. */
  sendTogether(...facts: readonly Fact[]): Promise<void>
  /** Everything that was appended is stored, and the agent says so. */
  heartbeat(): Promise<void>
  /** Appends without sending: what is still under way. */
  hold(fact: Fact, more?: Partial<Record>): void
  flush(): Promise<void>
  reconnect(): Promise<void>
  violations(): Promise<readonly ViolationRow[]>
  types(): Promise<readonly string[]>
}

const baseline: Baseline = { takenAtMs: 1, usb: [], disks: [], interfaces: [] }

export async function openIngestBench(): Promise<IngestBench> {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-ingest-'))
  const store = await openSqliteStoreHere(join(folder, 'console.db'))
  const make = (): Ingest =>
    createIngest({
      store,
      feed: createFeed(),
      log: createLog('silent'),
      now: () => bench.now,
      receipts: { make: () => '', holds: () => false },
    })
  let counted = 0
  let ingest: Ingest
  const bench: IngestBench = {
    store,
    now: 1_800_000_000_000,
    restart: () => {
      ingest = make()
    },
    computer: async (settings = {}, more = {}) => {
      counted += 1
      const number = `JM-${String(counted).padStart(4, '0')}`
      return addComputer({ store, ingest: () => ingest, number, settings, more, bench })
    },
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  ingest = make()
  return bench
}

async function addComputer(start: {
  store: Store
  ingest: () => Ingest
  number: string
  settings: Partial<PolicySettings>
  more: Partial<Policy>
  bench: IngestBench
}): Promise<TestComputer> {
  const { store, ingest, number, bench } = start
  const agent = randomUUID()
  const settings = { ...DEFAULT_POLICY_SETTINGS, ...start.settings }
  const signed = { ...policy(settings, baseline), agent, computer: number, ...start.more }
  const payload = Buffer.from(JSON.stringify(signed)).toString('base64')
  const envelope = JSON.stringify({ v: 1, kind: 'policy', payload, signature: '' })
  await store.addToken({
    id: agent,
    number,
    settings,
    createdAt: 0,
    createdBy: 'test',
    expiresAt: 9e15,
    usedAt: null,
    usedBy: null,
  })
  await store.addComputer(
    { agent, number, hostname: 'h', certificateSerial: agent, certificate: 'c', enrolledAt: 1 },
    { agent, version: 1, createdAt: 1, createdBy: 'test', reason: 'enrolment', envelope, settings },
    agent,
  )
  const journal = new RawJournal(agent)
  let sent = 0
  let session: AgentSession
  const position = () => ({ epoch: journal.epoch, seq: journal.raws.length, head: journal.position().head })
  const connect = async (): Promise<void> => {
    session = await ingest().open(agent, {
      v: 1,
      type: 'hello',
      agentVersion: '0.1.0',
      bootId: 'b1',
      journal: position(),
      policyVersion: 1,
      wallMs: bench.now,
      receipt: null,
    })
  }
  await connect()
  const append = (fact: Fact, more: Partial<Record> = {}): void => {
    const seq = journal.raws.length + 1
    const whole = { level: settings.level, wallMs: bench.now, bootMs: 1_000 + seq, ...more }
    journal.append(fact, whole)
  }
  const flush = async (): Promise<void> => {
    const last = journal.raws.length
    if (last === sent) return
    await session.records([parseRecordsFrame(journal.frame(sent + 1, last))])
    sent = last
  }
  const computer: TestComputer = {
    agent,
    number,
    send: async (fact, more) => {
      append(fact, more)
      await flush()
    },
    sendTogether: async (...facts) => {
      for (const fact of facts) append(fact)
      await flush()
    },
    hold: append,
    flush,
    heartbeat: () =>
      session.heartbeat({
        v: 1,
        type: 'heartbeat',
        journal: position(),
        policyVersion: 1,
        wallMs: bench.now,
        coverage: [],
      }),
    reconnect: connect,
    violations: async () => {
      const rows = (await store.violations({ agent, limit: 100 })).toReversed()
      for (const row of rows) {
        const check = Compile(VIOLATIONS[row.type].evidence)
        const evidence: unknown = JSON.parse(row.evidence)
        expect([...check.Errors(evidence)], row.type).toEqual([])
      }
      return rows
    },
    types: async () => (await computer.violations()).map((row) => row.type),
  }
  return computer
}
