/** Ending one's own sessions elsewhere: one of them or all, and never without proving anew who asks. */
import { ShoukouError } from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'
import { endSessionsOf } from '../../workflows/accounts/session.ts'
import type { CheckShown } from '../../workflows/accounts/sign-in.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import { EndedSessionsSchema, EndSessionsSchema, SESSION_MARK_DIGITS } from '../contract-sign-in.ts'
import type { Api } from '../fastify.ts'
import { signedInOf } from '../guard.ts'
import type { OpenFeeds } from '../open-feeds.ts'
import { answers } from './answers.ts'

export interface OwnSessionsOptions {
  readonly store: Store
  readonly check: CheckShown
  readonly feeds: OpenFeeds
  readonly note: NoteAction
  readonly now: () => number
  readonly signInsPerMinute: number
}

export function registerOwnSessions(api: Api, options: OwnSessionsOptions): void {
  const { store, check, feeds, note, now } = options
  const recorded = recordedBy(note)
  api.post(
    '/api/account/sessions/end',
    {
      config: {
        access: 'own-account',
        rateLimit: { max: options.signInsPerMinute, timeWindow: 60_000 },
      },
      schema: {
        summary: 'End the own sessions elsewhere: the one with a mark, or all',
        body: EndSessionsSchema,
        response: answers(EndedSessionsSchema),
      },
    },
    async (request) => {
      const { session, account } = signedInOf(request)
      const { mark, ...shown } = request.body
      const ended = await recorded(request, ['sessions-end', 'sessions-end-refused'], {
        object: account.name,
        detail: 'ended-by-owner',
        ...(mark === undefined ? {} : { after: { mark } }),
        act: async () => {
          await check(account.name, shown, 'code')
          return mark === undefined
            ? endSessionsOf(store, account.name, 'ended-by-owner', now(), session.id)
            : endOne(mark)
        },
      })
      for (const id of ended) feeds.end({ session: id })
      return { ended: ended.length }

      async function endOne(marked: string): Promise<readonly string[]> {
        const open = await store.sessionsOf(account.name)
        const found = open.find(({ id }) => id !== session.id && id.slice(0, SESSION_MARK_DIGITS) === marked)
        if (found === undefined) throw new ShoukouError('not-found', 'That session is over already.')
        await store.endSession(found.id, 'ended-by-owner', now())
        return [found.id]
      }
    },
  )
}
