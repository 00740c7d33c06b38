/** Opens a session for a request and puts it into the browser's cookie; ends the feeds of those that made room for it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Store } from '../store/ports.ts'
import { type NewSession, openSession, type SignedIn } from '../workflows/accounts/session.ts'
import { reachOf } from '../workflows/accounts/session-reach.ts'
import type { Proven } from '../workflows/accounts/sign-in.ts'
import type { SignInRules } from '../workflows/accounts/sign-in-rules.ts'
import type { NoteAction } from './action-note.ts'
import { SESSION_COOKIE } from './guard.ts'
import type { OpenFeeds } from './open-feeds.ts'

export interface CookieOptions {
  readonly store: Store
  readonly feeds: OpenFeeds
  readonly note: NoteAction
  readonly rules: () => SignInRules
  readonly now: () => number
}

export type OpenFor = (
  request: FastifyRequest,
  reply: FastifyReply,
  proven: Proven,
  shown?: Pick<NewSession, 'factors' | 'certificate'>,
) => Promise<SignedIn>

const cookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const

/**
 * Returns what opens a session for a request. `shown` is what an earlier session was opened with, where this one takes its
 * place.
 */
export function createOpenFor({ store, feeds, note, rules, now }: CookieOptions): OpenFor {
  return async (request, reply, proven, shown) => {
    const { account } = proven
    const opened = await openSession(
      store,
      {
        account,
        address: request.peerAddress,
        browser: request.headers['user-agent'] ?? '',
        factors: shown?.factors ?? proven.factors,
        certificate: shown === undefined ? (proven.certificate?.fingerprint ?? null) : shown.certificate,
        reach: reachOf(proven, rules(), now()),
        isOnlyOne: rules().isOneSession,
      },
      now(),
    )
    for (const session of opened.ended) feeds.end({ session })
    if (opened.ended.length > 0) {
      const detail = rules().isOneSession ? 'elsewhere' : 'too-many'
      await note(request, { action: 'sessions-end', object: account.name, account: account.name, detail })
    }
    setSessionCookie(reply, opened.secret)
    return { account, session: opened.session }
  }
}

/** Puts a session's secret into the browser's cookie. */
export function setSessionCookie(reply: FastifyReply, secret: string): void {
  reply.setCookie(SESSION_COOKIE, secret, cookieOptions)
}

/** Takes the cookie back. */
export function clearSessionCookie(reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, cookieOptions)
}
