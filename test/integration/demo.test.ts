/** A small demonstration, filled over the real link: it says what it is, and is never a unit's own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConfig } from '../../console/base/config.ts'
import { createLog } from '../../console/base/log.ts'
import { type RunningConsole, startConsole } from '../../console/main.ts'
import { resetAccount } from '../../console/workflows/accounts/first-accounts.ts'
import { demoFolder, readDemoFolder, writeDemoState } from '../../scripts/demo/demo-folder.ts'
import { type Filled, fillDemonstration } from '../../scripts/demo/fill.ts'
import { type LiveAgent, readLiveAgents, startLive } from '../../scripts/demo/live.ts'
import { signInAt, testPassword } from '../support/console.ts'
import { findPortPair } from '../support/ports.ts'
import { waitFor } from '../support/wait-for.ts'

const size = { seed: 'small', computers: 5, media: 30 }
const log = createLog('error')
let folder = ''
let web = ''
let filled: Filled
let agents: readonly LiveAgent[]
let console: RunningConsole

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-demo-'))
  web = join(folder, 'web')
  await mkdir(web)
  await writeFile(join(web, 'index.html'), '<meta name="demonstration" content="__DEMONSTRATION__" />')
  const config = (port: number) =>
    checkConfig({ dataDir: join(folder, 'console'), port, level: 'secret', logLevel: 'error' })
  const endMs = Date.now()
  filled = await fillDemonstration({
    ...{ ...size, log, endMs, days: 31, config: config(0), webRoot: web },
    progress: () => undefined,
  })
  const identities = filled.agents.map(({ identity }) => identity)
  agents = await readLiveAgents(join(folder, 'console'), size, identities)
  console = await startConsole({ config: config(await findPortPair()), log, webRoot: web })
}, 60_000)

afterAll(async () => {
  await console?.close()
  await rm(folder, { recursive: true, force: true })
})

interface Asked {
  readonly body?: object
  readonly cookie?: string
}
interface Answered {
  readonly status: number
  readonly text: string
  readonly fileName: string
}

function ask(method: string, path: string, { body, cookie = '' }: Asked = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const call = request(
      `https://localhost:${console.port}${path}`,
      {
        method,
        agent: new Agent({ ca: console.keys.authority.certificate }),
        headers: { 'content-type': 'application/json', cookie },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
            fileName: response.headers['content-disposition'] ?? '',
          }),
        )
      },
    )
    call.on('error', reject)
    call.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

describe('a demonstration', () => {
  it('has registers, records as they were received over the month, and violations that were handled', async () => {
    const { store } = console
    expect(await store.countMedia({})).toBe(size.media)
    const computers = await store.computers()
    expect(computers.map(({ number }) => number)).toEqual(
      filled.agents.map(({ identity }) => identity.number),
    )
    const stored = computers.reduce((sum, { position }) => sum + (position?.seq ?? 0), 0)
    // Beside what happened, agents tell of the policies that they obey, and of their end.
    expect(stored).toBeGreaterThanOrEqual(filled.records)
    const violations = await store.violations({ limit: 100 })
    expect(violations).toHaveLength(filled.violations)
    expect(new Set(violations.map(({ type }) => type)).size).toBeGreaterThan(5)
    expect(violations.some(({ standing }) => standing?.state === 'closed')).toBe(true)
    const days = new Set(violations.map(({ receivedAt }) => new Date(receivedAt).toDateString()))
    expect(days.size).toBeGreaterThan(5)
  })

  it('tells of itself that it is one, in the API and in every page', async () => {
    expect(JSON.parse((await ask('GET', '/api/health')).text)).toMatchObject({ isDemonstration: true })
    for (const path of ['/', '/wall', '/violations'])
      expect((await ask('GET', path)).text).toContain('content="yes"')
  })

  it('marks every row and the name of what is exported', async () => {
    const first = await resetAccount(console.store, 'secadmin')
    const address = `https://localhost:${console.port}`
    const authority = console.keys.authority.certificate
    const client = await signInAt(address, authority, 'secadmin', first)
    await client.send('POST', '/api/session/password', { current: first, next: testPassword })
    const { cookie } = client
    const { text, fileName } = await ask('GET', '/api/export/computers?format=csv&language=en', { cookie })
    expect(fileName).toContain('filename="DEMONSTRATION-computers.csv"')
    const rows = text.trim().split('\r\n')
    expect(rows).toHaveLength(1 + size.computers)
    for (const row of rows) expect(row).toMatch(/,"?Demonstration"?$/)
  })

  it('enrols no computer over the network', async () => {
    const { status, text } = await ask('POST', '/api/enroll', {
      body: {
        v: 1,
        secret: 'a'.repeat(43),
        certificateRequest: 'any',
        agentVersion: '0.1.0',
        hostname: 'a-real-one',
        baseline: { takenAtMs: 1, usb: [], disks: [], interfaces: [] },
      },
    })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'demonstration-only' } })
    await expect(console.workflows.policies.createToken({}, 'secadmin')).rejects.toMatchObject({
      code: 'demonstration-only',
    })
  })

  it('goes on with its computers connected, and ends them as one shuts down', async () => {
    const troubles: Error[] = []
    const live = startLive({
      ...{ size, agents, agentPort: console.agentPort, now: Date.now },
      authority: console.keys.authority.certificate,
      trouble: (error) => troubles.push(error),
    })
    await live.connected
    const statuses = async () => new Set((await console.store.computers()).map(({ status }) => status))
    await waitFor(async () => [...(await statuses())].join() === 'online', {
      what: 'every computer to be online',
      timeoutMs: 20_000,
    })
    await live.stop()
    await waitFor(async () => [...(await statuses())].join() === 'stopped', {
      what: 'every computer to have stopped',
      timeoutMs: 20_000,
    })
    expect(troubles).toEqual([])
  })
})

describe('folders', () => {
  it('of anything else are neither filled nor emptied', async () => {
    const other = demoFolder(await mkdtemp(join(folder, 'other-')))
    expect(await readDemoFolder(other)).toBeNull()
    await writeFile(join(other.path, 'somebody.txt'), 'theirs')
    await expect(readDemoFolder(other)).rejects.toThrow('no demonstration')
  })

  it('of a unit’s own console are never made a demonstration’s, whatever stands beside', async () => {
    const own = demoFolder(await mkdtemp(join(folder, 'own-')))
    const config = checkConfig({ dataDir: own.console, port: await findPortPair(), logLevel: 'error' })
    await (await startConsole({ config, log, webRoot: web })).close()
    await expect(startConsole({ config, log, webRoot: web, isDemonstration: true })).rejects.toThrow(
      'never made a demonstration',
    )
    await writeDemoState(own, { v: 1, ...size, state: 'ready', days: 31, agents: [] })
    await expect(readDemoFolder(own)).rejects.toThrow('no demonstration')
  })

  it('of a demonstration alone have a clock of their own', async () => {
    const config = checkConfig({ dataDir: join(folder, 'clocked'), port: 0, logLevel: 'error' })
    const clock = { now: () => 0, monotonicMs: () => 0 }
    await expect(startConsole({ config, log, webRoot: web, clock })).rejects.toThrow('Only a demonstration')
  })
})
