/**
 * Who sits at the computer: the account of the active local session, as systemd-logind keeps it in /run. Only reads.
 *
 * Not who did something: an account says who was signed in, never whose hand it was.
 */
import { readdirSync, readFileSync } from 'node:fs'

const sessionsMax = 1_024

/** Reads the account of the active session that is not remote; null where there is none, or logind does not run. */
export function readSessionUser(folder = '/run/systemd/sessions'): string | null {
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => !name.endsWith('.ref'))
  } catch {
    // No logind: then nobody can say.
    return null
  }
  for (const name of names.slice(0, sessionsMax)) {
    const session = readSession(`${folder}/${name}`)
    const isHere = session.get('ACTIVE') === '1' && session.get('REMOTE') !== '1'
    const isPerson = session.get('CLASS') === 'user'
    if (isHere && isPerson) return session.get('USER') ?? null
  }
  return null
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
