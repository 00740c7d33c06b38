/** The live feed as server-sent events. */

import type { OutgoingHttpHeaders } from 'node:http'
import { mayRole } from '@shoukou/protocol'
import type { Feed } from '../../feed/ports.ts'
import type { Store } from '../../store/ports.ts'
import { readSession, type SessionLimits } from '../../workflows/accounts/session.ts'
import type { Api } from '../fastify.ts'
import { FeedConnection } from '../feed-connection.ts'
import { eventText, parsePlace, type WriteMessage } from '../feed-text.ts'
import { signedInOf } from '../guard.ts'
import { API_LIMITS } from '../limits.ts'
import type { OpenFeeds } from '../open-feeds.ts'
import type { ApiLog, ApiPace } from '../ports.ts'
import { scopeOf } from '../scope.ts'

export interface FeedRouteOptions {
  readonly store: Store
  readonly feed: Feed
  readonly feeds: OpenFeeds
  readonly write: WriteMessage
  readonly log: ApiLog
  readonly now: () => number
  readonly sessionLimits: SessionLimits
  readonly pace: ApiPace
}

export function registerFeed(api: Api, options: FeedRouteOptions): void {
  const { store, feed, feeds, write, log, now, sessionLimits, pace } = options
  api.get(
    '/api/feed',
    {
      config: { access: 'computers.read', scope: 'filtered' },
      exposeHeadRoute: false,
      schema: { summary: 'The live feed, text/event-stream; violations only for who may read them' },
    },
    (request, reply) => {
      const { session, account } = signedInOf(request)
      const reader = {
        mayReadViolations: mayRole(account.role, 'violations.read'),
        scope: scopeOf(request),
      }
      feeds.assertRoom(session.id)
      const connection = new FeedConnection({
        response: reply.raw,
        write: (message) => write(message, reader),
        resyncText: () => eventText('resync', {}, feed.place()),
        isSessionAlive: async () =>
          (await readSession(store, session.id, { now: now(), limits: sessionLimits })) !== null,
        log,
        commentMs: pace.feedCommentMs,
        sessionCheckMs: pace.feedSessionCheckMs,
        batchBytesMax: pace.feedBatchBytesMax,
        stalledMsMax: pace.feedStalledMsMax,
        waitingMax: API_LIMITS.feedWaitingMax,
      })
      const last = request.headers['last-event-id']
      const place = typeof last === 'string' ? parsePlace(last) : null
      // May refuse, so before the answer begins; nothing is written before `start`.
      const leave = feed.subscribe(connection, place)
      reply.hijack()
      connection.start({
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
      })
      feeds.add({ session: session.id, account: account.name }, connection, leave)
      // A page without a place fetches once more now that it listens: what came between its reading and this is in it.
      if (place === null) connection.resync()
    },
  )
}
