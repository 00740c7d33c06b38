/** What is plugged in somewhere, and temporary rights for it: ordered from here, or read out over the telephone. */
import { Type } from 'typebox'
import type { Store } from '../../store/ports.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  EndGrantSchema,
  GrantAnswerSchema,
  NewGrantSchema,
  SeenMediaAnswerSchema,
  SpokenCodeAnswerSchema,
  SpokenCodeRequestSchema,
} from '../contract-media.ts'
import type { Api } from '../fastify.ts'
import type { MediaPort } from '../ports.ts'
import type { MediaReader } from '../read-media.ts'
import { notFound, scopeOf } from '../scope.ts'
import { answers } from './answers.ts'
import { AgentParamsSchema, computerOf } from './computers.ts'

const ViolationParamsSchema = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)

export interface GrantsOptions {
  readonly store: Store
  readonly media: MediaPort
  readonly reader: MediaReader
  readonly note: NoteAction
}

export function registerGrants(api: Api, { store, media, reader, note }: GrantsOptions): void {
  const recorded = recordedBy(note)
  const { commands } = media

  api.get(
    '/api/computers/:agent/media',
    {
      config: { access: 'media.read', scope: 'computer' },
      schema: {
        summary: 'Media that are plugged in there now, as far as its agent has told',
        params: AgentParamsSchema,
        response: answers(SeenMediaAnswerSchema),
      },
    },
    async (request) => ({ media: await reader.seenAt(await computerOf(store, request.params.agent)) }),
  )
  api.get(
    '/api/violations/:id/medium',
    {
      config: { access: 'media.read', scope: 'violation' },
      schema: {
        summary: 'The medium that a violation is about, with what its examination found; empty: none',
        params: ViolationParamsSchema,
        response: answers(SeenMediaAnswerSchema),
      },
    },
    async (request) => {
      const violation = await store.violation(request.params.id)
      if (violation === null) throw notFound('violation')
      return { media: await reader.ofViolation(violation, scopeOf(request)) }
    },
  )
  api.post(
    '/api/computers/:agent/grants',
    {
      config: { access: 'media.grant', scope: 'computer' },
      schema: {
        summary:
          'Let a medium that is plugged in there be used for some minutes; `isSent` false: not connected',
        params: AgentParamsSchema,
        body: NewGrantSchema,
        response: answers(GrantAnswerSchema),
      },
    },
    async (request) => {
      const { agent, number } = await computerOf(store, request.params.agent)
      const { instance, right, minutes, reason } = request.body
      return recorded(request, ['medium-grant', 'medium-grant-refused'], {
        object: agent,
        detail: `${number} ${instance} ${right} ${minutes} min: ${reason}`,
        act: async () => commands.grant(agent, { instance, right, minutes }),
      })
    },
  )
  api.post(
    '/api/computers/:agent/grants/end',
    {
      config: { access: 'media.grant', scope: 'computer' },
      schema: {
        summary: 'Take a temporary right away again',
        params: AgentParamsSchema,
        body: EndGrantSchema,
        response: answers(GrantAnswerSchema),
      },
    },
    async (request) => {
      const { agent, number } = await computerOf(store, request.params.agent)
      const { instance, reason } = request.body
      return recorded(request, ['medium-grant-end', 'medium-grant-end-refused'], {
        object: agent,
        detail: `${number} ${instance}: ${reason}`,
        act: async () => commands.endGrant(agent, instance),
      })
    },
  )
  api.post(
    '/api/computers/:agent/spoken-code',
    {
      config: { access: 'media.grant', scope: 'computer' },
      schema: {
        summary: 'Answer the challenge that a computer without a connection shows: digits to read back',
        params: AgentParamsSchema,
        body: SpokenCodeRequestSchema,
        response: answers(SpokenCodeAnswerSchema),
      },
    },
    async (request) => {
      const { agent, number } = await computerOf(store, request.params.agent)
      const { challenge, right, minutes, reason } = request.body
      // The challenge, and never the code: who reads the log afterwards can grant nothing with it.
      return recorded(request, ['spoken-code', 'spoken-code-refused'], {
        object: agent,
        detail: `${number} ${challenge} ${right} ${minutes} min: ${reason}`,
        act: async () => media.answerChallenge({ agent, challenge, right, minutes }),
      })
    },
  )
}
