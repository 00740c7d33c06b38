/** Reads who is logged on: /run/utmp, logind's files, and the processes that utmp names. Only reads, within bounds. */
import { constants } from 'node:fs'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { type LogindSession, parseLogindSession } from '../../base/parse-logind-session.ts'
import { parseUtmpRecords, USER_PROCESS, type UtmpRecord } from '../../base/parse-utmp-records.ts'
import type { SessionLists, SessionProcess } from './join-sessions.ts'
import { SESSION_LIMITS } from './session-limits.ts'

export interface SessionPlaces {
  /** /run/utmp, or a test's. */
  readonly utmp: string
  /** /run/systemd/sessions, or a test's. */
  readonly logind: string
  readonly proc: string
}

export type SourceState =
  | { readonly kind: 'read' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly reason: string }

export interface SessionsRead extends SessionLists {
  readonly utmpState: SourceState
  readonly logindState: SourceState
}

interface Source<T> {
  readonly state: SourceState
  readonly found: readonly T[]
}

/** Reads both lists; never throws for what a list may be. */
export async function readSessionLists(places: SessionPlaces): Promise<SessionsRead> {
  const [utmp, logind] = await Promise.all([readUtmp(places.utmp), readLogind(places.logind)])
  const processes = new Map<number, SessionProcess | null>()
  for (const { type, pid } of utmp.found) {
    if (type === USER_PROCESS && pid > 0 && !processes.has(pid))
      processes.set(pid, await readProcess(places.proc, pid))
  }
  return {
    utmp: utmp.found,
    logind: logind.found,
    processes,
    utmpState: utmp.state,
    logindState: logind.state,
  }
}

async function readUtmp(path: string): Promise<Source<UtmpRecord>> {
  try {
    const bytes = await readWithin(path, SESSION_LIMITS.utmpBytesMax)
    const records = parseUtmpRecords(bytes)
    if (records !== null) return { state: { kind: 'read' }, found: [...records] }
    return unreadable(`${path} holds no records of a known layout`)
  } catch (error) {
    return failed(path, error)
  }
}

async function readLogind(folder: string): Promise<Source<LogindSession>> {
  try {
    const names = (await readdir(folder)).filter((name) => /^[A-Za-z0-9]{1,64}$/.test(name))
    const found: LogindSession[] = []
    for (const name of names.slice(0, SESSION_LIMITS.logindFilesMax)) {
      const session = await readLogindFile(folder, name)
      if (session !== null) found.push(session)
    }
    return { state: { kind: 'read' }, found }
  } catch (error) {
    return failed(folder, error)
  }
}

/** Null where it ended between the listing and the reading. */
async function readLogindFile(folder: string, name: string): Promise<LogindSession | null> {
  try {
    return parseLogindSession(name, await readWithin(`${folder}/${name}`, SESSION_LIMITS.logindBytesMax))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** A pipe in the place of a file is not waited for, and of what has no end only the beginning is read. */
async function readWithin(path: string, bytesMax: number): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const found = await file.stat()
    if (!found.isFile()) throw Object.assign(new Error('no file'), { code: 'ENOTFILE' })
    const length = Math.min(found.size, bytesMax)
    const buffer = Buffer.alloc(length)
    const { bytesRead } = await file.read(buffer, 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function readProcess(proc: string, pid: number): Promise<SessionProcess | null> {
  const folder = `${proc}/${pid}`
  try {
    await stat(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    return { logindName: null, loginUid: null }
  }
  const scope = /session-([A-Za-z0-9]{1,64})\.scope/.exec(await readText(`${folder}/cgroup`))
  const uid = Number((await readText(`${folder}/loginuid`)) || Number.NaN)
  return {
    logindName: scope?.[1] ?? null,
    loginUid: Number.isInteger(uid) && uid < 0xffff_ffff ? uid : null,
  }
}

/** Empty where the process ended meanwhile, or the kernel keeps no such thing. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1')
  } catch {
    return ''
  }
}

function failed<T>(path: string, error: unknown): Source<T> {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return { state: { kind: 'absent' }, found: [] }
  return unreadable(`${path} cannot be read (${code})`)
}

function unreadable<T>(reason: string): Source<T> {
  return { state: { kind: 'unreadable', reason }, found: [] }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}
