/**
 * Sessions: what the cookie holds, what the store keeps, and when a session is over.
 *
 * The cookie holds 32 random bytes; the store keeps their SHA-256, so that a copy of the database opens no session.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { AccountRow, SessionRow, Store } from '../../store/ports.ts'
import { ACCOUNT_LIMITS } from './limits.ts'

export interface SessionLimits {
  readonly idleMs: number
  readonly absoluteMs: number
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  idleMs: ACCOUNT_LIMITS.sessionIdleMs,
  absoluteMs: ACCOUNT_LIMITS.sessionMs,
}

export interface SignedIn {
  readonly session: SessionRow
  readonly account: AccountRow
}

/** Returns the store's name of a cookie's value. */
export function sessionIdOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Adds a session; returns the cookie's value, which is nowhere else. */
export async function openSession(store: Store, account: string, now: number): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  await store.addSession({ id: sessionIdOf(secret), account, createdAt: now, lastUsedAt: now })
  return secret
}

/** Returns who a session belongs to, or null where it is unknown or over; one that is over is removed. */
export async function readSession(
  store: Store,
  id: string,
  { now, limits }: { readonly now: number; readonly limits: SessionLimits },
): Promise<SignedIn | null> {
  const session = await store.session(id)
  if (session === null) return null
  const account = isOver(session, now, limits) ? null : await store.account(session.account)
  if (account === null) {
    await store.removeSession(id)
    return null
  }
  return { session, account }
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
 * Reports whether a session is over. A clock that was set back ends it too: nothing else says how long it was idle. A
 * little is let pass: clocks are adjusted, and of two requests at one time the later may be recorded first.
 */
export function isOver(session: SessionRow, now: number, limits: SessionLimits): boolean {
  const idle = now - session.lastUsedAt
  return (
    idle < -ACCOUNT_LIMITS.clockBackMsMax ||
    idle >= limits.idleMs ||
    now - session.createdAt >= limits.absoluteMs
  )
}
