/** A console that lost what it had acknowledged: nobody is accused of that, and nothing that still exists is lost. */
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeRecord, type Fact } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLog } from '../../agent/base/log.ts'
import { stateFolder } from '../../agent/base/state-folder.ts'
import type { BuildRecord } from '../../agent/journal/append-queue.ts'
import { listEpochs } from '../../agent/journal/epoch-folder.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { openJournal } from '../../agent/journal/open-journal.ts'
import { CommandStore } from '../../agent/link/command-store.ts'
import { readIdentity } from '../../agent/link/identity.ts'
import { Link } from '../../agent/link/link.ts'
import { PolicyStore } from '../../agent/link/policy-store.ts'
import type { RecordsAnswer, ViolationsAnswer } from '../../console/api/contract.ts'
import { type AgentProcess, enrolAgent } from '../support/agent-process.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { recordOf } from '../support/facts.ts'

const waiting = { timeout: 20_000, interval: 20 }

let console: TestConsole
let admin: ApiClient
let enrolled: AgentProcess
let agent: string
let running: { readonly journal: Journal; end(): Promise<void> }

/** An agent's journal and link on the enrolled folder, with a quota that a test can fill. */
async function startAgent(): Promise<typeof running> {
  const folder = stateFolder(enrolled.stateDir)
  const identity = await readIdentity(folder)
  if (identity === null) throw new Error('not enrolled')
  agent = identity.agent
  const log = createLog('error', () => {})
  const journal = await openJournal({
    folder: folder.journal,
    agent,
    bytesMax: 400_000,
    segmentBytesMax: 20_000,
    buildOwn: build,
    wallMs: Date.now,
    log,
  })
  const policy = await PolicyStore.open(folder, identity, () => {})
  const link = new Link({
    identity,
    journal,
    policy,
    commands: await CommandStore.open(folder, { owner: identity, rules: policy }, () => {}),
    clock: { wallMs: Date.now, bootMs: () => performance.now(), bootId: 'boot' },
    log,
    coverage: () => [],
    tell: (fact) => journal.append(fact.kind, 500, build(fact)),
    carryOut: () => Promise.resolve('done'),
    onChange: () => {},
  })
  link.start()
  const end = async () => {
    await link.stop()
    await journal.close()
  }
  return { journal, end }
}

function build(fact: Fact): BuildRecord {
  return ({ epoch, seq }) => encodeRecord(recordOf(fact, { agent, epoch, seq, wallMs: Date.now() }))
}

/** Appends files, each of about 1.5 kB, and waits until the console has them. */
async function append(count: number): Promise<void> {
  const { journal } = running
  for (let n = 0; n < count; n += 1) {
    const fact: Fact = {
      kind: 'file.activity',
      operation: 'created',
      entry: 'file',
      root: '/media/stick',
      path: `file-${n}-${'x'.repeat(1_500)}`,
      renamedFrom: null,
      sizeBytes: 1,
      isOnMedium: true,
      source: 'event',
    }
    expect(await journal.append(fact.kind, 2_100, build(fact))).not.toBeNull()
  }
  await untilStored()
  await expect.poll(() => journal.acked?.seq, waiting).toBe(journal.end.seq)
}

const accusations = async (): Promise<number> =>
  (await admin.get<ViolationsAnswer>(`/api/violations?agent=${agent}&type=log-gap-or-clock-tamper`))
    .violations.length
const storedSeqs = async (): Promise<number[]> => {
  const seqs: number[] = []
  let before = ''
  for (;;) {
    const page = await admin.get<RecordsAnswer>(`/api/computers/${agent}/records?limit=500${before}`)
    seqs.push(...page.records.map((one) => one.seq))
    if (page.nextBefore === null) return seqs.toSorted((a, b) => a - b)
    before = `&before=${page.nextBefore}`
  }
}
/** Until the console has all that the agent has. */
const untilStored = (): Promise<void> =>
  expect.poll(async () => (await storedSeqs()).at(-1), waiting).toBe(running.journal.end.seq)
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

const database = (): string => join(console.dataDir, 'console.db')

/** Copies the store of a console that is stopped. */
async function backUp(): Promise<void> {
  await copyFile(database(), `${database()}.backup`)
}

/** Puts the copy in the store's place. */
async function restore(): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${database()}${suffix}`, { force: true })
  await copyFile(`${database()}.backup`, database())
}

async function restartConsole(): Promise<void> {
  await console.restart()
  admin = await console.signIn('secadmin')
}

/** Fills the journal until acknowledged segments are gone, then ends agent and console; returns the first number left. */
async function untilSegmentsAreGone(): Promise<number> {
  await append(240)
  const first = async () => (await running.journal.read(1, { records: 1, bytes: 1 }))?.firstSeq ?? 0
  await expect.poll(first, waiting).toBeGreaterThan(20)
  const left = await first()
  await running.end()
  await console.stop()
  return left
}

async function cursorFileOf(): Promise<string> {
  const { journal } = stateFolder(enrolled.stateDir)
  return join(journal, (await listEpochs(journal)).at(-1) ?? '', 'cursor.json')
}

beforeEach(async () => {
  console = await startTestConsole()
  admin = await console.signIn('secadmin')
  enrolled = await enrolAgent(console)
  // From before the first record: whoever is enrolled is in it, and nothing else.
  await console.stop()
  await backUp()
  await restartConsole()
  running = await startAgent()
})
afterEach(async () => {
  await running.end()
  await enrolled[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

it('a store that lost what it acknowledged takes the rest, and accuses nobody of what is at neither end', async () => {
  const left = await untilSegmentsAreGone()
  await restore()
  await restartConsole()
  running = await startAgent()
  await untilStored()
  expect(await storedSeqs()).toEqual(range(left, running.journal.end.seq))
  expect(await accusations()).toBe(0)
  expect(await admin.get(`/api/computers/${agent}/gaps`)).toMatchObject({
    gaps: [{ firstSeq: 1, lastSeq: left - 1, state: 'declared' }],
  })
})

it.each([
  ['no receipt', () => null],
  ['a receipt that this console never made', (receipt: object) => ({ ...receipt, mac: 'ab'.repeat(32) })],
])('the same gap with %s is tampering', async (_what, change) => {
  await untilSegmentsAreGone()
  await restore()
  const path = await cursorFileOf()
  const cursor = JSON.parse(await readFile(path, 'utf8')) as { receipt: object }
  await writeFile(path, JSON.stringify({ ...cursor, receipt: change(cursor.receipt) }))
  await restartConsole()
  running = await startAgent()
  await untilStored()
  expect(await accusations()).toBe(1)
})

it('an older copy of the store is brought up to date from its own end: nothing is lost, nobody accused', async () => {
  await append(30)
  await running.end()
  await console.stop()
  await backUp()
  await restartConsole()
  running = await startAgent()
  await append(60)
  await console.stop()
  await restore()
  await restartConsole()
  await append(1)
  expect(await storedSeqs()).toEqual(range(1, running.journal.end.seq))
  expect(await accusations()).toBe(0)
})

it('what an older copy of the store no longer has is not deleted for room before it has it again', async () => {
  await append(30)
  await running.end()
  await console.stop()
  await backUp()
  await restartConsole()
  running = await startAgent()
  await append(130)
  await running.end()
  await console.stop()
  await restore()
  await restartConsole()
  running = await startAgent()
  await append(120)
  expect(await storedSeqs()).toEqual(range(1, running.journal.end.seq))
  expect(await accusations()).toBe(0)
})
