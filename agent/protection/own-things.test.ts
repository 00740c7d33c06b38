import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FactNamed } from '@shoukou/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writeFileAtomic } from '../base/atomic-file.ts'
import { createLog } from '../base/log.ts'
import type { OwnPath } from './entries.ts'
import { OwnThings } from './own-things.ts'
import { findOwnUnits } from './own-units-linux.ts'
import { digestOf, findProgram } from './program-files.ts'
import { readEntry } from './read-entry.ts'
import { changedSince, type Recorded } from './recorded.ts'

type Altered = FactNamed<'agent.altered'>

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'shoukou-own-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

async function watched(
  root: string,
  paths: readonly OwnPath[],
  more: { dropIns?: readonly string[] } = {},
): Promise<{
  told: Altered[]
  things: OwnThings
  reloads: () => number
  until: (count: number) => Promise<void>
}> {
  const told: Altered[] = []
  let reloads = 0
  const things = new OwnThings({
    paths,
    sealedFolders: (more.dropIns ?? []).map((each) => ({ folder: each, thing: 'unit' as const })),
    setAside: join(root, 'set-aside'),
    tell: (fact) => told.push(fact),
    unitsRestored: async () => {
      reloads += 1
    },
    log: createLog('error'),
    sweepMs: 50,
    confirmMs: 20,
  })
  await things.start()
  onTestFinished(() => things.stop())
  const until = async (count: number): Promise<void> => {
    for (let tries = 0; tries < 400 && told.length < count; tries += 1) await sleep(25)
    expect(told.length).toBeGreaterThanOrEqual(count)
  }
  return { told, things, reloads: () => reloads, until }
}

describe('own files', () => {
  it('are put back when they are changed, removed, or opened to others, and each is told', async () => {
    const root = await folder()
    const path = join(root, 'policy.json')
    await writeFile(path, 'as it is', { mode: 0o600 })
    const { told, until } = await watched(root, [{ thing: 'policy', path }])
    await writeFile(path, 'as somebody wants it')
    await until(1)
    expect(told[0]).toMatchObject({ thing: 'policy', what: 'content-changed', isRestored: true, path })
    expect(await readFile(path, 'utf8')).toBe('as it is')
    await rm(path)
    await until(2)
    expect(told[1]).toMatchObject({ what: 'removed', isRestored: true })
    expect(await readFile(path, 'utf8')).toBe('as it is')
    await chmod(path, 0o666)
    await until(3)
    expect(told[2]).toMatchObject({ what: 'mode-changed', isRestored: true })
    expect((await readEntry(path)).entry).toMatchObject({ mode: 0o600 })
  })

  it('accuse nobody of what the agent itself writes, however often', async () => {
    const root = await folder()
    const path = join(root, 'agent.json')
    await writeFileAtomic(path, 'first')
    const { told } = await watched(root, [{ thing: 'identity', path }])
    for (let at = 0; at < 60; at += 1) {
      await writeFileAtomic(path, `version ${at}`)
      await sleep(5)
    }
    await sleep(300)
    expect(told).toEqual([])
    expect(await readFile(path, 'utf8')).toBe('version 59')
  })

  it('written by the agent with an open mode are no difference, whatever its umask takes from new files', async () => {
    const root = await folder()
    const path = join(root, 'bundle.pub')
    const { told } = await watched(root, [{ thing: 'identity', path }])
    await writeFileAtomic(path, 'a public key', 0o666)
    await sleep(300)
    expect(told).toEqual([])
    expect((await readEntry(path)).entry).toMatchObject({ mode: 0o666 })
  })

  it('that can’t be read hide none of the others', async () => {
    const root = await folder()
    const unreadable = join(root, 'x'.repeat(300))
    const path = join(root, 'agent.json')
    await writeFile(path, 'as it is', { mode: 0o600 })
    const { told, until } = await watched(
      root,
      [unreadable, path].map((each) => ({ thing: 'configuration' as const, path: each })),
    )
    await writeFile(path, 'as somebody wants it')
    await until(1)
    expect(told[0]).toMatchObject({ path, what: 'content-changed', isRestored: true })
  })

  it('below a folder that became a link to itself are missed, not passed over', async () => {
    const root = await folder()
    await mkdir(join(root, 'identity'))
    const path = join(root, 'identity', 'agent.key')
    await writeFile(path, 'as it is', { mode: 0o600 })
    const { told, until } = await watched(root, [{ thing: 'identity', path }])
    await rm(join(root, 'identity'), { recursive: true })
    await symlink('identity', join(root, 'identity'))
    await until(1)
    expect(told[0]).toMatchObject({ what: 'removed', path })
  })

  it('that are folders accuse nobody when something in them changes', async () => {
    const root = await folder()
    const path = join(root, 'drop-ins')
    await mkdir(path)
    const { told } = await watched(root, [{ thing: 'unit', path, unit: 'drop-in' }])
    await writeFile(join(path, 'added'), '')
    await sleep(300)
    expect(told).toEqual([])
  })

  it('that can’t be put back are told once, not at each look', async () => {
    const root = await folder()
    const path = join(root, 'program.js')
    await writeFile(path, Buffer.alloc(5 * 1_048_576, 1))
    const { told, until } = await watched(root, [{ thing: 'program', path }])
    // At once: what is half written is another content again.
    await writeFile(`${path}.new`, Buffer.alloc(5 * 1_048_576, 2))
    await rename(`${path}.new`, path)
    await until(1)
    await sleep(400)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({ thing: 'program', what: 'content-changed', isRestored: false })
    expect(told[0]?.expectedHash).not.toBe(told[0]?.observedHash)
  })
})

describe('the agent’s units', () => {
  async function installed(): Promise<{ root: string; etc: string; lib: string }> {
    const root = await folder()
    const etc = join(root, 'etc/systemd/system')
    const lib = join(root, 'usr/lib/systemd/system')
    await mkdir(join(etc, 'multi-user.target.wants'), { recursive: true })
    await mkdir(lib, { recursive: true })
    await writeFile(join(lib, 'shoukou-agent.service'), '[Service]\nExecStart=/usr/bin/shoukou-agent run\n')
    await symlink(
      '/usr/lib/systemd/system/shoukou-agent.service',
      join(etc, 'multi-user.target.wants/shoukou-agent.service'),
    )
    return { root, etc, lib }
  }

  it('that are altered, disabled, masked or given a drop-in are put back, and the service manager reads them again', async () => {
    const { root, etc, lib } = await installed()
    const { paths, dropInFolders } = await findOwnUnits(root)
    const { told, until, reloads } = await watched(root, paths, { dropIns: dropInFolders })
    const fragment = join(lib, 'shoukou-agent.service')
    await writeFile(fragment, '[Service]\nExecStart=/bin/true\n')
    await until(1)
    expect(told[0]).toMatchObject({ thing: 'unit', what: 'content-changed', isRestored: true })
    expect(await readFile(fragment, 'utf8')).toContain('/usr/bin/shoukou-agent')
    const wants = join(etc, 'multi-user.target.wants/shoukou-agent.service')
    await unlink(wants)
    await until(2)
    expect(told[1]).toMatchObject({ what: 'disabled', serviceState: 'disabled', isRestored: true })
    expect((await readEntry(wants)).entry.kind).toBe('link')
    await symlink('/dev/null', join(etc, 'shoukou-agent.service'))
    await until(3)
    expect(told[2]).toMatchObject({ what: 'masked', serviceState: 'masked', isRestored: true })
    expect((await readEntry(join(etc, 'shoukou-agent.service'))).entry.kind).toBe('absent')
    const dropIn = join(etc, 'shoukou-agent.service.d/override.conf')
    await mkdir(dirname(dropIn))
    await writeFile(dropIn, '[Service]\nExecStart=\nExecStart=/bin/true\n')
    await until(4)
    expect(told[3]).toMatchObject({ what: 'drop-in-added', path: dropIn, isRestored: true })
    expect((await readdir(join(root, 'set-aside'))).some((name) => name.endsWith('override.conf'))).toBe(true)
    expect(reloads()).toBeGreaterThanOrEqual(4)
  })

  it('are nobody’s where no unit of the agent is installed', async () => {
    expect(await findOwnUnits(await folder())).toEqual({ paths: [], dropInFolders: [] })
  })
})

describe('what changed while the agent was not there', () => {
  const own: OwnPath = { thing: 'configuration', path: '/etc/shoukou/agent.json' }
  const policy: OwnPath = { thing: 'policy', path: '/p' }
  const file = (letter: string) => ({ kind: 'file', hash: letter.repeat(64), mode: 0o600, uid: 0 }) as const
  const recorded: Recorded = {
    v: 1,
    agent: 'a',
    version: '1.0.0',
    program: { script: '/usr/lib/shoukou/agent.js', digest: 'a'.repeat(64) },
    entries: [
      { path: own.path, entry: file('a') },
      { path: policy.path, entry: file('a') },
    ],
  }
  const found = {
    agent: 'a',
    version: '1.0.0',
    program: { kind: 'package', script: '/usr/lib/shoukou/agent.js', digest: 'a'.repeat(64) },
    entries: [
      { own, entry: file('a') },
      { own: policy, entry: file('a') },
    ],
    wasCleanStop: true,
  } as const

  it('is told with both hashes, and nothing is where all is as it was', () => {
    expect(changedSince(recorded, found)).toEqual([])
    const changed = { ...found, entries: [{ own, entry: file('b') }] }
    expect(changedSince(recorded, changed)).toMatchObject([
      { thing: 'configuration', what: 'content-changed', found: 'at-start', isRestored: false },
    ])
  })

  it('is an upgrade where the version is another, and tampering where it is the same', () => {
    const program = { ...found.program, digest: 'b'.repeat(64) }
    expect(changedSince(recorded, { ...found, program })).toMatchObject([{ what: 'content-changed' }])
    expect(changedSince(recorded, { ...found, program, version: '1.1.0' })).toMatchObject([
      { what: 'upgraded' },
    ])
    const source = { ...program, kind: 'source' as const }
    expect(changedSince(recorded, { ...found, program: source })).toMatchObject([{ what: 'source-changed' }])
  })

  it('says nothing of a policy that a run which was cut off may have written, nor of another agent’s record', () => {
    const changed = { ...found, entries: [{ own: policy, entry: file('b') }] }
    expect(changedSince(recorded, changed)).toHaveLength(1)
    expect(changedSince(recorded, { ...changed, wasCleanStop: false })).toEqual([])
    expect(changedSince({ ...recorded, agent: 'other' }, changed)).toEqual([])
    expect(changedSince(null, changed)).toEqual([])
  })
})

it('a program’s digest changes with any of its files', async () => {
  const root = await folder()
  await writeFile(join(root, 'shoukou-agent.js'), 'one')
  await writeFile(join(root, 'koffi.node'), 'two')
  const program = await findProgram(join(root, 'shoukou-agent.js'))
  expect(program).toMatchObject({ kind: 'package' })
  const before = await digestOf(program)
  await writeFile(join(root, 'koffi.node'), 'three')
  expect(await digestOf(program)).not.toBe(before)
})
