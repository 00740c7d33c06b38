/** One's own account: how it stands, its sessions, its second factor. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isDemanded, type SecondFactors } from '../../workflows/accounts/second-factor.ts'
import { endSessionsOf } from '../../workflows/accounts/session.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import { SessionAnswerSchema } from '../contract.ts'
import {
  ConfirmCodeSchema,
  NewSecretSchema,
  type OwnAccount,
  OwnAccountSchema,
  ProveSchema,
  RecoveryCodesSchema,
  SESSION_MARK_DIGITS,
} from '../contract-sign-in.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import type { OpenFeeds } from '../open-feeds.ts'
import type { OpenFor } from '../session-cookie.ts'
import { readStanding, type StateOptions, sessionAnswer } from '../sign-in-state.ts'
import { answers } from './answers.ts'

export interface OwnAccountOptions extends StateOptions {
  readonly factors: SecondFactors
  readonly feeds: OpenFeeds
  readonly note: NoteAction
  readonly openFor: OpenFor
  readonly signInsPerMinute: number
}

export function registerOwnAccount(api: Api, options: OwnAccountOptions): void {
  api.get(
    '/api/account',
    {
      config: { access: 'own-account' },
      schema: { summary: 'The own account', response: answers(OwnAccountSchema) },
    },
    (request) => ownAccount(request, options),
  )
  registerSecondFactor(api, options)
}

function registerSecondFactor(api: Api, options: OwnAccountOptions): void {
  const { factors, note } = options
  const recorded = recordedBy(note)
  const rateLimit = { max: options.signInsPerMinute, timeWindow: 60_000 }
  const config = { access: 'own-account', rateLimit } as const

  api.post(
    '/api/account/second-factor',
    {
      config,
      schema: {
        summary: 'Begin to set up a second factor: the secret, once',
        body: ProveSchema,
        response: answers(NewSecretSchema),
      },
    },
    (request) => {
      const { name } = signedInOf(request).account
      return recorded(request, ['second-factor-start', 'second-factor-start-refused'], {
        object: name,
        detail: '',
        act: () => factors.start(name, request.body),
      })
    },
  )

  api.post(
    '/api/account/second-factor/confirm',
    {
      config,
      schema: {
        summary: 'Put the second factor into use; the recovery codes, once',
        body: ConfirmCodeSchema,
        response: answers(RecoveryCodesSchema),
      },
    },
    async (request, reply) => {
      const { name } = signedInOf(request).account
      const recoveryCodes = await recorded(request, ['second-factor-set', 'second-factor-set-refused'], {
        object: name,
        detail: 'totp',
        act: () => factors.confirm(name, request.body.code),
      })
      await openAnew(request, reply, options)
      return { recoveryCodes: [...recoveryCodes] }
    },
  )

  api.post(
    '/api/account/second-factor/remove',
    {
      config,
      schema: {
        summary: 'Remove the second factor',
        body: ProveSchema,
        response: answers(SessionAnswerSchema),
      },
    },
    async (request, reply) => {
      const { name } = signedInOf(request).account
      await recorded(request, ['second-factor-remove', 'second-factor-remove-refused'], {
        object: name,
        detail: 'totp',
        act: () => factors.remove(name, request.body),
      })
      return openAnew(request, reply, options)
    },
  )

  api.post(
    '/api/account/second-factor/recovery-codes',
    {
      config,
      schema: {
        summary: 'Make new recovery codes; the old ones end',
        body: ProveSchema,
        response: answers(RecoveryCodesSchema),
      },
    },
    async (request) => {
      const { name } = signedInOf(request).account
      const recoveryCodes = await recorded(request, ['recovery-codes', 'recovery-codes-refused'], {
        object: name,
        detail: '',
        act: () => factors.renewRecoveryCodes(name, request.body),
      })
      return { recoveryCodes: [...recoveryCodes] }
    },
  )
}

/** After a change of the factors every session of the account is over; whoever changed them goes on in a new one. */
async function openAnew(request: FastifyRequest, reply: FastifyReply, options: OwnAccountOptions) {
  const { store, feeds, now, openFor } = options
  const { account, session } = signedInOf(request)
  await endSessionsOf(store, account.name, 'second-factor-changed', now())
  feeds.end({ account: account.name })
  const { passwordAt, hasSecondFactor } = await readStanding(options, account)
  const proven = { account, factors: session.factors, certificate: null, hasSecondFactor, passwordAt }
  return sessionAnswer(options, await openFor(request, reply, proven, session))
}

async function ownAccount(request: FastifyRequest, options: OwnAccountOptions): Promise<OwnAccount> {
  const { store, rules } = options
  const { account, session } = signedInOf(request)
  const { name, role, createdAt } = account
  const [standing, left, certificates, sessions] = await Promise.all([
    readStanding(options, account),
    store.recoveryCodesLeft(name),
    store.certificates(name),
    store.sessionsOf(name),
  ])
  const held = rules()
  return {
    name,
    role,
    createdAt,
    passwordAt: standing.passwordAt,
    passwordEndsAt: standing.passwordEndsAt,
    passwordHoursMin: held.passwordHoursMin,
    passwordsRemembered: held.passwordsRemembered,
    secondFactor: {
      since: standing.totpSince,
      recoveryCodesLeft: left,
      isDemanded: isDemanded(held, { account }),
    },
    certificates: certificates.map((one) => ({ ...one })),
    isCertificateDemanded: held.certificateRoles.includes(role),
    isOneSession: held.isOneSession,
    sessions: sessions.map((one) => ({
      mark: one.id.slice(0, SESSION_MARK_DIGITS),
      isThis: one.id === session.id,
      createdAt: one.createdAt,
      lastUsedAt: one.lastUsedAt,
      address: one.address,
      browser: one.browser,
      factors: [...one.factors],
    })),
  }
}
