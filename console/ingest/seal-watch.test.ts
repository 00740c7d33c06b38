import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DEFAULT_POLICY_SETTINGS,
  encodeRecord,
  type Fact,
  firstIndexOf,
  firstSealKey,
  genesisHead,
  headAfter,
  nextSealKey,
  type Policy,
  parseRecord,
  sealMac,
} from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { protectionKeysWith } from '../pki/protection-keys.ts'
import { openSqliteStore } from '../store/open-store.ts'
import type { Store } from '../store/ports.ts'
import { createKeyDesk } from '../workflows/protection-keys.ts'
import { ProtectionDraft, readKnownProtection } from './seal-watch.ts'

const secret = randomBytes(32)
const keys = protectionKeysWith(secret)
let store: Store
let folder: string
let agents = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-seals-'))
  store = await openSqliteStore(join(folder, 'console.db'))
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true, force: true })
})
const epoch = '0001-0000000000000000'

function policy(agent: string, mode: 'observe' | 'enforce'): Policy {
  const { modes } = DEFAULT_POLICY_SETTINGS
  return {
    ...{ v: 1, agent, computer: 'JM-0001', version: 1, issuedAtMs: 1 },
    settings: { ...DEFAULT_POLICY_SETTINGS, modes: { ...modes, media: mode } },
    baseline: { takenAtMs: 1, usb: [], disks: [], interfaces: [] },
  }
}

/** An agent's journal as it comes in, record by record, each kept before the next: as batches of one. */
class Incoming {
  readonly store: Store
  readonly agent: string
  readonly found: string[] = []
  readonly details: unknown[] = []
  mode: 'observe' | 'enforce' = 'observe'
  bootId = 'boot-1'
  bootMs = 0
  seq = 0
  head: Buffer
  key: Buffer
  index = 0

  constructor(own: Store, agent: string) {
    this.store = own
    this.agent = agent
    this.head = genesisHead(agent, epoch)
    this.key = firstSealKey(secret, agent, 0)
  }

  async take(fact: Fact): Promise<this> {
    const { agent } = this
    this.seq += 1
    this.bootMs += 1_000
    const raw = encodeRecord({
      ...{ v: 1, agent, epoch, seq: this.seq, wallMs: this.bootMs, bootMs: this.bootMs, bootId: this.bootId },
      ...{ agentVersion: '0.1.0', policyVersion: 1, level: 'secret', networkMode: 'standalone' },
      ...{ sensor: 'agent', fact, decision: null },
    })
    this.head = headAfter(this.head, this.seq, raw, 'sha-256')
    const known = await readKnownProtection(this.store, keys, agent)
    const draft = new ProtectionDraft({ known, agent, keys, now: 5 })
    const proved = draft.take(
      parseRecord(raw),
      { raw, head: this.head.toString('hex') },
      policy(agent, this.mode),
    )
    for (const { judgement, key } of proved) {
      this.found.push(key)
      this.details.push(judgement.evidence)
    }
    const { changes } = draft
    await this.store.ingest({
      ...{ agent, receivedAt: 5, epoch, violations: [], gaps: [], settledGaps: [] },
      ...{ status: null, coverage: null, isCaughtUp: true, appliedPolicyVersion: null },
      expected: await this.store.position(agent, epoch),
      records: [
        {
          ...{ seq: this.seq, kind: fact.kind, sensor: 'agent', wallMs: 1, policyVersion: 1, raw },
          head: this.head.toString('hex'),
        },
      ],
      position: { epoch, seq: this.seq, head: this.head.toString('hex') },
      ...(changes === undefined ? {} : { protection: changes }),
    })
    return this
  }

  async work(): Promise<this> {
    return await this.take({ kind: 'command.done', id: 'x', name: 'rescan', outcome: 'done' })
  }

  async seal(index = this.index, key = this.key): Promise<this> {
    const head = this.head.toString('hex')
    const mac = sealMac(key, { agent: this.agent, epoch, index, upToSeq: this.seq, head })
    await this.take({ kind: 'journal.sealed', index, upToSeq: this.seq, head, mac })
    this.index = index + 1
    this.key = nextSealKey(key)
    return this
  }
}

async function incoming(): Promise<Incoming> {
  agents += 1
  const agent = `agent-${agents}`
  await createKeyDesk(store, keys).forEnrolment(agent)
  return new Incoming(store, agent)
}

describe('seals as they come in', () => {
  it('hold over batches and restarts of the console, and their key is unreadable in the database', async () => {
    const journal = await incoming()
    const { agent } = journal
    for (let round = 0; round < 4; round += 1) {
      await journal.work()
      await journal.seal()
    }
    expect(journal.found).toEqual([])
    const row = await journal.store.sealRow(agent)
    expect(row).toMatchObject({ issued: 0, heldAt: 5, unsealedSince: null, state: { nextIndex: 4 } })
    expect(Buffer.from(row?.wrapped ?? '', 'base64').includes(journal.key)).toBe(false)
    expect(protectionKeysWith(randomBytes(32)).unwrap(agent, 4, row?.wrapped ?? '')).toBe(null)
    expect(keys.unwrap('agent-other', 4, row?.wrapped ?? '')).toBe(null)
    await journal.work()
    expect(await journal.store.protectionStanding(agent)).toMatchObject({ unsealedSince: 5 })
  })

  it('that were skipped are violation 40, told once, with what was due', async () => {
    const journal = await incoming()
    await journal.work()
    await journal.seal()
    await journal.work()
    await journal.seal(3, nextSealKey(nextSealKey(journal.key)))
    expect(journal.found).toEqual([`log-gap-or-clock-tamper:${epoch}:4:seal`])
    expect(journal.details).toMatchObject([
      { cause: 'seal-missing', fault: 'index-skipped', sealIndex: 3, expectedSealIndex: 1, lastSeq: 4 },
    ])
  })

  it('made with another key are violation 40, and a new generation of keys is given at the next hello', async () => {
    const journal = await incoming()
    const { agent } = journal
    await journal.work()
    await journal.seal(0, randomBytes(32))
    expect(journal.details).toMatchObject([{ cause: 'seal-broken', fault: 'mac-wrong' }])
    await journal.work()
    await journal.seal()
    expect(journal.found).toHaveLength(1)
    expect(await journal.store.protectionStanding(agent)).toMatchObject({ areSealsBroken: true })
    const desk = createKeyDesk(journal.store, keys)
    const said = { run: 'r', nextSeal: 2, hasRemovalKey: true }
    const sent = await desk.forHello(agent, said)
    expect(sent?.seal).toEqual({
      generation: 1,
      key: firstSealKey(secret, agent, 1).toString('base64url'),
    })
    await journal.work()
    await journal.seal(firstIndexOf(1), firstSealKey(secret, agent, 1))
    expect(journal.found).toHaveLength(1)
    expect(await journal.store.protectionStanding(agent)).toMatchObject({ areSealsBroken: false })
    const spans = await journal.store.unprovenSpans(agent, 10)
    expect(spans[0]).toMatchObject({ cause: 'seals-not-proved' })
  })

  it('need no keys where the agent has them, and are given them where it has none or older ones', async () => {
    const journal = await incoming()
    const { agent } = journal
    await journal.work()
    await journal.seal()
    const desk = createKeyDesk(journal.store, keys)
    expect(await desk.forHello(agent, { run: 'r', nextSeal: 1, hasRemovalKey: true })).toBe(null)
    const removal = await desk.forHello(agent, { run: 'r', nextSeal: 1, hasRemovalKey: false })
    expect(removal).toMatchObject({ seal: null, removalKey: keys.removalKey(agent).toString('base64url') })
    // A computer set back to an older copy of its disk.
    const older = await desk.forHello(agent, { run: 'r', nextSeal: 0, hasRemovalKey: true })
    expect(older?.seal).toMatchObject({ generation: 1 })
    const none = await desk.forHello(agent, { run: 'r', nextSeal: null, hasRemovalKey: true })
    expect(none?.seal).toMatchObject({ generation: 2 })
    // One that was enrolled before there were seals.
    const first = await desk.forHello('agent-before', { run: 'r', nextSeal: null, hasRemovalKey: false })
    expect(first?.seal).toMatchObject({ generation: 0 })
  })
})

describe('stops and starts', () => {
  const stopping = (reason: 'signal' | 'stopped-alone' | 'shutdown' | 'removal'): Fact => ({
    kind: 'agent.stopping',
    reason,
  })
  const started: Fact = { kind: 'agent.started', previous: 'clean-stop', pid: 1, uid: 0 }

  async function afterStop(
    reason: Parameters<typeof stopping>[0],
    more: { mode?: 'observe' | 'enforce'; downMs?: number; bootId?: string },
  ): Promise<string[]> {
    const journal = await incoming()
    const { agent } = journal
    journal.mode = more.mode ?? 'enforce'
    await journal.take(stopping(reason))
    journal.bootMs += more.downMs ?? 600_000
    journal.bootId = more.bootId ?? journal.bootId
    await journal.take(started)
    expect(await journal.store.toldStop(agent)).toBe(null)
    return journal.found
  }

  it('of the agent alone, on a computer that went on and is to enforce, are violation 38', async () => {
    expect(await afterStop('signal', {})).toEqual([`agent-tamper:${epoch}:stopped/boot-1/1000`])
    expect(await afterStop('stopped-alone', {})).toHaveLength(1)
  })

  it('are nothing where they are a restart, a reboot, a shutdown, a removal, or the computer only observes', async () => {
    expect(await afterStop('signal', { downMs: 100_000 })).toEqual([])
    expect(await afterStop('signal', { bootId: 'boot-2' })).toEqual([])
    expect(await afterStop('shutdown', {})).toEqual([])
    expect(await afterStop('removal', {})).toEqual([])
    expect(await afterStop('stopped-alone', { mode: 'observe' })).toEqual([])
  })

  it('are kept until the start, for whoever looks for agents that do not come back', async () => {
    const journal = await incoming()
    const { agent } = journal
    await journal.take(stopping('stopped-alone'))
    expect(await journal.store.stopsAlone()).toMatchObject([
      { agent, bootId: 'boot-1', reason: 'stopped-alone' },
    ])
    await journal.take(started)
    expect((await journal.store.stopsAlone()).filter((stop) => stop.agent === agent)).toEqual([])
  })
})
