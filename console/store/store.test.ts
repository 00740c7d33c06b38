/** What any store must do. Each engine runs this same suite. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_POLICY_SETTINGS } from '@shoukou/protocol'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteStore, openSqliteStoreHere } from './open-store.ts'
import type {
  IngestBatch,
  NewAccount,
  NewComputer,
  NewRecord,
  NewViolation,
  PolicyRow,
  Store,
} from './ports.ts'

const engines: readonly { readonly name: string; open(folder: string): Promise<Store> }[] = [
  { name: 'SQLite in this thread', open: (folder) => openSqliteStoreHere(join(folder, 'a.db')) },
  { name: 'SQLite in its own thread', open: (folder) => openSqliteStore(join(folder, 'b.db')) },
]

const head = (n: number): string => n.toString(16).padStart(64, '0')

function computer(agent: string): [NewComputer, PolicyRow] {
  const row: NewComputer = {
    agent,
    number: `JM-${agent.slice(0, 8)}`,
    hostname: 'host',
    certificateSerial: agent,
    certificate: 'PEM',
    enrolledAt: 1_000,
  }
  const policy: PolicyRow = {
    agent,
    version: 1,
    createdAt: 1_000,
    createdBy: 'secadmin',
    reason: 'enrolment',
    envelope: '{}',
    settings: DEFAULT_POLICY_SETTINGS,
  }
  return [row, policy]
}

const aToken = {
  id: 't',
  number: 'z',
  settings: DEFAULT_POLICY_SETTINGS,
  createdAt: 0,
  createdBy: 'x',
  expiresAt: 9e12,
  usedAt: null,
  usedBy: null,
}

function record(seq: number, text = `{"n":${seq}}`): NewRecord {
  return {
    seq,
    kind: 'usb.attached',
    sensor: 'usb',
    wallMs: 5_000 + seq,
    policyVersion: 1,
    raw: Buffer.from(text),
    head: head(seq),
  }
}

function violation(key: string): NewViolation {
  return {
    key,
    type: 'unregistered-media-inserted',
    severity: 'high',
    level: 'confidential',
    policyVersion: 1,
    evidence: '{"a":"\\u0000"}',
    epoch: 'e1',
    seq: 1,
    occurredAt: 5_001,
  }
}

function batch(agent: string, from: number, to: number, more: Partial<IngestBatch> = {}): IngestBatch {
  const records = Array.from({ length: to - from + 1 }, (_, index) => record(from + index))
  return {
    agent,
    receivedAt: 9_000 + to,
    epoch: 'e1',
    expected: from === 1 ? null : { epoch: 'e1', seq: from - 1, head: head(from - 1) },
    records,
    position: { epoch: 'e1', seq: to, head: head(to) },
    violations: [],
    gaps: [],
    settledGaps: [],
    status: 'online',
    coverage: null,
    appliedPolicyVersion: null,
    isCaughtUp: true,
    ...more,
  }
}

for (const engine of engines) {
  describe(engine.name, () => {
    let folder: string
    let store: Store
    let agent: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'shoukou-store-'))
      store = await engine.open(folder)
    })
    afterAll(async () => {
      await store.close()
      await rm(folder, { recursive: true })
    })
    beforeEach(async () => {
      agent = randomUUID()
      const tokenId = randomUUID()
      await store.addToken({
        id: tokenId,
        number: 'x',
        settings: DEFAULT_POLICY_SETTINGS,
        createdAt: 0,
        createdBy: 'secadmin',
        expiresAt: 9e12,
        usedAt: null,
        usedBy: null,
      })
      await store.addComputer(...computer(agent), tokenId)
    })

    it('says that it syncs each commit', () => {
      expect(store.durability).toBe('journal_mode=wal synchronous=full')
    })

    it('keeps the raw bytes of a record as they came', async () => {
      const raw = Buffer.from([0x7b, 0x00, 0xff, 0xfe, 0x7d])
      await store.ingest(batch(agent, 1, 1, { records: [{ ...record(1), raw }] }))
      expect(Buffer.from((await store.record(agent, 'e1', 1))?.raw ?? [])).toEqual(raw)
    })

    it('stores nothing of a batch of which one part is refused', async () => {
      const twice = { ...batch(agent, 1, 2), records: [record(1), record(2), record(2)] }
      await expect(store.ingest(twice)).rejects.toThrow()
      expect(await store.position(agent, 'e1')).toBeNull()
      expect(await store.records({ agent, limit: 10 })).toEqual([])
    })

    it('refuses a batch that does not begin where the journal ends', async () => {
      await store.ingest(batch(agent, 1, 3))
      await expect(store.ingest(batch(agent, 1, 3))).rejects.toMatchObject({ code: 'out-of-sequence' })
      await expect(store.ingest(batch(agent, 5, 6))).rejects.toMatchObject({ code: 'out-of-sequence' })
      expect((await store.position(agent, 'e1'))?.seq).toBe(3)
    })

    it('refuses a batch whose expected head is not the stored one', async () => {
      await store.ingest(batch(agent, 1, 1))
      const forked = batch(agent, 2, 2, { expected: { epoch: 'e1', seq: 1, head: head(99) } })
      await expect(store.ingest(forked)).rejects.toMatchObject({ code: 'out-of-sequence' })
    })

    it('makes a violation once, however often its key comes', async () => {
      const first = await store.ingest(batch(agent, 1, 1, { violations: [violation('k')] }))
      const second = await store.ingest(batch(agent, 2, 2, { violations: [violation('k'), violation('l')] }))
      expect(first.violations.map((one) => one.key)).toEqual(['k'])
      expect(second.violations.map((one) => one.key)).toEqual(['l'])
      expect(first.violations[0]?.evidence).toBe('{"a":"\\u0000"}')
    })

    it('pages violations newest first and counts them by severity', async () => {
      const violations = Array.from({ length: 5 }, (_, index) => violation(`v${index}`))
      await store.ingest(batch(agent, 1, 1, { violations }))
      const page = await store.violations({ agent, limit: 2 })
      expect(page.map((one) => one.key)).toEqual(['v4', 'v3'])
      const rest = await store.violations({ agent, limit: 9, beforeId: page.at(-1)?.id ?? 0 })
      expect(rest.map((one) => one.key)).toEqual(['v2', 'v1', 'v0'])
      expect(await store.countViolations({ agent })).toEqual([{ severity: 'high', count: 5 }])
    })

    it('ends a silence when the computer is heard again, once', async () => {
      await store.addViolation(agent, { ...violation('s'), type: 'agent-silent', epoch: null, seq: null }, 1)
      const ended = await store.heard(agent, { at: 77, status: 'online', isBehind: false })
      expect(ended.map((one) => one.endedAt)).toEqual([77])
      expect(await store.heard(agent, { at: 78, status: 'online', isBehind: false })).toEqual([])
    })

    it('knows since when records that an agent has did not arrive', async () => {
      const behindSince = async () => (await store.computer(agent))?.behindSince
      await store.heard(agent, { at: 10, status: 'online', isBehind: true })
      await store.heard(agent, { at: 20, status: 'online', isBehind: true })
      expect(await behindSince()).toBe(10)
      await store.ingest(batch(agent, 1, 1, { isCaughtUp: false }))
      expect(await behindSince()).toBe(10)
      await store.ingest(batch(agent, 2, 2))
      expect(await behindSince()).toBeNull()
      await store.heard(agent, { at: 30, status: 'online', isBehind: true })
      await store.heard(agent, { at: 40, status: 'online', isBehind: false })
      expect(await behindSince()).toBeNull()
    })

    it('lets a token be used once, also by two at the same time', async () => {
      const id = randomUUID()
      await store.addToken({
        id,
        number: 'y',
        settings: DEFAULT_POLICY_SETTINGS,
        createdAt: 0,
        createdBy: 'secadmin',
        expiresAt: 9e12,
        usedAt: null,
        usedBy: null,
      })
      const tries = await Promise.allSettled(
        [1, 2].map(() => store.addComputer(...computer(randomUUID()), id)),
      )
      expect(tries.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected'])
    })

    it('adds a policy version once', async () => {
      const [, policy] = computer(agent)
      const settings = { ...DEFAULT_POLICY_SETTINGS, level: 'secret' as const }
      expect(await store.addPolicy({ ...policy, version: 2, settings })).toBe(true)
      expect(await store.addPolicy({ ...policy, version: 2 })).toBe(false)
      expect(await store.computer(agent)).toMatchObject({ policyVersion: 2, level: 'secret' })
    })

    it('gives each computer a number of its own', async () => {
      const numbers = await Promise.all(Array.from({ length: 20 }, () => store.nextComputerNumber()))
      expect(new Set(numbers).size).toBe(20)
      expect(numbers[0]).toMatch(/^JM-\d{4}$/)
    })

    it('pages records newest first within a time of receipt', async () => {
      await store.ingest(batch(agent, 1, 4, { receivedAt: 100 }))
      await store.ingest(batch(agent, 5, 6, { receivedAt: 200 }))
      const first = await store.records({ agent, limit: 3 })
      expect(first.map((one) => one.seq)).toEqual([6, 5, 4])
      const rest = await store.records({ agent, limit: 9, before: { receivedAt: 100, seq: 4 } })
      expect(rest.map((one) => one.seq)).toEqual([3, 2, 1])
      expect(await store.records({ agent, limit: 9, kinds: ['mount.added'] })).toEqual([])
    })
  })
}

it('commits what waits together, and undoes of it only what fails', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-store-'))
  const store = await openSqliteStore(join(folder, 'd.db'))
  const agents = Array.from({ length: 40 }, () => randomUUID())
  for (const agent of agents) {
    await store.addToken({ ...aToken, id: agent })
    await store.addComputer(...computer(agent), agent)
  }
  const wrong = agents[7] ?? ''
  const results = await Promise.allSettled(
    agents.map((agent) => store.ingest(batch(agent, agent === wrong ? 5 : 1, 2))),
  )
  const refused = results.map((one) => one.status).filter((status) => status === 'rejected')
  expect(refused).toHaveLength(1)
  for (const agent of agents) {
    const stored = await store.recordRange(agent, 'e1', 1, 9)
    expect(stored).toHaveLength(agent === wrong ? 0 : 2)
  }
  await store.close()
  await rm(folder, { recursive: true })
})

it('knows at its start that nobody is online, and leaves what else it knew', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-store-'))
  const store = await openSqliteStoreHere(join(folder, 'e.db'))
  const states = ['online', 'stopped', 'silent', 'pending'] as const
  for (const status of states) {
    await store.addToken({ ...aToken, id: status })
    await store.addComputer(...computer(status), status)
    await store.setStatus(status, status)
  }
  await store.forgetOnline()
  const after = await Promise.all(states.map(async (agent) => (await store.computer(agent))?.status))
  expect(after).toEqual(['offline', 'stopped', 'silent', 'pending'])
  await store.close()
  await rm(folder, { recursive: true })
})

it('makes the first accounts all or none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-store-'))
  const store = await openSqliteStoreHere(join(folder, 'f.db'))
  const account = (name: string): NewAccount => ({
    name,
    role: 'auditor',
    passwordHash: 'x',
    mustChange: true,
    failures: 0,
    lockedUntil: null,
    createdAt: 1,
  })
  await expect(store.addFirstAccounts([account('a'), account('a')])).rejects.toThrow(/UNIQUE/)
  expect(await store.accounts()).toEqual([])
  expect(await store.addFirstAccounts([account('a'), account('b')])).toBe(true)
  expect(await store.addFirstAccounts([account('c')])).toBe(false)
  expect((await store.accounts()).map((one) => one.name)).toEqual(['a', 'b'])
  await store.close()
  await rm(folder, { recursive: true })
})

it('refuses a second computer under one number by its code, and keeps the token unused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-store-'))
  const store = await openSqliteStoreHere(join(folder, 'g.db'))
  const [first, policy] = computer('one')
  await store.addToken({ ...aToken, id: 't1' })
  await store.addToken({ ...aToken, id: 't2' })
  await store.addComputer(first, policy, 't1')
  const [second, itsPolicy] = computer('two')
  await expect(store.addComputer({ ...second, number: first.number }, itsPolicy, 't2')).rejects.toMatchObject(
    { code: 'token-refused' },
  )
  expect(await store.token('t2')).toMatchObject({ usedAt: null })
  await store.close()
  await rm(folder, { recursive: true })
})

it('leaves a damaged database as it is, and says so in one sentence', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-store-'))
  const path = join(folder, 'h.db')
  const rubbish = Buffer.alloc(8_192, 'not a database ')
  await writeFile(path, rubbish)
  await expect(openSqliteStore(path)).rejects.toMatchObject({
    code: 'config-invalid',
    message: expect.stringMatching(/^The database .*h\.db is damaged .* left as it is: restore it/),
  })
  expect((await readFile(path)).equals(rubbish)).toBe(true)
  await rm(folder, { recursive: true })
})

it('refuses to change or remove a record, whoever asks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shoukou-store-'))
  const { openDatabase } = await import('./sqlite/database.ts')
  const { createSqliteStore } = await import('./sqlite/sqlite-store.ts')
  const database = await openDatabase(join(folder, 'c.db'))
  const store = createSqliteStore(database)
  const agent = randomUUID()
  await store.addToken({
    id: 't',
    number: 'z',
    settings: DEFAULT_POLICY_SETTINGS,
    createdAt: 0,
    createdBy: 'x',
    expiresAt: 9e12,
    usedAt: null,
    usedBy: null,
  })
  await store.addComputer(...computer(agent), 't')
  await store.ingest(batch(agent, 1, 1))
  expect(() => database.connection.exec("update records set raw = x'00'")).toThrow(
    'records are never changed',
  )
  expect(() => database.connection.exec('delete from records')).toThrow('records are never changed')
  await store.close()
  await rm(folder, { recursive: true })
})

it('says why a database can’t be opened', async () => {
  await expect(openSqliteStore('/nowhere/there/is.db')).rejects.toThrow(/unable to open/)
})
