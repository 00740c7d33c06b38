/**
 * From the system's two lists of log-ons to sessions of people, each once: /run/utmp (terminals and screens) and logind's
 * (what PAM opened). Pure.
 *
 * Which logind session a record of utmp belongs to is told by its process's control group. Several records of one session are
 * its windows and are not told; what only one of the lists has is told from there.
 */
import { createHash } from 'node:crypto'
import { rawTextOf, type Session } from '@shoukou/protocol'
import type { LogindSession } from '../../base/parse-logind-session.ts'
import { isOwnScreen, USER_PROCESS, type UtmpRecord } from '../../base/parse-utmp-records.ts'

/** What the kernel says of the process that a record of utmp names. */
export interface SessionProcess {
  /** logind's name of the session that it runs in. */
  readonly logindName: string | null
  /** Who logged on, which no change of account alters; null where the kernel was not told. */
  readonly loginUid: number | null
}

export interface SessionLists {
  readonly utmp: readonly UtmpRecord[]
  readonly logind: readonly LogindSession[]
  /** By pid; null: there is no such process any more. */
  readonly processes: ReadonlyMap<number, SessionProcess | null>
}

/** A line that waits for the next person: INIT_PROCESS, LOGIN_PROCESS, DEAD_PROCESS. */
const struckOffTypes: readonly number[] = [5, 6, 8]

/** Returns the sessions that are open, the oldest first. */
export function joinSessions({ utmp, logind, processes }: SessionLists): Session[] {
  const people = logind.filter(isOfAPerson)
  const known = new Set(people.map(({ name }) => name))
  const claimed = new Map<string, UtmpRecord>()
  const sessions: Session[] = []
  for (const record of utmp) {
    if (record.type !== USER_PROCESS || record.user.length === 0) continue
    const process = record.pid > 0 ? processes.get(record.pid) : undefined
    // Killed, and nobody struck it off.
    if (process === null) continue
    const name = process?.logindName ?? null
    if (name !== null && known.has(name)) {
      if (!claimed.has(name)) claimed.set(name, record)
    } else if (!isWindow(record)) sessions.push(utmpSession(record, process?.loginUid ?? null))
  }
  for (const one of people) {
    // Its programs run on, and the person is gone.
    if (one.state !== 'closing') sessions.push(logindSession(one, claimed.get(one.name) ?? null))
  }
  return sessions.toSorted((a, b) => (a.openedWallMs ?? 0) - (b.openedWallMs ?? 0) || (a.id < b.id ? -1 : 1))
}

export interface StruckOff {
  readonly ending: 'logged-out' | 'process-gone' | 'gone'
  readonly closedWallMs: number | null
}

/** Returns how a session that is no longer open ended, by what the lists say now. */
export function endingOf(session: Session, { utmp, processes }: SessionLists): StruckOff {
  // logind strikes off what its leader, or the person, ended; it does not say when.
  if (session.source === 'logind') return { ending: 'logged-out', closedWallMs: null }
  const line = JSON.stringify(session.line)
  const onLine = utmp.filter((record) => JSON.stringify(rawTextOf(record.line)) === line)
  const off = onLine.find(
    ({ type, wallMs }) => struckOffTypes.includes(type) && wallMs >= (session.openedWallMs ?? 0),
  )
  if (off !== undefined) return { ending: 'logged-out', closedWallMs: off.wallMs }
  const isStale = onLine.some(
    (record) => record.wallMs === session.openedWallMs && processes.get(record.pid) === null,
  )
  return { ending: isStale ? 'process-gone' : 'gone', closedWallMs: null }
}

function isOfAPerson({ class: kind }: LogindSession): boolean {
  // Newer versions have `user-early` and `user-light` beside `user`; `user-incomplete` has not been let in.
  return /^user(-early|-light)*$/.test(kind)
}

/** A terminal window on a screen of this computer: whoever opened it has the screen's session. */
function isWindow({ line, host }: UtmpRecord): boolean {
  return host.length > 0 && isOwnScreen(host) && line.toString('latin1').startsWith('pts/')
}

function utmpSession(record: UtmpRecord, uid: number | null): Session {
  const { line, user, wallMs, pid } = record
  return {
    id: idOf(['utmp', line.toString('latin1'), String(pid), String(wallMs)]),
    user: rawTextOf(user),
    uid,
    line: line.length === 0 ? null : rawTextOf(line),
    seat: null,
    remoteHost: hostOf(record),
    openedWallMs: wallMs,
    source: 'utmp',
  }
}

function logindSession(one: LogindSession, record: UtmpRecord | null): Session {
  const { name, user, uid, line, seat, remoteHost, isRemote, beganWallMs } = one
  const told = remoteHost === null ? null : rawTextOf(remoteHost)
  const listed = record === null ? null : hostOf(record)
  return {
    id: idOf(['logind', name, String(uid), String(beganWallMs)]),
    user: rawTextOf(user),
    uid,
    line: line === null ? (record === null ? null : rawTextOf(record.line)) : rawTextOf(line),
    seat: seat === null ? null : rawTextOf(seat),
    // Over a network, and from where nobody wrote down: that it came from afar is not lost.
    remoteHost: told ?? listed ?? (isRemote ? '' : null),
    openedWallMs: beganWallMs ?? record?.wallMs ?? null,
    source: 'logind',
  }
}

/** The address where there is one: a name is what the other side's own servers say. */
function hostOf({ host, address }: UtmpRecord): Session['remoteHost'] {
  if (address !== null) return address
  return isOwnScreen(host) ? null : rawTextOf(host)
}

function idOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
