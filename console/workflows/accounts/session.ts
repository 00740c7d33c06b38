/**
 * Sessions: what the cookie holds, what the store keeps, and when a session is over.
 *
 * The cookie holds 32 random bytes; the store keeps their SHA-256, so that a copy of the database opens no session. A
 * session counts only where it was opened: from the same address where the rules say so, under the same client
 * certificate where there was one, for the role that the account had then.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { AccountRow, Store } from '../../store/ports.ts'
import type { SessionEnding, SessionReach, SessionRow, SignInFactor } from '../../store/sign-in-ports.ts'
import type { WallRow } from '../../store/wall-ports.ts'
import { ACCOUNT_LIMITS } from './limits.ts'

export interface SessionLimits {
  readonly idleMs: number
  readonly absoluteMs: number
  /** How long a wall display's session may last from when it was opened; 0 or left out: there are none. */
  readonly wallMs?: number
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  idleMs: ACCOUNT_LIMITS.sessionIdleMs,
  absoluteMs: ACCOUNT_LIMITS.sessionMs,
}

export interface SignedIn {
  readonly session: SessionRow
  readonly account: AccountRow
}

export interface NewSession {
  readonly account: AccountRow
  readonly address: string
  readonly browser: string
  readonly factors: readonly SignInFactor[]
  readonly certificate: string | null
  readonly reach: SessionReach
  /** Ends the account's other sessions. */
  readonly isOnlyOne: boolean
}

export interface OpenedSession {
  /** The cookie's value, which is nowhere else. */
  readonly secret: string
  readonly session: SessionRow
  /** Ids of the sessions that made room for it. */
  readonly ended: readonly string[]
}

/** Where a request comes from. */
export interface Place {
  readonly address: string
  /** Fingerprint of the client certificate of the connection; null where there is none. */
  readonly certificate: string | null
  readonly isAddressKept: boolean
}

/** Returns the store's name of a cookie's value. */
export function sessionIdOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Adds a session, and ends those for which it leaves no room. */
export async function openSession(store: Store, opened: NewSession, now: number): Promise<OpenedSession> {
  const { account, isOnlyOne } = opened
  const ended = isOnlyOne
    ? await endSessionsOf(store, account.name, 'elsewhere', now)
    : await makeRoom(store, account.name, now)
  const secret = randomBytes(32).toString('base64url')
  const session: SessionRow = {
    id: sessionIdOf(secret),
    account: account.name,
    role: account.role,
    createdAt: now,
    lastUsedAt: now,
    address: comparableAddress(opened.address),
    browser: opened.browser.slice(0, ACCOUNT_LIMITS.browserCharactersMax),
    factors: opened.factors,
    certificate: opened.certificate,
    reach: opened.reach,
    endedAt: null,
    ending: null,
  }
  await store.addSession(session)
  return { secret, session, ended }
}

/**
 * Ends every session of an account that lasts, but for one; returns their ids, so that the caller can end what hangs on
 * them. For a change of role, a disabling, a reset: whoever had one is told why.
 */
export function endSessionsOf(
  store: Store,
  account: string,
  ending: SessionEnding,
  now: number,
  except?: string,
): Promise<readonly string[]> {
  return store.endSessionsOf(account, { ending, at: now, ...(except === undefined ? {} : { except }) })
}

/** Returns who a session belongs to, or null where it is unknown or over; one that is over is ended in the store too. */
export async function readSession(
  store: Store,
  id: string,
  { now, limits, place }: { readonly now: number; readonly limits: SessionLimits; readonly place?: Place },
): Promise<SignedIn | null> {
  const session = await store.session(id)
  if (session === null || session.endedAt !== null) return null
  const account = await store.account(session.account)
  const ending =
    (await endingByClock(store, session, { now, limits })) ??
    endingByAccount(session, account) ??
    (place === undefined ? null : endingByPlace(session, place))
  if (ending === null && account !== null) return { session, account }
  await store.endSession(id, ending ?? 'disabled', now)
  return null
}

/** Records a use, at most twenty times in an idle span: each is a write that is synced to disk. */
export async function useSession(
  store: Store,
  session: SessionRow,
  { now, limits }: { readonly now: number; readonly limits: SessionLimits },
): Promise<void> {
  if (now - session.lastUsedAt >= limits.idleMs / 20) await store.touchSession(session.id, now)
}

/**
 * Returns why a session is over by time, or null. A clock that was set back ends it too: nothing else says how long it
 * was idle. A little is let pass: clocks are adjusted, and of two requests at one time the later may be recorded first.
 */
export function endingByTime(
  session: Pick<SessionRow, 'createdAt' | 'lastUsedAt'>,
  now: number,
  limits: SessionLimits,
): SessionEnding | null {
  const idle = now - session.lastUsedAt
  if (idle < -ACCOUNT_LIMITS.clockBackMsMax) return 'clock-set-back'
  if (now - session.createdAt >= limits.absoluteMs) return 'too-old'
  return idle >= limits.idleMs ? 'idle' : null
}

/** A wall display's session is over when its own time is, or when the rules no longer allow it; any other one as usual. */
async function endingByClock(
  store: Store,
  session: SessionRow,
  { now, limits }: { readonly now: number; readonly limits: SessionLimits },
): Promise<SessionEnding | null> {
  if (session.reach !== 'wall') return endingByTime(session, now, limits)
  const wall = await store.wallOfSession(session.id)
  if (wall === null || wall.endedAt !== null) return 'wall-ended'
  return isWallOver(wall, now, limits) ? 'wall-over' : null
}

/** Reports whether an opened wall display's time is over. A clock that was set back ends it: nothing else says how long it was. */
export function isWallOver(
  { openedAt, expiresAt }: Pick<WallRow, 'openedAt' | 'expiresAt'>,
  now: number,
  { wallMs = 0 }: SessionLimits,
): boolean {
  if (openedAt === null || now < openedAt - ACCOUNT_LIMITS.clockBackMsMax) return true
  return now >= Math.min(expiresAt, openedAt + wallMs)
}

/** Returns one text for one address: loopback in its forms is one place, and IPv4 inside IPv6 is IPv4. Pure. */
export function comparableAddress(address: string): string {
  const plain = address.replace(/^::ffff:/i, '')
  return plain === '::1' || plain.startsWith('127.') ? 'loopback' : plain
}

function endingByAccount(session: SessionRow, account: AccountRow | null): SessionEnding | null {
  if (account === null || account.state !== 'active') return 'disabled'
  return account.role === session.role ? null : 'role-changed'
}

function endingByPlace(session: SessionRow, place: Place): SessionEnding | null {
  const isKept = place.isAddressKept || session.reach === 'wall'
  const isMoved = isKept && comparableAddress(place.address) !== session.address
  const isBare = session.certificate !== null && session.certificate !== place.certificate
  return isMoved || isBare ? 'other-place' : null
}

/** A full house loses its oldest guest: nobody can be kept out by sessions that were left open. */
async function makeRoom(store: Store, account: string, now: number): Promise<readonly string[]> {
  // A wall display is no guest that came in person.
  const open = (await store.sessionsOf(account)).filter(({ reach }) => reach !== 'wall')
  const over = open.slice(ACCOUNT_LIMITS.sessionsPerAccountMax - 1)
  for (const { id } of over) await store.endSession(id, 'too-many', now)
  return over.map(({ id }) => id)
}
