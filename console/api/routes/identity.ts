/**
 * Who a computer is: read, revoked, enrolled anew. And what agents ask with their key alone: another certificate, and how
 * theirs stands.
 */
import {
  RENEWAL_BYTES_MAX,
  RenewalAnswerSchema,
  RenewalRequestSchema,
  ShoukouError,
  StandingAnswerSchema,
  StandingRequestSchema,
} from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'
import type { Identities } from '../../workflows/identity/identities.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import { TokenAnswerSchema } from '../contract.ts'
import {
  ConsoleClockAnswerSchema,
  EnrolAnewSchema,
  IdentityAnswerSchema,
  RevocationAnswerSchema,
  RevocationSchema,
} from '../contract-identity.ts'
import type { AnyRequest, Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import type { PolicyPort } from '../ports.ts'
import { identityView } from '../view/identity-view.ts'
import { answers } from './answers.ts'
import { AgentParamsSchema, computerOf } from './computers.ts'

export interface IdentityOptions {
  readonly store: Store
  readonly identities: Identities
  readonly policies: PolicyPort
  readonly note: NoteAction
  readonly now: () => number
}

/** A hall full of computers behind one address may come back at one moment; each asks again later. */
const asksPerMinute = 600
const jumpsMax = 50

export function registerIdentity(api: Api, options: IdentityOptions): void {
  registerForPeople(api, options)
  registerForAgents(api, options)
}

function registerForPeople(api: Api, { store, identities, policies, note, now }: IdentityOptions): void {
  const recorded = recordedBy(note)

  api.get(
    '/api/computers/:agent/identity',
    {
      config: { access: 'identity.read' },
      schema: {
        summary: 'Its certificates, its machine, its enrolments',
        params: AgentParamsSchema,
        response: answers(IdentityAnswerSchema),
      },
    },
    async (request) => {
      const { agent } = await computerOf(store, request.params.agent)
      const [certificates, hardware, revocation, enrolments] = await Promise.all([
        store.agentCertificates(agent),
        store.hardware(agent),
        store.revocation(agent),
        store.enrolments(agent),
      ])
      return identityView({ certificates, hardware, revocation, enrolments }, now())
    },
  )
  api.post(
    '/api/computers/:agent/revocation',
    {
      config: { access: 'identity.revoke' },
      schema: {
        summary: 'Take its identity away, at once and for good',
        params: AgentParamsSchema,
        body: RevocationSchema,
        response: answers(RevocationAnswerSchema),
      },
    },
    async (request) => {
      const { agent, number } = await computerOf(store, request.params.agent)
      const { reason } = request.body
      return recorded(request, ['identity-revoke', 'identity-revoke-refused'], {
        object: agent,
        detail: `${number}: ${reason}`,
        act: () => identities.revoke(agent, reason, signedInOf(request).account.name),
      })
    },
  )
  api.post(
    '/api/computers/:agent/enrolment',
    {
      config: { access: 'enrolment.create' },
      schema: {
        summary: 'Make a token by which this very computer is enrolled anew',
        params: AgentParamsSchema,
        body: EnrolAnewSchema,
        response: answers(TokenAnswerSchema),
      },
    },
    async (request) => {
      const { agent, number } = await computerOf(store, request.params.agent)
      return recorded(request, ['token-create', 'token-create-refused'], {
        object: number,
        detail: `anew: ${request.body.reason}`,
        act: async () => {
          const made = await policies.createToken({ replaces: agent }, signedInOf(request).account.name)
          // An agent that is enrolled gives its identity up for no less.
          return { ...made, command: `${made.command} --force` }
        },
      })
    },
  )
  api.get(
    '/api/console-clock',
    {
      config: { access: 'system.read' },
      schema: { summary: 'When its own clock jumped', response: answers(ConsoleClockAnswerSchema) },
    },
    async () => ({ nowMs: now(), jumps: [...(await store.clockJumps(jumpsMax))] }),
  )
}

function registerForAgents(api: Api, { identities, note }: IdentityOptions): void {
  const noteRefused = async (request: AnyRequest, serial: string, error: unknown): Promise<void> => {
    const code = error instanceof ShoukouError ? error.code : 'internal-error'
    await note(request, { action: 'identity-renew-refused', object: '', detail: `${code}: ${serial}` })
  }

  api.post(
    '/api/agent-certificates',
    {
      config: { access: 'agent-proof', rateLimit: { max: asksPerMinute, timeWindow: 60_000 } },
      bodyLimit: RENEWAL_BYTES_MAX,
      schema: {
        summary: 'Renew an agent’s certificate, with a proof by the key in use',
        body: RenewalRequestSchema,
        response: answers(RenewalAnswerSchema),
      },
    },
    async (request) => {
      try {
        const renewed = await identities.renew(request.body)
        await note(request, {
          action: 'identity-renew',
          object: renewed.agent,
          detail: `${request.body.serial} -> ${renewed.serial}`,
        })
        return renewed.answer
      } catch (error) {
        await noteRefused(request, request.body.serial, error)
        throw error
      }
    },
  )
  api.post(
    '/api/agent-certificates/standing',
    {
      config: { access: 'agent-proof', rateLimit: { max: asksPerMinute, timeWindow: 60_000 } },
      bodyLimit: RENEWAL_BYTES_MAX,
      schema: {
        summary: 'How an agent’s certificate stands, with a proof by its key',
        body: StandingRequestSchema,
        response: answers(StandingAnswerSchema),
      },
    },
    async (request) => {
      try {
        return await identities.standing(request.body)
      } catch (error) {
        await noteRefused(request, request.body.serial, error)
        throw error
      }
    },
  )
}
