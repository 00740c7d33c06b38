/**
 * The units that start this agent: where their files stand, what enables them, and what could change them unseen.
 *
 * Only an agent that its own unit started looks after it: one that was started by hand has none.
 */
import { execFile } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isErrno } from '../base/atomic-file.ts'
import type { OwnPath } from './entries.ts'
import { stampOf } from './read-entry.ts'
import { parseSystemState } from './system-state.ts'

const run = promisify(execFile)

export const AGENT_UNIT = 'shoukou-agent.service'
const units = [AGENT_UNIT, 'shoukou-hold.service'] as const
/** Where systemd looks, the first one wins (systemd.unit(5)). */
const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]
const commandMsMax = 2_000
const stopMsMax = 30_000

export interface OwnUnits {
  readonly paths: readonly OwnPath[]
  readonly dropInFolders: readonly string[]
}

/** Reports whether this process is the main one of the agent's own unit. */
export async function isOwnUnit(proc = '/proc'): Promise<boolean> {
  if (process.env['INVOCATION_ID'] === undefined) return false
  const text = await readFile(`${proc}/self/cgroup`, 'latin1')
  return text.split('\n').some((line) => line.endsWith(`/${AGENT_UNIT}`))
}

/** Finds the files of the units below `root` (`/` outside tests). */
export async function findOwnUnits(root = '/'): Promise<OwnUnits> {
  const paths: OwnPath[] = []
  const dropInFolders: string[] = []
  for (const unit of units) {
    const places = unitFolders.map((folder) => join(root, folder, unit))
    const stamps = await Promise.all(places.map(stampOf))
    const own = places.find((_, at) => stamps[at] !== 'absent')
    if (own === undefined) continue
    paths.push({ thing: 'unit', path: own, unit: 'fragment' })
    // A file in a folder before it would take its place: a mask, or another unit of the same name.
    const before = places.slice(0, places.indexOf(own))
    paths.push(...before.map((path): OwnPath => ({ thing: 'unit', path, unit: 'mask' })))
    paths.push(...(await wantsOf(root, unit)))
    for (const folder of unitFolders) {
      const dropIns = join(root, folder, `${unit}.d`)
      dropInFolders.push(dropIns)
      // Those that are there now belong to the computer.
      for (const name of await namesIn(dropIns))
        paths.push({ thing: 'unit', path: join(dropIns, name), unit: 'drop-in' })
    }
  }
  return { paths, dropInFolders }
}

/** Stops and disables the units, and removes their files. Returns what could not be done, in words of the system. */
export async function removeOwnUnits(root = '/'): Promise<readonly string[]> {
  const left: string[] = []
  const { paths } = await findOwnUnits(root)
  const isManaged = (await stampOf(join(root, '/run/systemd/system'))) !== 'absent'
  if (isManaged && paths.length > 0) {
    // One after the other: an agent that runs would put back what is disabled.
    for (const args of [
      ['stop', AGENT_UNIT],
      ['disable', ...units],
    ])
      await run('systemctl', args, { timeout: stopMsMax }).catch((fault: unknown) => left.push(String(fault)))
  }
  for (const { path, unit } of paths) {
    if (unit === 'mask') continue
    await rm(path, { force: true }).catch((fault: unknown) => left.push(String(fault)))
  }
  if (isManaged) await reloadUnits().catch((fault: unknown) => left.push(String(fault)))
  return left
}

/** Has the service manager read its units again. */
export async function reloadUnits(): Promise<void> {
  await run('systemctl', ['daemon-reload'], { timeout: commandMsMax })
}

/**
 * Asks the service manager whether the computer goes on running; null where there is none, or it does not say
 * (systemctl(1), `is-system-running`).
 */
export async function isSystemRunning(): Promise<boolean | null> {
  const state = await run('systemctl', ['is-system-running'], { timeout: commandMsMax }).then(
    ({ stdout }) => stdout,
    // Any state but `running` is told with another exit code.
    (fault: { readonly stdout?: string }) => fault.stdout ?? '',
  )
  return parseSystemState(state)
}

async function wantsOf(root: string, unit: string): Promise<OwnPath[]> {
  const found: OwnPath[] = []
  const etc = join(root, '/etc/systemd/system')
  for (const name of await namesIn(etc)) {
    if (!/\.(?:wants|requires)$/.test(name)) continue
    const path = join(etc, name, unit)
    if ((await stampOf(path)) !== 'absent') found.push({ thing: 'unit', path, unit: 'wants' })
  }
  return found
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (fault) {
    if (isErrno(fault, 'ENOENT', 'ENOTDIR')) return []
    throw fault
  }
}
