/** The agent's own protection, with the real agent, the real console and real signals. */
import { spawn } from 'node:child_process'
import { readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Computer, ViolationsAnswer } from '../../console/api/contract.ts'
import type { UnprovenSpans } from '../../console/api/contract-removal.ts'
import { type AgentProcess, enrolAgent } from '../support/agent-process.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { waitFor } from '../support/wait-for.ts'

let console: TestConsole
let admin: ApiClient
let agent: AgentProcess
const waiting = { timeout: 30_000, interval: 200 }

beforeAll(async () => {
  console = await startTestConsole()
  admin = await console.signIn('secadmin')
  agent = await enrolAgent(console)
  await agent.start()
  await waitFor(async () => (await computer()).status === 'online', {
    what: 'the agent to be online',
    timeoutMs: 30_000,
  })
}, 60_000)
afterAll(async () => {
  await agent[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
})

const computer = async (): Promise<Computer> => {
  const { computers } = await admin.get<{ computers: Computer[] }>('/api/computers')
  const [first] = computers
  if (first === undefined) throw new Error('no computer')
  return first
}
const reasons = async (): Promise<string[]> => (await computer()).watch.reasons.map((reason) => reason.code)
const headlines = async (): Promise<string[]> =>
  (await admin.get<ViolationsAnswer>('/api/violations')).violations.map(({ headline }) => headline.en)
const pid = async (): Promise<number> =>
  (JSON.parse(await agent.command('status', '--json')) as { status: { pid: number } }).status.pid

it('held still by a stop signal, it is not proven at the console at once, and accused when it goes on', async () => {
  const running = await pid()
  const stoppedAt = performance.now()
  process.kill(running, 'SIGSTOP')
  try {
    await expect.poll(reasons, waiting).toContain('not-answering')
  } finally {
    process.kill(running, 'SIGCONT')
  }
  // Ten seconds, and what a busy machine takes to ask and to be asked.
  expect(performance.now() - stoppedAt).toBeLessThan(14_000)
  expect(await headlines()).toEqual([])
  await expect.poll(reasons, waiting).not.toContain('not-answering')
  await expect.poll(headlines, waiting).toEqual([expect.stringContaining('held still by a stop signal')])
  const { agent: id } = await computer()
  const { spans } = await admin.get<UnprovenSpans>(`/api/computers/${id}/unproven-spans`)
  expect(spans).toMatchObject([{ cause: 'paused', detail: 'stop-signal' }])
}, 90_000)

it('puts its policy back where root alters it, and the console hears of it within ten seconds', async () => {
  const path = join(agent.stateDir, 'policy', 'current.json')
  const before = await readFile(path, 'utf8')
  await writeFile(path, '{}')
  await expect.poll(() => readFile(path, 'utf8'), { timeout: 10_000, interval: 50 }).toBe(before)
  await expect
    .poll(headlines, { timeout: 10_000, interval: 200 })
    .toContainEqual(expect.stringMatching(/a policy file of the agent was changed; put back/))
}, 60_000)

it('its journal is sealed, and each seal held', async () => {
  const { agent: id } = await computer()
  await expect
    .poll(async () => (await console.running.store.sealRow(id))?.state.nextIndex ?? 0, waiting)
    // At most one in a second: how many there are by now is the machine's pace.
    .toBeGreaterThan(0)
  const row = await console.running.store.sealRow(id)
  expect(row).toMatchObject({ issued: 0, state: { isBroken: false, isSealing: true } })
  expect(await headlines()).not.toContainEqual(expect.stringMatching(/seal/i))
}, 60_000)

it('lets a user without rights do nothing: no signal, no file, no socket, no command', async () => {
  const id = await pid()
  const state = agent.stateDir
  const tries = [
    `kill -TERM ${id}`,
    `kill -STOP ${id}`,
    `kill -CONT ${id}`,
    `cat /proc/${id}/environ`,
    `cat /proc/${id}/mem`,
    `ls ${state}`,
    `cat ${state}/agent.json`,
    `echo {} > ${state}/agent.json`,
    `cat ${state}/identity/agent.key`,
    `cat ${state}/identity/seal.key`,
    `cat ${state}/policy/current.json`,
    `ls ${state}/journal`,
    `rm -rf ${state}/journal`,
    `touch ${state}/inbox/x`,
    `touch ${state}/removal.json`,
    `mv ${state} ${state}.gone`,
    `cat ${state}/status.json`,
    `cat ${state}/lock`,
    `echo 1 > /proc/${id}/oom_score_adj`,
  ]
  const allowed: string[] = []
  for (const line of tries) if ((await asNobody(line)) === 0) allowed.push(line)
  expect(allowed).toEqual([])
  // A control: the same user may do what anybody may.
  expect(await asNobody('true')).toBe(0)
  // It listens to nobody: no socket of a name, none that waits for connections.
  expect(await socketsOf(id)).toEqual([])
  expect((await stat(state)).mode & 0o077).toBe(0)
  expect((await computer()).status).toBe('online')
}, 60_000)

/**
 * Runs a line as an account without rights; resolves to its exit code. In a session of its own, as people's are: within one
 * session everybody may send SIGCONT (kill(2)).
 */
function asNobody(line: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', line], {
      uid: 65_534,
      gid: 65_534,
      cwd: '/',
      detached: true,
      stdio: 'ignore',
    })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code))
  })
}

/** Listening sockets of a process: TCP and UNIX ones with a name. */
async function socketsOf(id: number): Promise<string[]> {
  const links = await Promise.all(
    (await readdir(`/proc/${id}/fd`)).map((fd) => readlink(`/proc/${id}/fd/${fd}`).catch(() => '')),
  )
  const own = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
  const listening = 0x0001_0000
  const unix = (await readFile(`/proc/${id}/net/unix`, 'latin1')).split('\n').slice(1)
  const tcp = [
    ...(await readFile(`/proc/${id}/net/tcp`, 'latin1')).split('\n').slice(1),
    ...(await readFile(`/proc/${id}/net/tcp6`, 'latin1').catch(() => '')).split('\n').slice(1),
  ]
  return [
    ...unix.filter((row) => {
      const columns = row.trim().split(/\s+/)
      const isNamed = columns[7] !== undefined && columns[7] !== ''
      return (
        own.has(columns[6] ?? '') && (isNamed || (Number.parseInt(columns[3] ?? '0', 16) & listening) !== 0)
      )
    }),
    ...tcp.filter((row) => {
      const columns = row.trim().split(/\s+/)
      return own.has(columns[9] ?? '') && columns[3] === '0A'
    }),
  ]
}
