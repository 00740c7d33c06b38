/** Signing in and out, locking, who one is, one's own password. */
import { ShoukouError } from '@shoukou/protocol'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Store } from '../../store/ports.ts'
import type { CertificateRow, SessionEnding } from '../../store/sign-in-ports.ts'
import { changePassword } from '../../workflows/accounts/change-password.ts'
import { type CertificateJudge, judgeCertificate } from '../../workflows/accounts/client-certificate.ts'
import type { LeakedPasswords } from '../../workflows/accounts/leaked-passwords.ts'
import { departmentWords } from '../../workflows/accounts/password-words.ts'
import { sessionIdOf } from '../../workflows/accounts/session.ts'
import type { CheckShown } from '../../workflows/accounts/sign-in.ts'
import type { NoteAction } from '../action-note.ts'
import { ChangePasswordSchema, SessionAnswerSchema } from '../contract.ts'
import { SessionEndedSchema, SignInFormSchema, SignInSchema } from '../contract-sign-in.ts'
import type { Api } from '../fastify.ts'
import { SESSION_COOKIE, signedInOf } from '../guard.ts'
import { API_LIMITS } from '../limits.ts'
import type { OpenFeeds } from '../open-feeds.ts'
import { peerCertificateOf } from '../peer-certificate.ts'
import { clearSessionCookie, type OpenFor } from '../session-cookie.ts'
import { type StateOptions, sessionAnswer } from '../sign-in-state.ts'
import { answers } from './answers.ts'

export interface SessionOptions extends StateOptions {
  readonly check: CheckShown
  readonly judge: CertificateJudge
  readonly openFor: OpenFor
  readonly feeds: OpenFeeds
  readonly note: NoteAction
  readonly signInsPerMinute: number
  readonly leaked: LeakedPasswords
}

const NothingSchema = Type.Object({}, { additionalProperties: false })

export function registerSession(api: Api, options: SessionOptions): void {
  registerSignIn(api, options)
  registerOwn(api, options)
  registerEnds(api, options)
}

function registerSignIn(api: Api, options: SessionOptions): void {
  const { store, check, judge, openFor, feeds, note, now } = options
  const rateLimit = { max: options.signInsPerMinute, timeWindow: 60_000 }

  api.get(
    '/api/sign-in',
    {
      config: { access: 'public' },
      schema: { summary: 'What the sign-in asks of everybody', response: answers(SignInFormSchema) },
    },
    async (request) => ({
      codes: await codesAsked(options),
      certificate: peerCertificateOf(request)?.serialNumber ?? null,
    }),
  )

  api.post(
    '/api/session',
    {
      config: { access: 'public', rateLimit },
      schema: { summary: 'Sign in', body: SignInSchema, response: answers(SessionAnswerSchema) },
    },
    async (request, reply) => {
      const { name, password, code } = request.body
      const proven = await (async () => {
        const certificate: CertificateRow | null = await judgeCertificate(
          judge,
          peerCertificateOf(request),
          name,
        )
        return check(name, { password, code, certificate }, 'sign-in')
      })().catch(async (error: unknown) => {
        const known = await knownName(store, name)
        await note(request, { action: 'sign-in-refused', ...known, detail: whyOf(error) })
        throw error
      })
      const { account } = proven
      const before = await endEarlier(request, options)
      const isUnlock = before !== null && before.account === name && isLock(before.ending)
      await note(request, {
        action: isUnlock ? 'unlock' : 'sign-in',
        object: name,
        account: name,
        role: account.role,
        detail: `${account.role}: ${proven.factors.join(', ')}`,
      })
      if (before !== null) feeds.end({ session: before.id })
      return sessionAnswer(options, await openFor(request, reply, proven))
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
      const { account, session } = signedInOf(request)
      const { name } = account
      const words = [...options.words, ...departmentWords(await store.departments(API_LIMITS.departmentsMax))]
      const changed = await changePassword(
        { store, check, rules: options.rules(), words, leaked: options.leaked, now: now() },
        { name, ...request.body },
      ).catch(async (error: unknown) => {
        await note(request, { action: 'password-change-refused', object: name, detail: whyOf(error) })
        throw error
      })
      await note(request, { action: 'password-change', object: name, detail: '' })
      feeds.end({ account: name })
      return sessionAnswer(options, await openFor(request, reply, changed, session))
    },
  )
}

function registerOwn(api: Api, options: SessionOptions): void {
  const { store } = options

  api.get(
    '/api/session',
    {
      config: { access: 'own-session', wall: true },
      schema: { summary: 'Who is signed in', response: answers(SessionAnswerSchema) },
    },
    async (request) => sessionAnswer(options, signedInOf(request)),
  )

  api.get(
    '/api/session/ended',
    {
      config: { access: 'public' },
      schema: {
        summary: 'Why the session of this cookie is over',
        response: answers(SessionEndedSchema),
      },
    },
    async (request) => {
      const secret = request.cookies[SESSION_COOKIE]
      const session = secret === undefined ? null : await store.session(sessionIdOf(secret))
      return { ending: session?.ending ?? null, endedAt: session?.endedAt ?? null }
    },
  )
}

function registerEnds(api: Api, options: SessionOptions): void {
  const { store, feeds, note, now } = options

  api.delete(
    '/api/session',
    {
      config: { access: 'own-session' },
      schema: { summary: 'Sign out', response: answers(NothingSchema) },
    },
    async (request, reply) => {
      const { session, account } = signedInOf(request)
      await note(request, { action: 'sign-out', object: account.name, detail: '' })
      await store.endSession(session.id, 'signed-out', now())
      feeds.end({ session: session.id })
      clearSessionCookie(reply)
      return {}
    },
  )

  api.post(
    '/api/session/lock',
    {
      config: { access: 'own-session' },
      schema: {
        summary: 'Lock the page: the session ends, and its owner may go on after signing in again',
        response: answers(NothingSchema),
      },
    },
    async (request) => {
      const { session, account } = signedInOf(request)
      await note(request, { action: 'lock', object: account.name, detail: '' })
      await store.endSession(session.id, 'locked', now())
      feeds.end({ session: session.id })
      return {}
    },
  )
}

/** Whoever signs in again in one browser leaves no session behind that nobody could sign out of. */
async function endEarlier(
  request: FastifyRequest,
  { store, now }: SessionOptions,
): Promise<{ readonly id: string; readonly account: string; readonly ending: SessionEnding | null } | null> {
  const secret = request.cookies[SESSION_COOKIE]
  if (secret === undefined) return null
  const earlier = await store.session(sessionIdOf(secret))
  if (earlier === null) return null
  await store.endSession(earlier.id, 'signed-in-again', now())
  return earlier
}

function isLock(ending: SessionEnding | null): boolean {
  return ending === 'locked' || ending === 'idle'
}

/** The same for everybody who asks: it tells that somebody has a code, not who. */
async function codesAsked({ store, rules }: SessionOptions): Promise<'none' | 'some' | 'all'> {
  const demanding = rules().secondFactorRoles.length
  const having = (await store.accountsWithSecondFactor()).length
  if (having === 0) return 'none'
  const accounts = (await store.accounts()).length
  return demanding > 0 && having >= accounts ? 'all' : 'some'
}

/** A name that is no account's is not written down: people type passwords into the wrong field. */
async function knownName(store: Store, name: string): Promise<{ object: string; account: string }> {
  const known = (await store.account(name)) === null ? '' : name
  return { object: known, account: known }
}

/** For the log alone: which of what was shown was wrong. */
export function whyOf(error: unknown): string {
  if (!(error instanceof ShoukouError)) return 'internal-error'
  const why = error.context['why']
  return typeof why === 'string' && why !== error.code ? `${error.code}: ${why}` : error.code
}
