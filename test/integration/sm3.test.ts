/** A unit where one computer's journal is chained with SM3 and another's with SHA-256: from the agent's disk to a copy on another machine. */
import { execFile } from 'node:child_process'
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chainHashOf } from '@shoukou/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stateFolder } from '../../agent/base/state-folder.ts'
import { listEpochs } from '../../agent/journal/epoch-folder.ts'
import { readIdentity } from '../../agent/link/identity.ts'
import type { RecordsAnswer, ViolationsAnswer } from '../../console/api/contract.ts'
import { usedDataFolder } from '../../console/base/data-folder.ts'
import { openLogKey } from '../../console/pki/log-key.ts'
import { proveDatabase } from '../../console/store/database-file.ts'
import { exportCopy } from '../../console/trail/copies.ts'
import { type AgentProcess, enrolAgent, offlineAgent } from '../support/agent-process.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { openAsIntruder } from './tamper-database.ts'

const program = join(import.meta.dirname, '../../console/cli/shoukou-console.ts')
const run = promisify(execFile)
const waiting = { timeout: 60_000, interval: 100 }

let console: TestConsole
let admin: ApiClient
let agents: { readonly sm3: AgentProcess; readonly sha256: AgentProcess }

beforeAll(async () => {
  console = await startTestConsole()
  admin = await console.signIn('secadmin')
  const sm3 = await offlineAgent()
  // The setting is there before the journal is made.
  await writeFile(join(sm3.stateDir, 'agent.json'), '{"chainHash":"sm3","watchConnections":false}')
  await sm3.command('enroll', '--console', console.address, '--token', await console.token())
  agents = { sm3, sha256: await enrolAgent(console) }
})
afterAll(async () => {
  for (const agent of Object.values(agents)) await agent[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

interface Journaled {
  readonly agent: string
  readonly epoch: string
  readonly folder: string
}

async function journalOf({ stateDir }: AgentProcess): Promise<Journaled> {
  const places = stateFolder(stateDir)
  const identity = await readIdentity(places)
  const [epoch = '', ...others] = await listEpochs(places.journal)
  if (identity === null || others.length > 0) throw new Error('enrolled, with one journal')
  return { agent: identity.agent, epoch, folder: join(places.journal, epoch) }
}

/** How the agent was found to have ended before, at each of its starts that the console knows. */
async function startsOf(agent: string): Promise<string[]> {
  const { records } = await admin.get<RecordsAnswer>(`/api/computers/${agent}/records?limit=500`)
  return records
    .toSorted((a, b) => a.seq - b.seq)
    .flatMap(({ raw }) => {
      const { fact } = JSON.parse(raw) as { fact: { kind: string; previous: string } }
      return fact.kind === 'agent.started' ? [fact.previous] : []
    })
}

/** Runs the console's own verification of a copy, as on another machine. */
async function verifyCopy(file: string): Promise<{ code: number; said: string }> {
  const { code, stdout } = await run(process.execPath, [program, 'verify', '--copy', file]).then(
    (done) => ({ ...done, code: 0 }),
    (failed: { code: number; stdout: string }) => failed,
  )
  return { code, said: stdout }
}

it('is written, torn, gone on with, taken in, carried away and proved, each chain by its own hash', async () => {
  const [sm3, sha256] = [await journalOf(agents.sm3), await journalOf(agents.sha256)]
  expect([sm3, sha256].map(({ epoch }) => chainHashOf(epoch))).toEqual(['sm3', 'sha-256'])
  for (const agent of Object.values(agents)) await agent.start()
  for (const { agent } of [sm3, sha256])
    await expect.poll(() => startsOf(agent), waiting).toEqual(['first-start'])

  await agents.sm3.kill()
  const segment =
    (await readdir(sm3.folder))
      .filter((name) => name.endsWith('.seg'))
      .toSorted()
      .at(-1) ?? ''
  const bytes = await readFile(join(sm3.folder, segment))
  // As a power cut leaves it: the beginning of an entry that was never reported.
  await appendFile(
    join(sm3.folder, segment),
    bytes.subarray(bytes.indexOf('ff534bfe', 0, 'hex')).subarray(0, 100),
  )
  await agents.sm3.start()
  await expect.poll(() => startsOf(sm3.agent), waiting).toEqual(['first-start', 'unclean-stop'])
  expect(await journalOf(agents.sm3)).toEqual(sm3)
  for (const agent of Object.values(agents)) await agent.stop()
  expect(await agents.sm3.command('verify')).toMatch(/chained with SM3[\s\S]*The chain holds: /)
  expect(await agents.sha256.command('verify')).toMatch(/chained with SHA-256[\s\S]*The chain holds: /)
  for (const { agent } of [sm3, sha256]) {
    const accused = await admin.get<ViolationsAnswer>(
      `/api/violations?agent=${agent}&type=log-gap-or-clock-tamper`,
    )
    expect(accused.violations).toEqual([])
  }

  await console.stop()
  const { database, keys } = await usedDataFolder(console.dataDir)
  const copy = join(console.dataDir, 'carried.db')
  await exportCopy(database, copy, { logKey: await openLogKey(keys, false), atMs: Date.now() })
  const whole = await verifyCopy(copy)
  expect(whole.said).toContain('Nothing was altered')
  expect(whole.said).toContain('each head made anew: 1 by SHA-256, 1 by SM3')
  expect(whole.code).toBe(0)
  // What a backup is proved by walks the chains on a way of its own.
  expect(
    proveDatabase(database)
      .journals.map(({ epoch }) => chainHashOf(epoch))
      .toSorted(),
  ).toEqual(['sha-256', 'sm3'])

  const intruder = openAsIntruder(copy)
  const row = intruder
    .prepare(
      'select r.rowid id, r.raw raw from records r join journals j on j.id = r.journal where j.epoch = ? and r.seq = 3',
    )
    .get(sm3.epoch) as { id: number; raw: Uint8Array }
  const altered = Buffer.from(row.raw)
  altered[altered.length - 3] = (altered[altered.length - 3] ?? 0) ^ 1
  intruder.prepare('update records set raw = ? where rowid = ?').run(altered, row.id)
  intruder.close()
  const found = await verifyCopy(copy)
  expect(found.code).toBe(1)
  expect(found.said).toMatch(
    new RegExp(
      `The first is:\\n  table records, computer JM-0001, journal ${sm3.epoch.replace('.', '\\.')}, number 3: the bytes are not those that were chained`,
    ),
  )
})
