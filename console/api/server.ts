/**
 * The API over TLS 1.3: builds the server and its routes. What a route does is in `routes/`, who may use it in
 * `permissions.ts`, what it says in `contract.ts`.
 */
import { X509Certificate } from 'node:crypto'
import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import cookie from '@fastify/cookie'
import rateLimit from '@fastify/rate-limit'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { LIMITS, ShoukouError } from '@shoukou/protocol'
import fastify, { type FastifyHttpsOptions, type FastifyReply } from 'fastify'
import { trackSockets } from '../base/open-sockets.ts'
import { unitWords } from '../workflows/accounts/password-words.ts'
import { openRulesBook } from '../workflows/accounts/rules-book.ts'
import { createSecondFactors } from '../workflows/accounts/second-factor.ts'
import { createSignInCheck } from '../workflows/accounts/sign-in.ts'
import { createClocks } from '../workflows/clocks/create-clocks.ts'
import { handedIn } from '../workflows/clocks/watch-clocks.ts'
import { createActionNote } from './action-note.ts'
import { nameDownloads } from './demonstration.ts'
import { errorAnswer, refusalOf } from './error-answer.ts'
import { accountsTable } from './export/accounts-table.ts'
import { computersTable } from './export/computers-table.ts'
import { exceptionsTable } from './export/exceptions-table.ts'
import { findingsTable } from './export/findings-table.ts'
import { mediaTable } from './export/media-table.ts'
import { registerTables } from './export/registers-table.ts'
import { slipsTable } from './export/slips-table.ts'
import { violationsTable } from './export/violations-table.ts'
import type { Api } from './fastify.ts'
import { createMessageWriter } from './feed-text.ts'
import { guardRoutes } from './guard.ts'
import { readJsonStrictly } from './json-body.ts'
import { API_LIMITS } from './limits.ts'
import { OpenFeeds } from './open-feeds.ts'
import { registerDocument } from './openapi.ts'
import type { ApiLog, ApiOptions, ApiPace, TlsMaterial } from './ports.ts'
import { createComputerReader } from './read-computers.ts'
import { createMediaReader } from './read-media.ts'
import { createWallReader } from './read-wall.ts'
import { listRoutes, methodsOf } from './route-list.ts'
import { registerAbout } from './routes/about.ts'
import { registerAccounts } from './routes/accounts.ts'
import { registerActs } from './routes/acts.ts'
import { registerArchives } from './routes/archives.ts'
import { registerBundles } from './routes/bundles.ts'
import { registerCeiling } from './routes/ceiling.ts'
import { registerClocks } from './routes/clocks.ts'
import { registerComputers } from './routes/computers.ts'
import { registerEnrol } from './routes/enrol.ts'
import { registerExceptions } from './routes/exceptions.ts'
import { registerExports } from './routes/export.ts'
import { registerFeed } from './routes/feed.ts'
import { registerFindings } from './routes/findings.ts'
import { registerForwarding } from './routes/forwarding.ts'
import { registerGrants } from './routes/grants.ts'
import { registerHandling } from './routes/handling.ts'
import { registerIdentity } from './routes/identity.ts'
import { registerKeeping } from './routes/keeping.ts'
import { registerLeakForm } from './routes/leak-form.ts'
import { registerMedia } from './routes/media.ts'
import { registerNetwork } from './routes/network.ts'
import { registerOwnAccount } from './routes/own-account.ts'
import { registerOwnSessions } from './routes/own-sessions.ts'
import { registerPages } from './routes/pages.ts'
import { registerPapers } from './routes/papers.ts'
import { registerPolicies } from './routes/policies.ts'
import { registerPrints } from './routes/prints.ts'
import { registerRecords } from './routes/records.ts'
import { registerSheets } from './routes/register-sheets.ts'
import { registerStructure } from './routes/register-structure.ts'
import { registerRegisters } from './routes/registers.ts'
import { registerRemoval } from './routes/removal.ts'
import { registerSavedViews } from './routes/saved-views.ts'
import { registerSession } from './routes/session.ts'
import { registerSignInRules } from './routes/sign-in-rules.ts'
import { registerTimeline } from './routes/timeline.ts'
import { registerTrail } from './routes/trail.ts'
import { registerViolations } from './routes/violations.ts'
import { registerWall } from './routes/wall.ts'
import { BARE_HEADERS, registerSecurityHeaders } from './security-headers.ts'
import { createSeenNote } from './seen-note.ts'
import { createOpenFor } from './session-cookie.ts'
import { sweepWhileRunning } from './sweep-sessions.ts'
import { compileSerializer, compileValidator } from './validate.ts'
import { violationItem } from './view/violation-view.ts'
import { lookWhileRunning } from './watch-days.ts'

/**
 * Returns the server, ready to listen. `close` ends the feed's connections, then what is under way.
 *
 * Throws Error where a route names no access, or the certificate and its key are not usable.
 */
export async function createApi(options: ApiOptions): Promise<Api> {
  const { store, feed, log, policies, media, access } = options
  const now = options.now ?? Date.now
  const book = await openRulesBook(store, options.level)
  const rules = () => book.current()
  const sessionLimits = options.sessionLimits ?? book.sessionLimits
  const pace: ApiPace = { ...defaultPace, ...options.pace }
  const api = buildServer(options)
  const note = createActionNote(store, now)
  const seen = createSeenNote(note, now)
  const computers = createComputerReader(store)
  const reader = createMediaReader(store)
  const feeds = new OpenFeeds()
  const { signIn, level, unit } = options
  const check = createSignInCheck({ store, keys: signIn.keys, rules, now })
  const openFor = createOpenFor({ store, feeds, note, rules, now })

  await registerSecurityHeaders(api)
  await registerPlugins(api)
  listRoutes(api)
  answerErrors(api, log)
  guardRoutes(api, {
    store,
    names: options.names,
    now,
    sessionLimits,
    isAddressKept: () => rules().isAddressKept,
    note,
  })
  api.addHook('preClose', async () => feeds.endAll())

  const { isDemonstration = false } = options
  if (isDemonstration) nameDownloads(api)
  registerAbout(api, { now, startedAt: now(), durability: store.durability, isDemonstration })
  registerEnrol(api, { enrol: options.enrol, note, perMinute: pace.enrolmentsPerMinute })
  const words = unitWords({ unit, names: options.names })
  const own = { store, rules, sessionLimits, now, unit, words, level, feeds, note, openFor }
  const { signInsPerMinute } = pace
  const judge = { store, authority: new X509Certificate(signIn.authority), now }
  registerSession(api, { ...own, check, judge, signInsPerMinute, leaked: signIn.leaked })
  registerOwnSessions(api, { ...own, check, signInsPerMinute })
  const issuer = `Shoukou ${unit}`
  const factors = createSecondFactors({ store, keys: signIn.keys, check, rules, now, issuer })
  registerOwnAccount(api, { ...own, factors, signInsPerMinute })
  registerSignInRules(api, { store, book, level, signIn, feeds, note, now })
  sweepWhileRunning(api, { store, feeds, log, now, sessionLimits })
  registerComputers(api, { store, computers, policies, note })
  registerRecords(api, { store, seen })
  registerTimeline(api, { store, seen, now })
  registerPolicies(api, { store, policies, note })
  registerCeiling(api, { ceilings: options.ceilings, note })
  registerViolations(api, { store, computers, seen, now })
  registerHandling(api, { store, handling: access.handling, note })
  await registerPapers(api, { store, papers: access.papers, note, seen })
  registerExceptions(api, { store, exceptions: access.exceptions, note, now })
  registerSavedViews(api, { store, now })
  const clocks = createClocks({ store, now, headlineOf: (violation) => violationItem(violation).headline })
  registerClocks(api, {
    ...{ store, clocks, note, now },
    handedIn: (numbers, year) =>
      handedIn(
        { store, ended: (violation) => feed.publish({ kind: 'violation-changed', violation }) },
        numbers,
        { year, at: now() },
      ),
  })
  registerLeakForm(api, { store, clocks, unit, note, seen, now })
  registerNetwork(api, { store, isolation: options.isolation, acts: access.acts, note })
  registerAccounts(api, { store, accounts: access.accounts, computers, feed, feeds, note, now })
  registerActs(api, { store, acts: access.acts, feeds, note })
  registerIdentity(api, { store, identities: options.identities, policies, note, now })
  registerRemoval(api, { store, removal: options.removal, note })
  registerMedia(api, { store, media, reader, note })
  registerRegisters(api, { store, registers: options.registers, note })
  registerSheets(api, { registers: options.registers, note })
  registerFindings(api, { store, registers: options.registers, note, now })
  registerExports(api, {
    tables: [
      ...registerTables(store),
      mediaTable(store),
      violationsTable(store),
      computersTable(computers),
      findingsTable(store, now),
      accountsTable(store),
      exceptionsTable(store, now),
      slipsTable(store),
    ],
    note,
    isDemonstration,
  })
  registerStructure(api, { store, registers: options.registers, note, now })
  registerPrints(api, { store, unit: options.unit, note, now })
  registerGrants(api, { store, media, reader, note })
  registerTrail(api, { store, trail: options.trail, note, seen })
  await registerBundles(api, { store, bundles: options.bundles, authority: signIn.authority, note })
  registerForwarding(api, { store, forwarding: options.forwarding, acts: access.acts, note })
  registerArchives(api, { archives: options.archives, acts: access.acts, note })
  registerKeeping(api, { keeping: options.keeping, restore: options.restore, acts: access.acts, note })
  registerFeed(api, {
    store,
    feed,
    feeds,
    write: createMessageWriter(computers, store),
    log,
    now,
    sessionLimits,
    pace,
  })
  const read = createWallReader({ store, computers, now, unit, level })
  registerWall(api, { store, feed, feeds, read, rules, sessionLimits, note, log, now, pace })
  lookWhileRunning(api, { store, computers, log, now })
  await registerPages(api, options.webRoot, isDemonstration)
  await api.ready()
  return api
}

/** Gives a running server another certificate; connections that are open keep theirs. */
export function renewTls(api: Api, { cert, key }: TlsMaterial, authority: string): void {
  // With the authority again: else certificates of any public one would be asked for from now on.
  api.server.setSecureContext({ cert, key, ca: authority, minVersion: 'TLSv1.3' })
}

const defaultPace: ApiPace = {
  signInsPerMinute: API_LIMITS.signInsPerMinute,
  enrolmentsPerMinute: API_LIMITS.enrolmentsPerMinute,
  feedCommentMs: API_LIMITS.feedCommentMs,
  feedSessionCheckMs: API_LIMITS.feedSessionCheckMs,
  feedBatchBytesMax: API_LIMITS.feedBatchBytesMax,
  feedStalledMsMax: API_LIMITS.feedStalledMsMax,
}

function buildServer({ tls, log, signIn }: ApiOptions): Api {
  const { cert, key } = typeof tls === 'function' ? tls() : tls
  const serverOptions: FastifyHttpsOptions<Server> = {
    https: {
      cert,
      key,
      minVersion: 'TLSv1.3',
      // Asked for, not demanded: browsers without a USB key, and agents that enrol, show none. What one is worth is decided
      // at sign-in, in words that a handshake has not.
      ca: signIn.authority,
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: API_LIMITS.handshakeMsMax,
      headersTimeout: API_LIMITS.headersMsMax,
      connectionsCheckingInterval: API_LIMITS.slowCheckMs,
    },
    logger: false,
    // A header that names another address is anybody's word.
    trustProxy: false,
    bodyLimit: LIMITS.apiBodyBytesMax,
    requestTimeout: API_LIMITS.requestMsMax,
    connectionTimeout: API_LIMITS.socketIdleMsMax,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, _request, reply) => {
      const { status, answer } = refusalOf(error)
      const refusal = reply as FastifyReply
      void refusal
        .code(status)
        .headers(BARE_HEADERS)
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(answer))
    },
    clientErrorHandler: (error, socket) => refuseRaw(error, socket, log),
  }
  const api: Api = fastify(serverOptions).withTypeProvider<TypeBoxTypeProvider>()
  api.server.maxConnections = API_LIMITS.connectionsMax
  const endSockets = trackSockets(api.server)
  // What is under way may end by itself for a moment; a request that never does holds no stop back.
  api.addHook('preClose', async () => void setTimeout(endSockets, API_LIMITS.closeMsMax).unref())
  api.setValidatorCompiler(compileValidator)
  api.setSerializerCompiler(compileSerializer)
  readJsonStrictly(api)
  return api
}

async function registerPlugins(api: Api): Promise<void> {
  await api.register(cookie)
  await api.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { after }) =>
      new ShoukouError('rate-limited', `Too many tries from this address; wait ${after}.`),
  })
  await registerDocument(api)
}

function answerErrors(api: Api, log: ApiLog): void {
  api.setErrorHandler((error, request, reply) => {
    const { status, answer, isInternal } = refusalOf(error)
    const where = { method: request.method, route: request.routeOptions.url, code: answer.error.code }
    reply.header('cache-control', 'no-store')
    if (isInternal) log.error({ ...where, err: error }, 'a request failed')
    return reply.code(status).type('application/json; charset=utf-8').send(answer)
  })
  api.setNotFoundHandler((request, reply) => {
    // A file that is not there had been promised for good.
    reply.header('cache-control', 'no-store')
    const path = request.url.split('?', 1)[0] ?? ''
    const methods = methodsOf(api.registeredRoutes, path)
    if (methods.length === 0 || methods.includes(request.method)) {
      return reply.code(404).send(errorAnswer('not-found', 'There is no such thing here; check the address.'))
    }
    const allow = methods.join(', ')
    return reply
      .code(405)
      .header('allow', allow)
      .send(errorAnswer('invalid-request', `This address answers ${allow}.`))
  })
}

const bareHeaderLines = Object.entries(BARE_HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')

/** Bytes that are not HTTP: there is no request yet, so the answer is written by hand. */
function refuseRaw(error: NodeJS.ErrnoException, socket: Socket, log: ApiLog): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  log.info({ code: error.code }, 'what came was not HTTP')
  const isLong = error.code === 'HPE_HEADER_OVERFLOW'
  const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const [status, body] = isLong
    ? ['431 Request Header Fields Too Large', errorAnswer('limit-exceeded', 'The headers are too large.')]
    : isSlow
      ? [
          '408 Request Timeout',
          errorAnswer('invalid-request', 'The request did not arrive in time; send it again.'),
        ]
      : ['400 Bad Request', errorAnswer('invalid-request', 'This is not an HTTP request.')]
  const text = JSON.stringify(body)
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n${bareHeaderLines}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    () => socket.destroy(),
  )
}
