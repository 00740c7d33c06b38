/**
 * The units that start the agent: each directive is one that systemd knows, what is never used is taken from them, and what
 * the agent needs is not. Where `systemd-analyze` is there, it reads them too: as they are installed, without a warning.
 */
import { execFile } from 'node:child_process'
import { access, chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'

const run = promisify(execFile)
const packaging = new URL('../../agent/packaging/', import.meta.url).pathname
const names = ['shoukou-agent.service', 'shoukou-hold.service'] as const
const systemUnits = '/usr/lib/systemd/system'

type Unit = ReadonlyMap<string, readonly string[]>

/** Each directive as `Section.Name` with its values in order (systemd.syntax(7)). */
async function readUnit(name: string): Promise<Unit> {
  const unit = new Map<string, string[]>()
  let section = ''
  for (const line of (await readFile(join(packaging, name), 'utf8')).split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const header = /^\[([A-Za-z]+)\]$/.exec(line)?.[1]
    if (header !== undefined) {
      section = header
      continue
    }
    const [key = '', ...rest] = line.split('=')
    const values = unit.get(`${section}.${key}`) ?? []
    unit.set(`${section}.${key}`, [...values, rest.join('=')])
  }
  return unit
}

const words = (unit: Unit, key: string): readonly string[] =>
  (unit.get(`Service.${key}`) ?? []).join(' ').split(' ')

/** What the agent is to be able to do, and the capability that it takes (capabilities(7)). */
const needed = {
  CAP_SYS_ADMIN: 'mounts, bpf(2) on older kernels, usbfs',
  CAP_BPF: 'the device guard and the connection guard',
  CAP_PERFMON: 'programs that read kernel structures',
  CAP_NET_ADMIN: 'the packet table, interfaces set down',
  CAP_NET_RAW: 'packet sockets',
  CAP_SYS_PTRACE: 'which program holds a socket',
  CAP_DAC_OVERRIDE: 'files of every account',
  CAP_DAC_READ_SEARCH: 'fanotify by handles',
  CAP_SYS_RAWIO: 'commands to a disk',
  CAP_SYS_MODULE: 'the loop driver, by modprobe',
  CAP_SETUID: 'a notification in a session, as its account',
  CAP_KILL: 'ending a connection by its process',
} as const

describe.each(names)('%s', (name) => {
  let unit: Unit
  beforeAll(async () => {
    unit = await readUnit(name)
  })

  it('takes nothing that the agent needs', () => {
    const [bounding = ''] = words(unit, 'CapabilityBoundingSet')
    // What is listed behind ~ is taken; all else stays.
    expect(bounding.startsWith('~')).toBe(true)
    const taken = words(unit, 'CapabilityBoundingSet').map((one) => one.replace('~', ''))
    for (const capability of Object.keys(needed)) expect(taken, capability).not.toContain(capability)
    const calls = words(unit, 'SystemCallFilter').map((one) => one.replace('~', ''))
    for (const group of ['@module', '@mount', '@privileged', '@resources', '@network-io', '@process'])
      expect(calls).not.toContain(group)
    for (const family of ['AF_UNIX', 'AF_INET', 'AF_INET6', 'AF_NETLINK', 'AF_PACKET', 'AF_BLUETOOTH'])
      expect(words(unit, 'RestrictAddressFamilies')).toContain(family)
    // Each of these is a wall between the agent and what it watches: a mount, device or network namespace of its own.
    const walls = [
      ...['ProtectSystem', 'ProtectHome', 'PrivateDevices', 'PrivateMounts', 'PrivateTmp', 'PrivateNetwork'],
      ...['ProtectClock', 'ProtectControlGroups', 'ProtectKernelTunables', 'ProtectKernelModules'],
      ...['ProtectKernelLogs', 'ProtectProc', 'ProtectHostname', 'DevicePolicy', 'DeviceAllow', 'User'],
    ]
    for (const wall of walls) expect(unit.has(`Service.${wall}`), wall).toBe(false)
    expect(words(unit, 'LimitMEMLOCK')).toEqual(['infinity'])
  })

  it('takes what is never used, and lets no key into a core file', () => {
    for (const key of ['NoNewPrivileges', 'LockPersonality', 'RestrictRealtime', 'RestrictSUIDSGID'])
      expect(words(unit, key), key).toEqual(['yes'])
    expect(words(unit, 'RestrictNamespaces')).toEqual(['yes'])
    expect(words(unit, 'SystemCallArchitectures')).toEqual(['native'])
    expect(words(unit, 'SystemCallFilter').join(' ')).toBe(
      '~@clock @cpu-emulation @debug @obsolete @raw-io @reboot @swap',
    )
    expect(words(unit, 'LimitCORE')).toEqual(['0'])
    expect(words(unit, 'UMask')).toEqual(['0077'])
    expect(words(unit, 'RuntimeDirectoryPreserve')).toEqual(['yes'])
  })
})

it('the agent comes back however often it is killed; the denial is there before drivers are', async () => {
  const [agent, hold] = await Promise.all(names.map(readUnit))
  expect(agent?.get('Service.Restart')).toEqual(['always'])
  expect(agent?.get('Unit.StartLimitIntervalSec')).toEqual(['0'])
  expect(agent?.get('Service.ExecStart')).toEqual(['/usr/bin/shoukou-agent run'])
  expect(agent?.get('Install.WantedBy')).toEqual(['multi-user.target'])
  expect(hold?.get('Service.ExecStart')).toEqual(['/usr/bin/shoukou-agent hold'])
  expect(hold?.get('Unit.DefaultDependencies')).toEqual(['no'])
  expect(hold?.get('Unit.Before')?.join(' ')).toContain('systemd-udevd.service')
  expect(hold?.get('Install.WantedBy')).toEqual(['sysinit.target'])
})

/** Exposure as `systemd-analyze security` adds it up; what it counts differs a little between its versions. */
const exposureMax = { 'shoukou-agent.service': 7.1, 'shoukou-hold.service': 6.9 } as const

describe('as systemd reads them', () => {
  it('they are without fault, and a fault would be found', async () => {
    if (!(await hasAnalyzer())) return expect(await version()).toBe(null)
    const root = await installedRoot()
    expect(await complaints(root)).toBe('')
    const path = join(root, systemUnits, names[0])
    await writeFile(path, (await readFile(path, 'utf8')).replace('NoNewPrivileges=yes', 'NoNewPrivilege=yes'))
    expect(await complaints(root)).toContain("'NoNewPrivilege'")
  })

  it.each(names)(
    '%s is exposed no more than its bound, and one directive less would be seen',
    async (name) => {
      if (!(await hasAnalyzer())) return expect(await version()).toBe(null)
      const folder = await folderForTest()
      const path = join(folder, name)
      const text = await readFile(join(packaging, name), 'utf8')
      await writeFile(path, text)
      const exposure = await exposureOf(path)
      expect(exposure).toBeGreaterThan(0)
      expect(exposure).toBeLessThanOrEqual(exposureMax[name])
      await writeFile(path, text.replace('RestrictNamespaces=yes\n', ''))
      expect(await exposureOf(path)).toBeGreaterThan(exposure)
    },
  )
})

async function version(): Promise<string | null> {
  try {
    return (await run('systemd-analyze', ['--version'])).stdout
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw fault
  }
}

/** `security --offline` and `verify --root` are there since systemd 250. */
async function hasAnalyzer(): Promise<boolean> {
  const found = Number(/^systemd (\d+)/.exec((await version()) ?? '')?.[1] ?? 0)
  return found >= 250
}

async function exposureOf(path: string): Promise<number> {
  const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', path])
  return Number(/Overall exposure level .*: ([0-9.]+) /.exec(stdout)?.[1])
}

/** A root folder with the system's own units, the agent's beside them, and a program under the name that they start. */
async function installedRoot(): Promise<string> {
  const root = await folderForTest()
  await access(systemUnits)
  await mkdir(join(root, 'usr/bin'), { recursive: true })
  await mkdir(join(root, 'etc/systemd/system'), { recursive: true })
  await cp(systemUnits, join(root, systemUnits), { recursive: true, verbatimSymlinks: true })
  await symlink('usr/lib', join(root, 'lib'))
  await symlink('usr/bin', join(root, 'bin'))
  for (const name of names) await cp(join(packaging, name), join(root, systemUnits, name))
  await writeFile(join(root, 'usr/bin/shoukou-agent'), '#!/bin/sh\n')
  await chmod(join(root, 'usr/bin/shoukou-agent'), 0o755)
  return root
}

/** What it says of these units; others of this computer are not ours. */
async function complaints(root: string): Promise<string> {
  const { stderr } = await run('systemd-analyze', ['verify', '--man=no', `--root=${root}`, ...names]).catch(
    (fault: { stderr: string }) => fault,
  )
  return stderr
    .split('\n')
    .filter((line) => line.includes('shoukou'))
    .join('\n')
}

async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'unit-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
