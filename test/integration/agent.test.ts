/** The product's own agent, as a process, on this machine's kernel, with the real console. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_POLICY_SETTINGS, type Record, showRawText } from '@shoukou/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Computer, PolicyAnswer, RecordsAnswer, ViolationsAnswer } from '../../console/api/contract.ts'
import { type AgentProcess, enrolAgent } from '../support/agent-process.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'

let console: TestConsole
let admin: ApiClient
let agent: AgentProcess
let watched: string
const waiting = { timeout: 20_000, interval: 100 }

beforeEach(async () => {
  watched = await mkdtemp(join(tmpdir(), 'shoukou-watched-'))
  console = await startTestConsole()
  admin = await console.signIn('secadmin')
  agent = await enrolAgent(console, { watch: [watched] })
})
afterEach(async () => {
  await agent[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
  await rm(watched, { recursive: true, force: true })
})

const computer = async (): Promise<Computer> => {
  const { computers } = await admin.get<{ computers: Computer[] }>('/api/computers')
  const [first] = computers
  if (first === undefined) throw new Error('no computer')
  return first
}
const records = async (): Promise<Record[]> => {
  const { agent: id } = await computer()
  const { records: items } = await admin.get<RecordsAnswer>(`/api/computers/${id}/records?limit=500`)
  return items.map((item) => JSON.parse(item.raw) as Record).toSorted((a, b) => a.seq - b.seq)
}
const filesSeen = async (): Promise<string[]> =>
  (await records()).flatMap(({ fact }) =>
    fact.kind === 'file.activity' && fact.operation === 'created' ? [showRawText(fact.path)] : [],
  )
const starts = async (): Promise<string[]> =>
  (await records()).flatMap(({ fact }) => (fact.kind === 'agent.started' ? [fact.previous] : []))
const violations = async (): Promise<string[]> =>
  (await admin.get<ViolationsAnswer>('/api/violations')).violations.map((one) => one.type)
const journaled = async (): Promise<number> => {
  const { status } = JSON.parse(await agent.command('status', '--json')) as {
    status: { journal: { seq: number } }
  }
  return status.journal.seq
}
const until = (status: Computer['status']) =>
  expect.poll(async () => (await computer()).status, waiting).toBe(status)
const watching = () =>
  expect
    .poll(async () => (await computer()).coverage.filter((one) => one.state === 'watching').length, waiting)
    .toBeGreaterThanOrEqual(5)

it('finds this computer’s own things as its baseline, and accuses nobody', async () => {
  await agent.start()
  await until('online')
  await watching()
  // What is watched is said before what was found is stored.
  await expect
    .poll(async () => new Set((await records()).map(({ fact }) => fact.kind)), waiting)
    .toSatisfy(
      (kinds: ReadonlySet<string>) => kinds.has('network.interface-added') && kinds.has('host.inventory'),
    )
  const seen = await records()
  const added = seen.flatMap(({ fact }) => (fact.kind === 'network.interface-added' ? [fact] : []))
  expect(new Set(added.map((fact) => fact.origin))).toEqual(new Set(['baseline']))
  expect(await violations()).toEqual([])
  expect(JSON.parse(await agent.command('status', '--json'))).toMatchObject({
    status: { computer: 'JM-0001' },
  })
})

it('tells a clean stop, and the console shows it as stopped', async () => {
  await agent.start()
  await until('online')
  await agent.stop()
  await until('stopped')
  // Its last word, and the seal over it.
  const last = (await records()).findLast(({ fact }) => fact.kind !== 'journal.sealed')
  expect(last?.fact).toMatchObject({ kind: 'agent.stopping' })
  await agent.start()
  await until('online')
  await expect.poll(starts, waiting).toEqual(['first-start', 'clean-stop'])
})

it('loses nothing and repeats nothing when the console is away and the agent is killed', async () => {
  await agent.start()
  await until('online')
  await watching()
  const before = await journaled()
  await console.stop()
  for (let n = 1; n <= 5; n += 1) {
    await writeFile(join(watched, `file-${n}`), 'x')
    // One at a time, each journaled before the next: the order is then known.
    await expect.poll(journaled, waiting).toBeGreaterThanOrEqual(before + n)
  }
  await agent.kill()
  await agent.start()
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  await console.restart()
  admin = await console.signIn('secadmin')
  await expect.poll(filesSeen, waiting).toEqual(['file-1', 'file-2', 'file-3', 'file-4', 'file-5'])
  const seqs = (await records()).map((one) => one.seq)
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1))
  expect(await starts()).toEqual(['first-start', 'unclean-stop'])
  expect(await violations()).toEqual([])
  expect(await agent.command('verify')).toMatch(/chain holds/)
})

it('obeys a policy that the administrator makes, and says so in the journal', async () => {
  await agent.start()
  await until('online')
  const { agent: id } = await computer()
  const current = await admin.get<PolicyAnswer>(`/api/computers/${id}/policy`)
  const settings = { ...DEFAULT_POLICY_SETTINGS, level: 'secret' as const }
  const change = { baseVersion: current.policy.version, settings, reason: 'it holds 机密 now' }
  await admin.send('PUT', `/api/computers/${id}/policy`, change)
  await expect.poll(async () => (await computer()).appliedPolicyVersion, waiting).toBe(2)
  await writeFile(join(watched, 'after'), 'x')
  await expect.poll(filesSeen, waiting).toEqual(['after'])
  const [last] = (await records()).filter(({ fact }) => fact.kind === 'file.activity')
  expect(last).toMatchObject({ policyVersion: 2, level: 'secret' })
  await expect(admin.send('PUT', `/api/computers/${id}/policy`, change)).rejects.toMatchObject({
    status: 409,
  })
})

it('looks again when asked to, and answers in the journal', async () => {
  await agent.start()
  await until('online')
  const { agent: id } = await computer()
  await admin.send('POST', `/api/computers/${id}/rescan`)
  await expect
    .poll(async () => (await records()).some(({ fact }) => fact.kind === 'command.done'), waiting)
    .toBe(true)
})
