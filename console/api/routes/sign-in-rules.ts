/** The rules of signing in, and the certificates on USB keys. */
import { type Level } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { Store } from '../../store/ports.ts'
import { revokeCertificate } from '../../workflows/accounts/issue-certificate.ts'
import type { RulesBook } from '../../workflows/accounts/rules-book.ts'
import { boundsOf } from '../../workflows/accounts/sign-in-rules.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  CertificateItemSchema,
  CertificatesAnswerSchema,
  NewCertificateAnswerSchema,
  NewCertificateSchema,
  RevokeCertificateSchema,
  type SignInRulesAnswer,
  SignInRulesAnswerSchema,
  SignInRulesChangeSchema,
} from '../contract-sign-in.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import type { OpenFeeds } from '../open-feeds.ts'
import type { SignInPort } from '../ports.ts'
import { answers } from './answers.ts'

export interface SignInRulesOptions {
  readonly store: Store
  readonly book: RulesBook
  readonly level: Level
  readonly signIn: SignInPort
  readonly feeds: OpenFeeds
  readonly note: NoteAction
  readonly now: () => number
}

export function registerSignInRules(api: Api, options: SignInRulesOptions): void {
  const { book, note, now } = options
  const recorded = recordedBy(note)

  api.get(
    '/api/sign-in-rules',
    {
      config: { access: 'sign-in-rules.read' },
      schema: {
        summary: 'The rules of signing in, and what the level leaves open',
        response: answers(SignInRulesAnswerSchema),
      },
    },
    () => rulesAnswer(options),
  )

  api.put(
    '/api/sign-in-rules',
    {
      config: { access: 'sign-in-rules.write' },
      schema: {
        summary: 'Set the rules of signing in, within what the level demands',
        body: SignInRulesChangeSchema,
        response: answers(SignInRulesAnswerSchema),
      },
    },
    async (request) => {
      const { name } = signedInOf(request).account
      const { rules, reason } = request.body
      const before = book.current()
      const changed = (Object.keys(rules) as (keyof typeof rules)[]).filter(
        (key) => JSON.stringify(rules[key]) !== JSON.stringify(before[key]),
      )
      const only = (from: typeof rules) => Object.fromEntries(changed.map((key) => [key, from[key]]))
      await recorded(request, ['sign-in-rules-change', 'sign-in-rules-change-refused'], {
        object: 'sign-in-rules',
        detail: changed.join(', '),
        before: only(before),
        after: only(rules),
        reason,
        act: () => book.change(request.body, { account: name, now: now() }),
      })
      return rulesAnswer(options)
    },
  )
  registerCertificates(api, options)
}

function registerCertificates(api: Api, { store, signIn, feeds, note, now }: SignInRulesOptions): void {
  const recorded = recordedBy(note)

  api.get(
    '/api/account-certificates',
    {
      config: { access: 'accounts.read' },
      schema: { summary: 'All certificates of accounts', response: answers(CertificatesAnswerSchema) },
    },
    async () => ({ certificates: (await store.certificates()).map((one) => ({ ...one })) }),
  )

  api.post(
    '/api/account-certificates',
    {
      config: { access: 'accounts.write' },
      schema: {
        summary: 'Issue a certificate for the request of a USB key',
        body: NewCertificateSchema,
        response: answers(NewCertificateAnswerSchema),
      },
    },
    async (request) => {
      const { name } = signedInOf(request).account
      const { account, reason } = request.body
      const { row, certificate } = await recorded(
        request,
        ['certificate-issue', 'certificate-issue-refused'],
        {
          object: account,
          detail: '',
          reason,
          act: () => signIn.issueCertificate(request.body, name),
        },
      )
      return { item: { ...row }, certificate }
    },
  )

  api.post(
    '/api/account-certificates/:serial/revoke',
    {
      config: { access: 'accounts.write' },
      schema: {
        summary: 'Revoke a certificate at once; sessions that it opened end',
        params: Type.Object(
          { serial: Type.String({ minLength: 1, maxLength: 64, pattern: '^[0-9A-F]+$' }) },
          { additionalProperties: false },
        ),
        body: RevokeCertificateSchema,
        response: answers(CertificateItemSchema),
      },
    },
    async (request) => {
      const { serial } = request.params
      const { reason } = request.body
      const { name } = signedInOf(request).account
      const ended = await recorded(request, ['certificate-revoke', 'certificate-revoke-refused'], {
        object: (await store.certificate(serial))?.account ?? '',
        detail: serial,
        reason,
        act: () => revokeCertificate(store, serial, { account: name, reason, now: now() }),
      })
      for (const session of ended) feeds.end({ session })
      const row = await store.certificate(serial)
      if (row === null) throw new Error('a certificate that was revoked is gone')
      return { ...row }
    },
  )
}

async function rulesAnswer({ store, book, level }: SignInRulesOptions): Promise<SignInRulesAnswer> {
  const stored = await store.signInRules()
  const bounds = boundsOf(level)
  const rules = book.current()
  return {
    version: book.version(),
    changedAt: stored?.at ?? null,
    changedBy: stored?.account ?? null,
    reason: stored?.reason ?? null,
    rules: {
      ...rules,
      secondFactorRoles: [...rules.secondFactorRoles],
      certificateRoles: [...rules.certificateRoles],
    },
    numbers: Object.entries(bounds.numbers).map(([key, bound]) => ({ key, ...bound })),
    switches: Object.entries(bounds.switches).map(([key, one]) => ({ key, ...one })),
    roles: Object.entries(bounds.roles).map(([key, { demanded, source }]) => ({
      key,
      demanded: [...demanded],
      source,
    })),
  }
}
