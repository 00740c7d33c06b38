/** The session of a computer's person on one workday, as an agent tells it: logged on after the start, off before the end. */
import type { Session } from '@shoukou/protocol'
import type { ToldFact } from './incidents.ts'
import type { Random } from './random.ts'
import type { DemoComputer } from './unit.ts'

type Told = Omit<ToldFact, 'afterMs'> & { readonly atMs: number }

/** Returns the session of whoever answers for the computer. */
export function ownSession({ person }: DemoComputer, openedWallMs: number, random: Random): Session {
  return {
    id: random.hex(16),
    ...{ user: person.account, uid: 1000, line: ':0', seat: 'seat0', remoteHost: null },
    ...{ openedWallMs, source: 'logind' },
  }
}

export function loggedOn(session: Session, atMs: number): Told {
  const fact = { kind: 'session.opened', origin: 'appeared', session } as const
  return { atMs, sensor: 'sessions', fact, decision: null }
}

export function loggedOff(session: Session, atMs: number): Told {
  const how = { closedWallMs: null, ending: 'logged-out', found: 'while-watching' } as const
  return { atMs, sensor: 'sessions', fact: { kind: 'session.closed', session, ...how }, decision: null }
}
