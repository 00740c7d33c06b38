/**
 * Removing the agent as a user does it: a challenge at the computer, a code from the console, `shoukou-agent uninstall --code`. The
 * agent runs as a service would, from units that it removes; all of it within namespaces of its own, so that nothing of this machine
 * is touched.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Fact, parseRecord } from '@shoukou/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Computer, ViolationsAnswer } from '../../console/api/contract.ts'
import type { RemovalAnswer } from '../../console/api/contract-removal.ts'
import { type AgentProcess, enrolAgent } from '../support/agent-process.ts'
import { type ApiClient, startTestConsole, type TestConsole } from '../support/console.ts'
import { waitFor } from '../support/wait-for.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('../../agent/cli/shoukou-agent.ts', import.meta.url))
const packaging = fileURLToPath(new URL('../../agent/packaging/', import.meta.url))
const wait = { timeout: 30_000, interval: 100 }
let console: TestConsole
let admin: ApiClient
let agent: AgentProcess
let root: string
const units = (...parts: string[]): string => join(root, 'systemd', ...parts)

beforeAll(async () => {
  console = await startTestConsole()
  admin = await console.signIn('secadmin')
  agent = await enrolAgent(console)
  root = await mkdtemp(join(tmpdir(), 'shoukou-removal-'))
  await mkdir(units('sysinit.target.wants'), { recursive: true })
  await mkdir(units('multi-user.target.wants'))
  for (const [name, target] of [
    ['shoukou-agent.service', 'multi-user'],
    ['shoukou-hold.service', 'sysinit'],
  ] as const) {
    await copyFile(join(packaging, name), units(name))
    await symlink(`../${name}`, units(`${target}.target.wants`, name))
  }
  // A service manager as far as it is asked: it writes down what, and stops the process of the unit as systemd does.
  await writeFile(join(root, 'systemctl'), serviceManager(), { mode: 0o755 })
  await agent.start()
  await waitFor(async () => (await computer()).status === 'online', {
    what: 'the agent to be online',
    timeoutMs: 30_000,
  })
  const { status } = JSON.parse(await agent.command('status', '--json')) as { status: { pid: number } }
  await writeFile(join(root, 'pid'), `${status.pid}`)
}, 60_000)
afterAll(async () => {
  await agent[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
  await rm(root, { recursive: true, force: true })
})

async function computer(): Promise<Computer> {
  const [first] = (await admin.get<{ computers: Computer[] }>('/api/computers')).computers
  if (first === undefined) throw new Error('no computer')
  return first
}

const serviceManager = (): string => `#!/bin/sh
echo "$@" >> ${root}/asked
[ "$1" = stop ] || exit 0
pid=$(cat ${root}/pid)
grep -q ${agent.stateDir} "/proc/$pid/cmdline" 2>/dev/null || exit 0
kill -TERM "$pid"
while kill -0 "$pid" 2>/dev/null && ! grep -q '^State:.*Z' "/proc/$pid/status" 2>/dev/null; do sleep 0.05; done
`

interface Done {
  readonly code: number
  readonly said: string
}

/** `uninstall` in mount and network namespaces of its own, whose units are those of the folder and whose kernel it can't reach. */
async function uninstall(...parameters: string[]): Promise<Done> {
  const inside = [
    'mount --make-rprivate /',
    `mount --bind ${units()} /etc/systemd/system`,
    'mount -t tmpfs none /run && mkdir -p /run/systemd/system',
    'mount -t tmpfs none /sys/bus',
    'exec "$@"',
  ].join(' && ')
  const command = [process.execPath, program, 'uninstall', '--state', agent.stateDir, ...parameters]
  return await run('unshare', ['--mount', '--net', 'sh', '-c', inside, 'sh', ...command], {
    env: { ...process.env, PATH: `${root}:${process.env['PATH']}`, LANG: 'C.UTF-8', SUDO_USER: 'operator' },
  }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (fault: { code: number; stdout: string; stderr: string }) => ({
      code: fault.code,
      said: `${fault.stdout}${fault.stderr}`,
    }),
  )
}

const challengeIn = ({ said }: Done): string => /\d{4} \d{4} \d{4} \d{4}/.exec(said)?.[0] ?? ''

async function codeFor(challenge: string): Promise<string> {
  const { agent: id } = await computer()
  const body = { challenge, reason: 'the disk goes to the shredder' }
  return (await admin.send<RemovalAnswer>('POST', `/api/computers/${id}/removal-code`, body)).code
}

/** What the console has of it, oldest first. */
const removals = (): Promise<unknown[]> => factsOf('agent.removal')

async function factsOf(kind: Fact['kind']): Promise<unknown[]> {
  const { agent: id } = await computer()
  const { records } = await admin.get<{ records: { raw: string }[] }>(
    `/api/computers/${id}/records?kinds=${kind}`,
  )
  return records.map(({ raw }) => parseRecord(Buffer.from(raw)).fact).toReversed()
}

it('shows a challenge; the code of an earlier one, and a challenge that was misread, remove nothing, and a wrong code is on record', async () => {
  const first = await uninstall()
  expect(first.code, first.said).toBe(0)
  const early = await codeFor(challengeIn(first))
  const second = await uninstall()
  expect(challengeIn(second)).not.toBe(challengeIn(first))
  // The earlier one is good no more.
  const expired = await uninstall('--code', early)
  expect(expired.code, expired.said).toBe(1)
  await expect(codeFor('1234 5678 9012 3456')).rejects.toMatchObject({ status: 422 })
  expect((await computer()).status).toBe('online')
  expect(await readdir(units())).toContain('shoukou-agent.service')
  await expect
    .poll(removals, wait)
    .toMatchObject([{ result: 'refused', reason: 'wrong-code', counter: 2, account: 'operator' }])
}, 120_000)

it('with the right code has it at the console first, then takes units away, and keeps the journal for export', async () => {
  const code = await codeFor(challengeIn(await uninstall()))
  const done = await uninstall('--code', code)
  expect(done.code, done.said).toBe(0)
  expect(done.said).toContain(agent.stateDir)
  await expect
    .poll(removals, wait)
    .toMatchObject([{ result: 'refused' }, { result: 'permitted', reason: 'code', counter: 3 }])
  // What enables the units went with them.
  const left = await readdir(units(), { recursive: true })
  expect(left.toSorted()).toEqual(['multi-user.target.wants', 'sysinit.target.wants'])
  // Stopped by the removal itself, and it said so.
  await expect.poll(async () => (await computer()).status, wait).not.toBe('online')
  expect(await factsOf('agent.stopping')).toMatchObject([{ reason: 'removal' }])
  expect(await readFile(join(root, 'asked'), 'utf8')).toMatch(/^stop .*\ndisable .*\ndaemon-reload\n$/)
  // It was permitted: a fact with the name of who gave the code, and nobody is accused.
  expect((await admin.get<ViolationsAnswer>('/api/violations')).violations).toEqual([])
  const auditor = await console.signIn('auditor')
  const log = JSON.stringify(await auditor.get('/api/actions?limit=50'))
  expect(log).toContain('removal-code')
  expect(log).not.toContain(code)
  // The journal stands and holds, to be exported.
  expect(await agent.command('verify')).toMatch(/\d/)
  expect(await readdir(join(agent.stateDir, 'journal'))).not.toEqual([])
  // Used once, it is worth nothing.
  const again = await uninstall('--code', code)
  expect(again.code).toBe(1)
}, 120_000)

it('forced, without a code, is violation 38 with words of its own, told by the next agent that runs there', async () => {
  const done = await uninstall('--force')
  expect(done.code, done.said).toBe(0)
  const before = JSON.parse(await readFile(join(agent.stateDir, 'removal.json'), 'utf8')) as {
    events: unknown[]
  }
  expect(before.events.at(-1)).toMatchObject({ result: 'forced', reason: 'no-code' })
  await agent.start()
  const violations = async () => (await admin.get<ViolationsAnswer>('/api/violations')).violations
  await expect.poll(violations, wait).toMatchObject([
    {
      type: 'agent-tamper',
      headline: {
        en: expect.stringContaining('was removed by force, without a code'),
        zh: expect.stringContaining('未凭卸载码被强制卸载'),
      },
    },
  ])
}, 120_000)
