/** A restore, rehearsed: a backup made while records arrive, restored at another place; the computer goes on, and nobody is accused. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ViolationsAnswer } from '../../console/api/contract.ts'
import { checkConfig } from '../../console/base/config.ts'
import { createLog } from '../../console/base/log.ts'
import { type RunningConsole, startConsole } from '../../console/main.ts'
import { type AgentProcess, enrolAgent } from '../support/agent-process.ts'
import { signInAt, startTestConsole, type TestConsole, testPassword } from '../support/console.ts'

const program = fileURLToPath(new URL('../../console/cli/shoukou-console.ts', import.meta.url))
const run = promisify(execFile)
const waiting = { timeout: 40_000, interval: 100 }
const halves = ['several words of one person', 'several words of another']

let console: TestConsole
let agent: AgentProcess
let root: string
let watched: string
let restored: RunningConsole | undefined

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shoukou-restore-'))
  watched = join(root, 'watched')
  await mkdir(watched)
  await mkdir(join(root, 'backups'))
  for (const [at, half] of halves.entries())
    await writeFile(join(root, `half-${at + 1}`), `${half}\n`, { mode: 0o600 })
  console = await startTestConsole()
  agent = await enrolAgent(console, { watch: [watched] })
})
afterEach(async () => {
  await restored?.close()
  restored = undefined
  await agent[Symbol.asyncDispose]()
  await console[Symbol.asyncDispose]()
  await rm(root, { recursive: true, force: true })
})

const halfFiles = () => [
  ...['--passphrase-file', join(root, 'half-1')],
  ...['--second-passphrase-file', join(root, 'half-2')],
]

async function cli(...parameters: string[]): Promise<string> {
  return (await run(process.execPath, [program, ...parameters])).stdout
}

let files = 0
async function work(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await writeFile(join(watched, `file-${(files += 1)}`), 'x')
}

it('is verified before it stands anywhere, and the computer sends what the restored console lacks', async () => {
  // The command line finds the console's data as `run --data` lays it out.
  const data = join(root, 'data')
  await mkdir(data)
  await console.stop()
  await run('cp', ['-a', console.dataDir, join(data, 'console')])
  const config = (folder: string) =>
    checkConfig({
      dataDir: join(folder, 'console'),
      port: Number(new URL(console.address).port),
      logLevel: 'error',
    })
  restored = await startConsole({ config: config(data), log: createLog('error') })
  await agent.start()
  const [computer] = await restored.store.computers()
  const id = computer?.agent ?? ''
  const seqAt = async (one: RunningConsole | undefined) => (await one?.store.computer(id))?.position?.seq ?? 0
  await expect.poll(() => seqAt(restored), waiting).toBeGreaterThan(3)
  const over = new AbortController()
  const working = (async () => {
    while (!over.signal.aborted) {
      await work(5)
      await wait(50)
    }
  })()
  await work(50)
  const [place = ''] = (
    await cli('backup', '--data', data, '--to', join(root, 'backups'), ...halfFiles())
  ).split('\n')
  await work(50)
  over.abort()
  await working
  const before = await seqAt(restored)
  const elsewhere = join(root, 'elsewhere')
  await expect(cli('restore', '--from', place, '--data', data, ...halfFiles())).rejects.toThrow(
    /never overwrites/,
  )
  expect(await cli('restore', '--from', place, '--data', elsewhere, ...halfFiles())).toContain(
    'restored and verified',
  )
  expect(await cli('verify', '--data', elsewhere)).toBeTruthy()
  await restored.close()
  restored = await startConsole({ config: config(elsewhere), log: createLog('error') })
  expect(restored.firstAccounts).toEqual([])
  // All that it lacked, and what happens from now on.
  await expect.poll(() => seqAt(restored), waiting).toBeGreaterThanOrEqual(before)
  await work(5)
  await expect.poll(() => seqAt(restored), waiting).toBeGreaterThan(before)
  await expect.poll(async () => (await restored?.store.computer(id))?.status, waiting).toBe('online')
  const admin = await signInAt(
    console.address,
    console.authority,
    'secadmin',
    console.firstPassword('secadmin'),
  )
  await admin.send('POST', '/api/session/password', {
    current: console.firstPassword('secadmin'),
    next: testPassword,
  })
  const { violations } = await admin.get<ViolationsAnswer>(
    '/api/violations?type=log-gap-or-clock-tamper,agent-tamper',
  )
  expect(violations).toEqual([])
}, 240_000)
