/** The wall display: what it shows, its feed, opening one at its screen; and who may have one. */
import type { OutgoingHttpHeaders } from 'node:http'
import { ShoukouError } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { Feed } from '../../feed/ports.ts'
import type { Store } from '../../store/ports.ts'
import type { WallRow } from '../../store/wall-ports.ts'
import { readSession, type SessionLimits } from '../../workflows/accounts/session.ts'
import type { SignInRules } from '../../workflows/accounts/sign-in-rules.ts'
import { endWall, makeWall, openWall, WALL_LIMITS } from '../../workflows/walls/walls.ts'
import { type NoteAction, recordedBy } from '../action-note.ts'
import {
  EndWallSchema,
  NewWallAnswerSchema,
  NewWallSchema,
  OpenWallSchema,
  WallAnswerSchema,
  type WallItem,
  WallOpenedSchema,
  WallsAnswerSchema,
  WatchDaysAnswerSchema,
} from '../contract-wall.ts'
import type { Api } from '../fastify.ts'
import { FeedConnection } from '../feed-connection.ts'
import { signedInOf } from '../guard.ts'
import type { OpenFeeds } from '../open-feeds.ts'
import type { ApiLog, ApiPace } from '../ports.ts'
import type { Shown } from '../read-wall.ts'
import { setSessionCookie } from '../session-cookie.ts'
import { paceSubscriber, WALL_FEED_GAP_MS } from '../wall-feed.ts'
import { WATCH_DAYS_SHOWN } from '../watch-days.ts'
import { answers } from './answers.ts'

const WallParamsSchema = Type.Object(
  { wall: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  { additionalProperties: false },
)

export interface WallOptions {
  readonly store: Store
  readonly feed: Feed
  readonly feeds: OpenFeeds
  readonly read: () => Promise<Shown>
  readonly rules: () => SignInRules
  readonly sessionLimits: SessionLimits
  readonly note: NoteAction
  readonly log: ApiLog
  readonly now: () => number
  readonly pace: ApiPace
}

export function registerWall(api: Api, options: WallOptions): void {
  registerShown(api, options)
  registerOpening(api, options)
  registerKeeping(api, options)
}

function registerShown(api: Api, options: WallOptions): void {
  const { store, feed, feeds, read, sessionLimits, log, now, pace } = options
  api.get(
    '/api/wall',
    {
      config: { access: 'wall.read', wall: true },
      schema: {
        summary: 'What a wall display shows of the unit: sums, departments, newest headlines',
        response: answers(WallAnswerSchema),
      },
    },
    async (request) => {
      const { session } = signedInOf(request)
      const wall = session.reach === 'wall' ? await store.wallOfSession(session.id) : null
      return { ...(await read()), until: wall?.expiresAt ?? null }
    },
  )
  api.get(
    '/api/wall/feed',
    {
      config: { access: 'wall.read', wall: true },
      exposeHeadRoute: false,
      schema: { summary: 'Says that what a wall display shows has changed, text/event-stream' },
    },
    (request, reply) => {
      const { session, account } = signedInOf(request)
      feeds.assertRoom(session.id)
      const connection = new FeedConnection({
        response: reply.raw,
        write: async () => changed,
        resyncText: () => changed,
        isSessionAlive: async () =>
          (await readSession(store, session.id, { now: now(), limits: sessionLimits })) !== null,
        log,
        commentMs: pace.feedCommentMs,
        sessionCheckMs: pace.feedSessionCheckMs,
        batchBytesMax: pace.feedBatchBytesMax,
        waitingMax: 1,
        stalledMsMax: pace.feedStalledMsMax,
      })
      const paced = paceSubscriber(connection, WALL_FEED_GAP_MS, (callback, delayMs) => {
        const timer = setTimeout(callback, delayMs)
        return () => clearTimeout(timer)
      })
      const leave = feed.subscribe(paced, null)
      reply.hijack()
      connection.start({
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
      })
      feeds.add({ session: session.id, account: account.name }, connection, () => {
        leave()
        paced.stop()
      })
      connection.resync()
    },
  )
  api.get(
    '/api/watch-days',
    {
      config: { access: 'wall.read' },
      schema: {
        summary: 'How well the unit was watched, day by day, as the console saw it then',
        response: answers(WatchDaysAnswerSchema),
      },
    },
    async () => ({ days: [...(await store.watchDays(now() - WATCH_DAYS_SHOWN * 86_400_000))] }),
  )
}

const changed = 'event: changed\ndata: {}\n\n'

function registerOpening(api: Api, { store, rules, note, now, pace }: WallOptions): void {
  api.post(
    '/api/wall/session',
    {
      config: { access: 'public', rateLimit: { max: pace.signInsPerMinute, timeWindow: 60_000 } },
      schema: {
        summary: 'Open a wall display at its screen, by the code that an administrator got',
        body: OpenWallSchema,
        response: answers(WallOpenedSchema),
      },
    },
    async (request, reply) => {
      const browser = request.headers['user-agent'] ?? ''
      const { code } = request.body
      const opened = await openWall({ store, rules, now }, code, {
        address: request.peerAddress,
        browser,
      }).catch(async (error: unknown) => {
        const detail = error instanceof ShoukouError ? error.code : 'internal-error'
        await note(request, { action: 'wall-open-refused', object: '', account: '', detail })
        throw error
      })
      const { wall, secret } = opened
      await note(request, {
        action: 'wall-open',
        object: String(wall.id),
        account: wall.account,
        role: 'viewer',
        detail: wall.address,
      })
      setSessionCookie(reply, secret)
      return { until: wall.expiresAt }
    },
  )
}

function registerKeeping(api: Api, { store, feeds, rules, note, now }: WallOptions): void {
  const recorded = recordedBy(note)
  api.get(
    '/api/walls',
    {
      config: { access: 'walls.read' },
      schema: { summary: 'Wall displays, newest first', response: answers(WallsAnswerSchema) },
    },
    async () => {
      const [rows, accounts] = await Promise.all([store.walls(WALL_LIMITS.listed), store.accounts()])
      const at = now()
      return {
        walls: await Promise.all(
          rows.map(async (row) => {
            const session = row.session === null ? null : await store.session(row.session)
            const isLive = session !== null && session.endedAt === null
            return wallItem(row, { lastUsedAt: session?.lastUsedAt ?? null, isLive, at })
          }),
        ),
        daysMax: rules().wallDaysMax,
        accounts: accounts
          .filter(({ role, state }) => role === 'viewer' && state === 'active')
          .map(({ name }) => name),
      }
    },
  )
  api.post(
    '/api/walls',
    {
      config: { access: 'walls.keep' },
      schema: {
        summary: 'Allow a screen to show the unit with nobody at it',
        body: NewWallSchema,
        response: answers(NewWallAnswerSchema),
      },
    },
    async (request) => {
      const { account, address, days, reason } = request.body
      const { wall, code } = await recorded(request, ['wall-make', 'wall-make-refused'], {
        object: account,
        detail: '',
        after: { address, days },
        reason,
        act: () => makeWall({ store, rules, now }, request.body, signedInOf(request).account.name),
      })
      return { code, codeUntil: wall.codeUntil }
    },
  )
  api.post(
    '/api/walls/:wall/end',
    {
      config: { access: 'walls.keep' },
      schema: { summary: 'End a wall display at once', params: WallParamsSchema, body: EndWallSchema },
    },
    async (request, reply) => {
      const { wall } = request.params
      const { reason } = request.body
      const session = await recorded(request, ['wall-end', 'wall-end-refused'], {
        object: String(wall),
        detail: '',
        reason,
        act: () => endWall({ store, now }, wall, { by: signedInOf(request).account.name, why: reason }),
      })
      if (session !== null) feeds.end({ session })
      return reply.status(204).send()
    },
  )
}

function wallItem(
  row: WallRow,
  { lastUsedAt, isLive, at }: { lastUsedAt: number | null; isLive: boolean; at: number },
): WallItem {
  const { id, account, address, reason, madeBy, madeAt, expiresAt, openedAt } = row
  const { endedAt, endedBy, endedWhy, session, codeUntil } = row
  const isWaiting = session === null && endedAt === null
  const state = isWaiting
    ? at < codeUntil
      ? 'waiting'
      : 'never-opened'
    : isLive && endedAt === null && at < expiresAt
      ? 'open'
      : 'over'
  return {
    ...{ id, account, address, reason, madeBy, madeAt, expiresAt, openedAt },
    ...{ lastUsedAt, state, endedAt, endedBy, endedWhy },
  }
}
