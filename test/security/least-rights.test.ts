/**
 * The console and its signing process need no right of the machine: they start and answer without a single capability, and their units
 * give them none, one folder each, and the signing process no network.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../house/tracked-files.ts'

let folder: string
let child: ChildProcess
let port: number | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoukou-rights-'))
  child = spawn(
    'setpriv',
    [
      ...['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs', process.execPath],
      ...[join(ROOT, 'console/cli/shoukou-console.ts'), 'run', '--data', folder, '--port', '0'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  // Read on to its end: a console whose output nobody reads any more would be told so by the kernel.
  let printed = ''
  const said = Promise.withResolvers<void>()
  child.stdout?.on('data', (part: Buffer) => {
    printed += part.toString('utf8')
    const address = /^https:\/\/localhost:(\d+)$/m.exec(printed)
    if (address === null) return
    port = Number(address[1])
    said.resolve()
  })
  child.once('exit', () => said.resolve())
  await said.promise
  if (port === undefined) throw new Error(`The console did not start: ${printed}`)
}, 60_000)
afterAll(async () => {
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
  await rm(folder, { recursive: true })
})

/** The console and whatever it started, as the kernel knows them. */
async function ownProcesses(): Promise<string[]> {
  const all = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')),
  )
  const valueOf = (status: string, key: string): string =>
    new RegExp(`^${key}:\\s+(.+)$`, 'm').exec(status)?.[1] ?? ''
  return all.filter(
    (status) => valueOf(status, 'Pid') === String(child.pid) || valueOf(status, 'PPid') === String(child.pid),
  )
}

describe('a console without any capability', () => {
  it('answers, with its signing process, and neither has any nor can gain one', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      // Whose certificate it is does not matter here.
      const asked = request(
        { host: '127.0.0.1', port, path: '/api/health', rejectUnauthorized: false },
        (answer) => {
          answer.resume()
          resolve(answer.statusCode ?? 0)
        },
      )
      asked.on('error', reject)
      asked.end()
    })
    expect(status).toBe(200)
    const processes = await ownProcesses()
    expect(processes.length).toBeGreaterThanOrEqual(2)
    for (const one of processes) {
      expect(one).toMatch(/^CapEff:\s+0+$/m)
      expect(one).toMatch(/^CapBnd:\s+0+$/m)
      expect(one).toMatch(/^NoNewPrivs:\s+1$/m)
    }
  })

  it('keeps what it writes in its own folder, for its owner alone, and each of it is on the page on data', async () => {
    const page = readFileSync(join(ROOT, 'console/docs/data.md'), 'utf8')
    const own = join(folder, 'console')
    for (const name of await readdir(own)) {
      expect(page, name).toContain(`\`${name}\``)
      expect((await stat(join(own, name))).mode & 0o077, name).toBe(0)
    }
    expect((await stat(own)).mode & 0o077).toBe(0)
    for (const name of (await readdir(join(own, 'pki'))).filter((one) => one.endsWith('.key')))
      expect((await stat(join(own, 'pki', name))).mode & 0o177, name).toBe(0)
  })
})

describe.each(['console', 'signer'])('the unit of the %s', (name) => {
  const lines = readFileSync(join(ROOT, `console/packaging/shoukou-${name}.service`), 'utf8').split('\n')
  const valuesOf = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1))

  it('gives it an account of its own, no capability and one folder', () => {
    expect(valuesOf('User')).toEqual([name === 'console' ? 'shoukou' : 'shoukou-signer'])
    for (const key of ['CapabilityBoundingSet', 'AmbientCapabilities']) expect(valuesOf(key)).toEqual([''])
    for (const key of ['NoNewPrivileges', 'PrivateTmp', 'PrivateDevices', 'ProtectHome', 'RestrictSUIDSGID'])
      expect(valuesOf(key), key).toEqual(['yes'])
    expect(valuesOf('ProtectSystem')).toEqual(['strict'])
    expect(valuesOf('ReadWritePaths')).toEqual([])
    expect([...valuesOf('StateDirectory'), ...valuesOf('StateDirectoryMode')]).toEqual([
      `shoukou-${name}`,
      '0700',
    ])
    expect(valuesOf('SystemCallFilter')).toEqual(['@system-service', '~@privileged'])
  })

  it('brings it back after a fault, and keeps no core of it', () => {
    expect([...valuesOf('Restart'), ...valuesOf('LimitCORE')]).toEqual(['always', '0'])
  })

  it('lets it reach no more of the network than it needs', () => {
    expect(valuesOf('RestrictAddressFamilies')).toEqual([
      name === 'console' ? 'AF_UNIX AF_INET AF_INET6' : 'AF_UNIX',
    ])
    expect(valuesOf('PrivateNetwork')).toEqual(name === 'console' ? [] : ['yes'])
  })
})
