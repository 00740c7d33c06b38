/**
 * Who sits at the computer: the active local sessions, as systemd-logind keeps them in /run. Only reads.
 *
 * Not who did something: an account says who was signed in, never whose hand it was.
 */
import { readdirSync, readFileSync } from 'node:fs'

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
      const session = readSession(`${folder}/${name}`)
      const isHere = session.get('ACTIVE') === '1' && session.get('REMOTE') !== '1'
      const user = session.get('USER')
      const uid = Number(session.get('UID'))
      if (!isHere || session.get('CLASS') !== 'user' || user === undefined || !Number.isInteger(uid))
        return []
      return [{ user, uid, type: session.get('TYPE') ?? '' }]
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

function readSession(path: string): ReadonlyMap<string, string> {
  try {
    const lines = readFileSync(path, 'utf8').split('\n')
    return new Map(
      lines.flatMap((line) => {
        const at = line.indexOf('=')
        return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : []
      }),
    )
  } catch {
    // It ended between the listing and the reading.
    return new Map()
  }
}
