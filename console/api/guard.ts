/**
 * The door of every request: may it come from this page, who sends it, may that role do it.
 *
 * A route that names no access does not start, nor does one that a role of a single department may use and that does not
 * say how it is scoped: forgetting is impossible, not forbidden.
 */
import { mayRole, ShoukouError, viewScopeOf } from '@shoukou/protocol'
import type { FastifyRequest } from 'fastify'
import { certificateFingerprint } from '../pki/account-certificates.ts'
import type { Store } from '../store/ports.ts'
import {
  readSession,
  type SessionLimits,
  type SignedIn,
  sessionIdOf,
  useSession,
} from '../workflows/accounts/session.ts'
import type { NoteAction } from './action-note.ts'
import { BACKGROUND_HEADER, CSRF_HEADER } from './contract.ts'
import type { AnyRequest, Api } from './fastify.ts'
import { peerCertificateOf } from './peer-certificate.ts'
import { type Access, isAccess } from './permissions.ts'
import { assertInScope, type RouteScope, scopeFault } from './scope.ts'

/** `__Host-`: the browser keeps it for this host alone, over TLS alone, and no other page can set it. */
export const SESSION_COOKIE = '__Host-shoukou'

export interface GuardOptions {
  readonly store: Store
  readonly names: readonly string[]
  readonly now: () => number
  readonly sessionLimits: SessionLimits
  /** Whether a session counts only from the address that it was opened from. */
  readonly isAddressKept: () => boolean
  readonly note: NoteAction
}

/** Puts the guard before every route that is registered afterwards. */
export function guardRoutes(api: Api, options: GuardOptions): void {
  const names = new Set(options.names.map((name) => name.toLowerCase()))
  api.decorateRequest('signedIn', null)
  api.decorateRequest('peerAddress', '')
  api.addHook('onRoute', (route) => {
    const access = route.config?.access
    const name = `The route ${String(route.method)} ${route.url}`
    if (!isAccess(access)) throw new Error(`${name} names no access.`)
    const fault = scopeFault(access, route.config?.scope, route.url)
    if (fault !== null) throw new Error(`${name} ${fault}.`)
  })
  // After validation, before the handler: what the address names is what is looked for.
  api.addHook('preHandler', async (request) => {
    const { access, scope } = request.routeOptions.config
    if (request.signedIn === null || access === undefined || isOwn(access)) return
    await assertReach(request, request.signedIn, { scope, options })
  })
  api.addHook('onRequest', async (request) => {
    request.peerAddress = request.socket.remoteAddress ?? ''
    const { access, wall } = request.routeOptions.config
    if (request.is404 || access === undefined) return
    if (!isProvenInBody(access)) assertOwnPage(request, names)
    if (isOpen(access)) return
    const signedIn = await whoSends(request, options)
    request.signedIn = signedIn
    await assertMay(request, signedIn, { access, isOfWall: wall === true, note: options.note })
    if (isUse(request)) {
      await useSession(options.store, signedIn.session, { now: options.now(), limits: options.sessionLimits })
    }
  })
}

/** A look at another department's object is refused like one at nothing, and is on record. */
async function assertReach(
  request: FastifyRequest,
  { account }: SignedIn,
  {
    scope,
    options: { store, note },
  }: { readonly scope: RouteScope | undefined; readonly options: GuardOptions },
): Promise<void> {
  try {
    await assertInScope(store, viewScopeOf(account), { routeScope: scope, params: request.params })
  } catch (error) {
    if (error instanceof ShoukouError) {
      const object = `${request.method} ${request.url}`.slice(0, 300)
      await note(request, { action: 'refused', object, detail: `${error.code}: out of scope` })
    }
    throw error
  }
}

/** No page sends these: an agent does, with a proof of its own in the body. */
function isProvenInBody(access: Access): access is 'enrolment-secret' | 'agent-proof' {
  return access === 'enrolment-secret' || access === 'agent-proof'
}

/** What it reaches is one's own. */
function isOwn(access: Access): access is 'own-session' | 'own-account' {
  return access === 'own-session' || access === 'own-account'
}

/** Nobody has to be signed in. */
function isOpen(access: Access): access is 'public' | 'enrolment-secret' | 'agent-proof' {
  return access === 'public' || isProvenInBody(access)
}

/** What a person caused: not the feed, and not what a page reads by itself. */
function isUse(request: FastifyRequest): boolean {
  if (request.routeOptions.url === '/api/feed') return false
  return request.method !== 'GET' || request.headers[BACKGROUND_HEADER] === undefined
}

/** Returns who is signed in. For handlers behind the guard: anything else is a broken invariant. */
export function signedInOf(request: AnyRequest): SignedIn {
  if (request.signedIn === null) throw new Error('The route is not behind the guard.')
  return request.signedIn
}

/**
 * Refuses a state-changing request that a page of another origin could have caused: it must carry a header that such
 * a page can't set, and where the browser names an origin, that must be this console.
 */
function assertOwnPage(request: FastifyRequest, names: ReadonlySet<string>): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  if (request.headers[CSRF_HEADER] === undefined) {
    throw new ShoukouError(
      'not-permitted',
      `A request that changes something carries the header ${CSRF_HEADER}: 1.`,
    )
  }
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  if (origin !== undefined && !isOwnOrigin(origin, host, names)) throw foreignPage()
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreignPage()
}

function isOwnOrigin(origin: string, host: string | undefined, names: ReadonlySet<string>): boolean {
  if (host === undefined || !URL.canParse(origin) || !URL.canParse(`https://${host}`)) return false
  const from = new URL(origin)
  const own = new URL(`https://${host}`)
  // The Host must be one of ours: a name that someone else points at this address is not.
  return from.origin === own.origin && names.has(own.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase())
}

function foreignPage(): ShoukouError {
  return new ShoukouError(
    'not-permitted',
    'The request comes from a page of another origin; open the console itself.',
  )
}

async function whoSends(
  request: FastifyRequest,
  { store, now, sessionLimits, isAddressKept }: GuardOptions,
): Promise<SignedIn> {
  const secret = request.cookies[SESSION_COOKIE]
  const signedIn =
    secret === undefined
      ? null
      : await readSession(store, sessionIdOf(secret), {
          now: now(),
          limits: sessionLimits,
          place: {
            address: request.peerAddress,
            certificate: fingerprintOf(request),
            isAddressKept: isAddressKept(),
          },
        })
  if (signedIn === null)
    throw new ShoukouError('not-signed-in', 'Sign in first; a session ends when it is not used.')
  return signedIn
}

function fingerprintOf(request: FastifyRequest): string | null {
  const certificate = peerCertificateOf(request)
  return certificate === null ? null : certificateFingerprint(certificate)
}

async function assertMay(
  request: FastifyRequest,
  { account, session }: SignedIn,
  {
    access,
    isOfWall,
    note,
  }: { readonly access: Access; readonly isOfWall: boolean; readonly note: NoteAction },
): Promise<void> {
  if (session.reach === 'wall' && !isOfWall) {
    await note(request, {
      action: 'refused',
      object: `${request.method} ${request.routeOptions.url ?? ''}`,
      detail: 'not-permitted: a wall display',
    })
    throw new ShoukouError('not-permitted', 'A wall display shows its own page alone; sign in for more.')
  }
  if (access === 'own-session' || isOpen(access)) return
  const object = `${request.method} ${request.routeOptions.url ?? ''}`
  // No password opens a wall display, so that none has to be changed for it.
  if (session.reach !== 'wall' && (account.mustChange || session.reach === 'password-change')) {
    await note(request, { action: 'refused', object, detail: 'password-must-change' })
    throw new ShoukouError(
      'password-must-change',
      'Change the password first: it is one-time, or its time is over.',
    )
  }
  if (access === 'own-account') return
  if (session.reach === 'second-factor-set-up') {
    await note(request, { action: 'refused', object, detail: 'second-factor-needed' })
    throw new ShoukouError(
      'second-factor-needed',
      'Set up the second factor first: the rules demand it of this role.',
    )
  }
  if (!mayRole(account.role, access)) {
    await note(request, { action: 'refused', object, detail: `not-permitted: ${access}` })
    throw new ShoukouError(
      'not-permitted',
      `The role ${account.role} may not do that (${access}); ask who may.`,
    )
  }
}
