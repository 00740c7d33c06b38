/**
 * The folder of a demonstration: never one with anything else in it, and emptied only where it says twice that it is one, by a
 * file beside the data and by the mark in the store.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomically } from '../../console/base/atomic-file.ts'
import { takeDataLock } from '../../console/store/data-lock.ts'
import { openSqliteStoreHere } from '../../console/store/open-store.ts'
import type { AgentIdentity } from './agent.ts'
import { removeQuickFolder } from './quick-folder.ts'
import type { UnitSize } from './unit.ts'

export interface DemoFolder {
  readonly path: string
  readonly console: string
  readonly database: string
  readonly config: string
  readonly logs: string
}

export interface DemoState extends UnitSize {
  readonly v: 1
  /** `filling`: it was not filled to its end, and is filled anew. */
  readonly state: 'filling' | 'ready'
  readonly days: number
  /** Where it is filled, while it is; left out: where it stands. */
  readonly filledIn?: string
  /** The simulated agents with their keys: made up as all the rest, and still keys of this console. */
  readonly agents: readonly AgentIdentity[]
}

/** What a refusal is about; the words are the caller's. */
export class NotADemonstration extends Error {
  readonly path: string
  constructor(path: string) {
    super(`${path} has something in it that is no demonstration.`)
    this.name = 'NotADemonstration'
    this.path = path
  }
}

const stateName = 'demonstration.json'

export function demoFolder(path: string): DemoFolder {
  const console = join(path, 'console')
  return {
    path,
    console,
    database: join(console, 'console.db'),
    config: join(path, 'console.json'),
    logs: join(path, 'logs'),
  }
}

/**
 * Returns what the folder holds: null where it is empty or not there. Nothing in it is changed, but that a database of an older
 * version is brought up to this one.
 *
 * @throws NotADemonstration where anything in it is not of a demonstration.
 */
export async function readDemoFolder(folder: DemoFolder): Promise<DemoState | null> {
  if (!existsSync(folder.path) || (await readdir(folder.path)).length === 0) return null
  if (!existsSync(join(folder.path, stateName))) throw new NotADemonstration(folder.path)
  if (existsSync(folder.database) && !(await isMarked(folder.database)))
    throw new NotADemonstration(folder.path)
  return readState(folder)
}

async function readState({ path }: DemoFolder): Promise<DemoState | null> {
  const file = join(path, stateName)
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as DemoState) : null
}

/** Empties a folder that `readDemoFolder` has read. @throws ShoukouError where a console runs on it. */
export async function emptyDemoFolder(folder: DemoFolder): Promise<void> {
  if (existsSync(folder.console)) takeDataLock(folder.console).release()
  const left = (await readState(folder))?.filledIn
  if (left !== undefined) await removeQuickFolder(left)
  for (const name of ['console', 'logs', 'console.json', stateName])
    await rm(join(folder.path, name), { recursive: true, force: true })
}

/** Says that the folder is a demonstration's, before anything else stands in it; later, how far it is. */
export async function writeDemoState(folder: DemoFolder, state: DemoState): Promise<void> {
  await mkdir(folder.logs, { recursive: true, mode: 0o700 })
  await writeFileAtomically(join(folder.path, stateName), `${JSON.stringify(state)}\n`)
}

async function isMarked(database: string): Promise<boolean> {
  const store = await openSqliteStoreHere(database)
  try {
    return (await store.demonstrationSince()) !== null
  } finally {
    await store.close()
  }
}
