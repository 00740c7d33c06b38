/** What administrators did, for the auditor. */

import { Type } from 'typebox'
import type { Store } from '../../store/ports.ts'
import { type ActionsAnswer, ActionsAnswerSchema } from '../contract.ts'
import type { Api } from '../fastify.ts'
import { API_LIMITS } from '../limits.ts'
import { answers } from './answers.ts'

const ActionsQuerySchema = Type.Object(
  {
    before: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
)

export function registerPeople(api: Api, { store }: { readonly store: Store }): void {
  api.get(
    '/api/actions',
    {
      config: { access: 'actions.read' },
      schema: {
        summary: 'What administrators did, newest first',
        querystring: ActionsQuerySchema,
        response: answers(ActionsAnswerSchema),
      },
    },
    async (request): Promise<ActionsAnswer> => {
      const { before, limit = API_LIMITS.actionsPerPage } = request.query
      const found = await store.actions({
        limit: limit + 1,
        ...(before === undefined ? {} : { beforeId: before }),
      })
      const rows = found.slice(0, limit)
      return {
        actions: rows.map(({ id = 0, ...action }) => ({ id, ...action })),
        nextBefore: found.length > limit ? (rows.at(-1)?.id ?? null) : null,
      }
    },
  )
}
