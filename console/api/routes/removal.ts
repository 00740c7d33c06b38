/** The code without which an agent is not removed in order; and spans in which it is not proved to have watched. */
import type { Store } from '../../store/ports.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import { RemovalAnswerSchema, RemovalRequestSchema, UnprovenSpansSchema } from '../contract-removal.ts'
import type { Api } from '../fastify.ts'
import type { AnswerRemoval } from '../ports.ts'
import { answers } from './answers.ts'
import { AgentParamsSchema, computerOf } from './computers.ts'

export interface RemovalOptions {
  readonly store: Store
  readonly removal: AnswerRemoval
  readonly note: NoteAction
}

const spansMax = 200

export function registerRemoval(api: Api, { store, removal, note }: RemovalOptions): void {
  const recorded = recordedBy(note)

  api.post(
    '/api/computers/:agent/removal-code',
    {
      config: { access: 'removal.issue', scope: 'computer' },
      schema: {
        summary: 'Answer the challenge of a computer whose agent is to be removed; the code is good once',
        params: AgentParamsSchema,
        body: RemovalRequestSchema,
        response: answers(RemovalAnswerSchema),
      },
    },
    async (request) => {
      const { agent, number } = await computerOf(store, request.params.agent)
      const { challenge, reason } = request.body
      return recorded(request, ['removal-code', 'removal-code-refused'], {
        object: number,
        detail: challenge,
        reason,
        act: async () => removal(agent, challenge),
      })
    },
  )
  api.get(
    '/api/computers/:agent/unproven-spans',
    {
      config: { access: 'records.read', scope: 'computer' },
      schema: {
        summary: 'Spans in which its watching is not proved: pauses, seals, a changed program',
        params: AgentParamsSchema,
        response: answers(UnprovenSpansSchema),
      },
    },
    async (request) => {
      const { agent } = await computerOf(store, request.params.agent)
      const spans = await store.unprovenSpans(agent, spansMax)
      return {
        spans: spans.map(({ cause, fromMs, toMs, detail, epoch, seq }) => ({
          ...{ cause, fromMs, toMs, detail, epoch, seq },
        })),
      }
    },
  )
}
