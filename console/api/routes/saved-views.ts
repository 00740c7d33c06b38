/** Views of the list of violations that an account keeps under a name: its own alone. */
import { ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { Store } from '../../store/ports.ts'
import { NewSavedViewSchema, SavedViewSchema, SavedViewsAnswerSchema } from '../contract-handling.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import { answers } from './answers.ts'

const ViewParamsSchema = Type.Object(
  { view: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)

export interface SavedViewsOptions {
  readonly store: Store
  readonly now: () => number
}

export function registerSavedViews(api: Api, { store, now }: SavedViewsOptions): void {
  api.get(
    '/api/saved-views',
    {
      config: { access: 'violations.read', scope: 'filtered' },
      schema: { summary: 'One’s own views, by name', response: answers(SavedViewsAnswerSchema) },
    },
    async (request) => ({
      views: (await store.savedViews(signedInOf(request).account.name)).map(
        ({ account: _account, ...view }) => view,
      ),
    }),
  )
  api.post(
    '/api/saved-views',
    {
      config: { access: 'violations.read', scope: 'filtered' },
      schema: {
        summary: 'Keep a view under a name',
        body: NewSavedViewSchema,
        response: answers(SavedViewSchema),
      },
    },
    async (request) => {
      const { account } = signedInOf(request)
      const { name, address } = request.body
      const row = await store.addSavedView({ account: account.name, name: name.trim(), address, at: now() })
      if (row === null)
        throw new ShoukouError(
          'edit-conflict',
          'You keep a view of this name already, or fifty of them; remove one first.',
        )
      const { account: _account, ...view } = row
      return view
    },
  )
  api.delete(
    '/api/saved-views/:view',
    {
      config: { access: 'violations.read', scope: 'filtered' },
      schema: { summary: 'Remove one of one’s own views', params: ViewParamsSchema },
    },
    async (request, reply) => {
      const { account } = signedInOf(request)
      if (!(await store.removeSavedView(account.name, request.params.view)))
        throw new ShoukouError('not-found', 'You keep no such view; look at the list anew.')
      return reply.status(204).send()
    },
  )
}
