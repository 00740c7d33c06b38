/** Signing in and out, who one is, one's own password. */
import { type Level, PRODUCT_VERSION, ROLE_PERMISSIONS, ShoukouError } from '@shoukou/protocol'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { AccountRow, Store } from '../../store/ports.ts'
import { changePassword } from '../../workflows/accounts/change-password.ts'
import { openSession, type SessionLimits, sessionIdOf } from '../../workflows/accounts/session.ts'
import type { CheckPassword } from '../../workflows/accounts/sign-in.ts'
import type { NoteAction } from '../action-note.ts'
import { ChangePasswordSchema, type SessionAnswer, SessionAnswerSchema, SignInSchema } from '../contract.ts'
import type { Api } from '../fastify.ts'
import { SESSION_COOKIE, signedInOf } from '../guard.ts'
import type { OpenFeeds } from '../open-feeds.ts'
import { answers } from './answers.ts'

export interface SessionOptions {
  readonly store: Store
  readonly check: CheckPassword
  readonly feeds: OpenFeeds
  readonly note: NoteAction
  readonly now: () => number
  readonly unit: string
  readonly level: Level
  readonly sessionLimits: SessionLimits
  readonly signInsPerMinute: number
}

export function registerSession(api: Api, options: SessionOptions): void {
  const { store, check, feeds, note, now } = options
  const rateLimit = { max: options.signInsPerMinute, timeWindow: 60_000 }
  /** Whoever signs in again in one browser leaves no session behind that nobody could sign out of. */
  const endEarlier = async (secret: string | undefined): Promise<void> => {
    if (secret === undefined) return
    await store.removeSession(sessionIdOf(secret))
    feeds.end({ session: sessionIdOf(secret) })
  }
  const answer = (account: AccountRow): SessionAnswer => sessionAnswer(account, options)

  api.post(
    '/api/session',
    {
      config: { access: 'public', rateLimit },
      schema: { summary: 'Sign in', body: SignInSchema, response: answers(SessionAnswerSchema) },
    },
    async (request, reply) => {
      const { name, password } = request.body
      const account = await check(name, password).catch(async (error: unknown) => {
        await note(request, {
          action: 'sign-in-refused',
          ...(await knownName(store, name)),
          detail: codeOf(error),
        })
        throw error
      })
      await note(request, { action: 'sign-in', object: name, account: name, detail: account.role })
      await endEarlier(request.cookies[SESSION_COOKIE])
      setCookie(reply, await openSession(store, name, now()))
      return answer(account)
    },
  )

  api.get(
    '/api/session',
    {
      config: { access: 'own-session' },
      schema: { summary: 'Who is signed in', response: answers(SessionAnswerSchema) },
    },
    async (request) => answer(signedInOf(request).account),
  )

  api.delete(
    '/api/session',
    {
      config: { access: 'own-session' },
      schema: { summary: 'Sign out', response: answers(Type.Object({}, { additionalProperties: false })) },
    },
    async (request, reply) => {
      const { session, account } = signedInOf(request)
      await note(request, { action: 'sign-out', object: account.name, detail: '' })
      await store.removeSession(session.id)
      feeds.end({ session: session.id })
      reply.clearCookie(SESSION_COOKIE, cookieOptions)
      return {}
    },
  )

  api.post(
    '/api/session/password',
    {
      config: { access: 'own-session', rateLimit },
      schema: {
        summary: 'Change the own password',
        body: ChangePasswordSchema,
        response: answers(SessionAnswerSchema),
      },
    },
    async (request, reply) => {
      const { name } = signedInOf(request).account
      const changed = await changePassword(store, check, { name, ...request.body }).catch(
        async (error: unknown) => {
          await note(request, { action: 'password-change-refused', object: name, detail: codeOf(error) })
          throw error
        },
      )
      await note(request, { action: 'password-change', object: name, detail: '' })
      feeds.end({ account: name })
      setCookie(reply, await openSession(store, name, now()))
      return answer(changed)
    },
  )
}

const cookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const

function setCookie(reply: FastifyReply, secret: string): void {
  reply.setCookie(SESSION_COOKIE, secret, cookieOptions)
}

/** A name that is no account's is not written down: people type passwords into the wrong field. */
async function knownName(store: Store, name: string): Promise<{ object: string; account: string }> {
  const known = (await store.account(name)) === null ? '' : name
  return { object: known, account: known }
}

function codeOf(error: unknown): string {
  return error instanceof ShoukouError ? error.code : 'internal-error'
}

function sessionAnswer(account: AccountRow, { level, unit }: SessionOptions): SessionAnswer {
  return {
    name: account.name,
    role: account.role,
    mustChangePassword: account.mustChange,
    permissions: account.mustChange ? [] : [...ROLE_PERMISSIONS[account.role]],
    console: { level, unit, version: PRODUCT_VERSION },
  }
}
