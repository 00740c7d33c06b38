/** `npm start` as a newcomer types it: the README's own command, on a folder and a port of the test's. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Computer } from '../../console/api/contract.ts'
import { signInAt, testPassword } from '../support/console.ts'
import { findPortPair } from '../support/ports.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
let data: string
let port: number
let child: ChildProcess | undefined
let output = ''

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'shoukou-start-'))
  port = await findPortPair()
  output = ''
})
afterEach(async () => {
  await interrupt()
  await rm(data, { recursive: true, force: true })
})

/** Runs the README's first command; resolves when it says that it runs, or ends. */
async function start(...parameters: string[]): Promise<number | null> {
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  const [program, ...words] = (/```sh\n(.+)\n```/.exec(readme)?.[1] ?? '').split(' ')
  if (program === undefined) throw new Error('README.md names no command')
  // The shell's environment, not vitest's: npm finds the project's own Node by itself.
  child = spawn(program, [...words, '--', '--data', data, '--port', String(port), ...parameters], {
    cwd: root,
    env: { ...process.env, LANG: 'C.UTF-8', NODE_OPTIONS: '' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const ready = new Promise<null>((resolve) => {
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
      if (output.includes('Ctrl-C stops everything')) resolve(null)
    }
    child?.stdout?.on('data', collect)
    child?.stderr?.on('data', collect)
  })
  return Promise.race([ready, ended])
}

/** Ctrl-C: the signal reaches every process of the terminal's foreground group. */
async function interrupt(): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  process.kill(-child.pid, 'SIGINT')
  await ended
}

async function get(path: string): Promise<{ status: number; body: string }> {
  const ca = await readFile(join(data, 'console', 'pki', 'authority.crt'))
  return new Promise((resolve, reject) => {
    const call = request(`https://localhost:${port}${path}`, { ca }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    call.on('error', reject)
    call.end()
  })
}

const programsOf = async (folder: string): Promise<string[]> =>
  (await run('ps', ['-eo', 'args', '--no-headers'])).stdout
    .split('\n')
    .filter((line) => line.includes(folder))

describe('npm start', () => {
  it('runs a console and an observing agent, keeps everything for the next start, and stops cleanly', async () => {
    expect(await start('--name', 'console.lan', '--name', '10.0.2.100')).toBeNull()
    expect(output).toContain(`https://localhost:${port}`)
    const served = new X509Certificate(await readFile(join(data, 'console', 'pki', 'server.crt')))
    expect([served.checkHost('console.lan'), served.checkIP('10.0.2.100')]).toEqual([
      'console.lan',
      '10.0.2.100',
    ])
    const oneTime = /secadmin\s+(\S+)/.exec(output)?.[1] ?? ''
    expect(JSON.parse((await get('/api/health')).body)).toMatchObject({ status: 'ok' })
    expect(JSON.parse((await get('/api/openapi.json')).body)).toHaveProperty('openapi')
    expect((await get('/')).body).toContain('<div id="root">')

    const authority = await readFile(join(data, 'console', 'pki', 'authority.crt'), 'utf8')
    const address = `https://localhost:${port}`
    const admin = await signInAt(address, authority, 'secadmin', oneTime)
    await expect(admin.get('/api/computers')).rejects.toMatchObject({ status: 403 })
    await admin.send('POST', '/api/session/password', { current: oneTime, next: testPassword })
    const trial = async (): Promise<Computer | undefined> =>
      (await admin.get<{ computers: Computer[] }>('/api/computers')).computers[0]
    await expect.poll(async () => (await trial())?.status, { timeout: 20_000 }).toBe('online')
    expect(await trial()).toMatchObject({
      level: 'confidential',
      networkMode: 'classified-lan',
      violations: [],
    })

    await interrupt()
    expect(output).toContain('Stopped.')
    expect(await programsOf(data)).toEqual([])

    output = ''
    expect(await start()).toBeNull()
    expect(output).not.toContain('one-time')
    expect(output).toContain('enrolled before')
    const again = await signInAt(address, authority, 'secadmin', testPassword)
    expect((await again.get<{ computers: Computer[] }>('/api/computers')).computers).toHaveLength(1)
  })

  it('leaves nothing running when it is killed itself', async () => {
    expect(await start()).toBeNull()
    if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await expect.poll(() => programsOf(data), { timeout: 15_000 }).toEqual([])
  })

  it('says in one sentence that a port is in use', async () => {
    const server = createServer()
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    try {
      expect(await start()).toBe(1)
      expect(output).toMatch(new RegExp(`Shoukou could not start: Port ${port} is in use; choose another`))
    } finally {
      server.close()
    }
  })

  it('says in one sentence that the folder can’t be written', async () => {
    const file = join(data, 'file')
    await writeFile(file, '')
    expect(await start('--data', join(file, 'below'))).toBe(1)
    expect(output).toMatch(/Shoukou could not start: The data folder .*can't be written .*--data DIR/)
  })

  it('refuses a port that is none, and an option that does not exist', async () => {
    expect(await start('--port', 'http')).toBe(1)
    expect(output).toMatch(/--port takes a number from 0 to 65534, not "http"/)
    output = ''
    expect(await start('--force')).toBe(1)
    expect(output).toMatch(/Unknown option '--force'/)
  })
})
