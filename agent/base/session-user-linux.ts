/**
 * Who sits at the computer: the active local sessions, as systemd-logind keeps them in /run. Only reads.
 *
 * Not who did something: an account says who was signed in, never whose hand it was.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { type LogindSession, parseLogindSession } from './parse-logind-session.ts'

export interface Session {
  readonly user: string
  readonly uid: number
  /** `x11`, `wayland`, `tty` … */
  readonly type: string
}

const defaultFolder = '/run/systemd/sessions'
const sessionsMax = 1_024

/** Reads the active sessions of people at this computer; none where logind does not run: then nobody can say. */
export function readSessions(folder = defaultFolder): Session[] {
  return namesIn(folder)
    .slice(0, sessionsMax)
    .flatMap((name) => {
      const session = readSession(folder, name)
      if (session === null || session.uid === null || session.class !== 'user') return []
      if (!session.isActive || session.isRemote) return []
      return [{ user: session.user.toString('utf8'), uid: session.uid, type: session.type }]
    })
}

/** Reads the account of the active session; null where there is none, or more than one account has one. */
export function readSessionUser(folder = defaultFolder): string | null {
  const users = new Set(readSessions(folder).map(({ user }) => user))
  return users.size === 1 ? ([...users][0] ?? null) : null
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.endsWith('.ref'))
  } catch {
    return []
  }
}

function readSession(folder: string, name: string): LogindSession | null {
  try {
    return parseLogindSession(name, readFileSync(`${folder}/${name}`))
  } catch {
    // It ended between the listing and the reading.
    return null
  }
}
