/**
 * Which objects a request reaches: what a role sees of the unit, against what a route reads.
 *
 * A route says how it is scoped. One that says nothing is for those who see the whole unit; where the table gives its
 * permission to a role that sees a department alone, it does not start.
 */
import {
  mayReach,
  mayRole,
  PERMISSIONS,
  ROLE_SCOPES,
  ROLES,
  type Role,
  ShoukouError,
  type ViewScope,
  viewScopeOf,
} from '@shoukou/protocol'
import type { ObjectKind } from '../store/access-ports.ts'
import type { Store } from '../store/ports.ts'
import type { AnyRequest } from './fastify.ts'
import type { Access } from './permissions.ts'

/**
 * `computer`, `violation`, `medium`: of the object that the address names (`:agent`, `:id`, `:number`), checked before
 * the handler. `filtered`: the handler leaves out what `scopeOf` does not reach.
 */
export type RouteScope = ObjectKind | 'filtered'

const named: Readonly<Record<ObjectKind, { readonly parameter: string; readonly notFound: string }>> = {
  computer: {
    parameter: 'agent',
    notFound: 'No computer is enrolled under this name; see the list of computers.',
  },
  violation: { parameter: 'id', notFound: 'There is no violation of this number; see the list.' },
  medium: { parameter: 'number', notFound: 'There is no medium of this number; see the register.' },
}

/** Returns the refusal of an object that is not there, or not there for whoever asks: the same words. */
export function notFound(kind: ObjectKind): ShoukouError {
  return new ShoukouError('not-found', named[kind].notFound)
}

/** Returns what whoever is signed in sees of the unit. For handlers behind the guard. */
export function scopeOf(request: AnyRequest): ViewScope {
  if (request.signedIn === null) throw new Error('The route is not behind the guard.')
  return viewScopeOf(request.signedIn.account)
}

/** Returns the part of a list's filter that leaves out other departments; an account of none matches no object. */
export function departmentFilter(scope: ViewScope): { readonly department?: string } {
  return scope.kind === 'unit' ? {} : { department: scope.department ?? '' }
}

/** Why a route may not be registered with its scope; null where it may. Pure. */
export function scopeFault(access: Access, scope: RouteScope | undefined, url: string): string | null {
  if (scope !== undefined && scope !== 'filtered') {
    const { parameter } = named[scope]
    return url.split('/').includes(`:${parameter}`) ? null : `is scoped by ${scope} and has no :${parameter}`
  }
  if (scope !== undefined) return null
  const narrow = ROLES.filter((role) => ROLE_SCOPES[role] === 'department' && holds(role, access))
  return narrow.length === 0
    ? null
    : `names no scope, and ${narrow.join(', ')} (${access}) may use it for one department alone`
}

/**
 * Refuses an object of another department, in the words of one that does not exist.
 *
 * @throws ShoukouError `not-found`; `not-permitted` where the route is for those who see the whole unit.
 */
export async function assertInScope(
  store: Pick<Store, 'departmentOf'>,
  scope: ViewScope,
  { routeScope, params }: { readonly routeScope: RouteScope | undefined; readonly params: unknown },
): Promise<void> {
  if (scope.kind === 'unit' || routeScope === 'filtered') return
  if (routeScope === undefined)
    throw new ShoukouError('not-permitted', 'That is for those who see the whole unit; ask who may.')
  const id = String((params as Readonly<Record<string, unknown>>)[named[routeScope].parameter])
  const found = await store.departmentOf(routeScope, id)
  if (found === null || !mayReach(scope, found.department)) throw notFound(routeScope)
}

function holds(role: Role, access: Access): boolean {
  return PERMISSIONS.some((permission) => permission === access && mayRole(role, permission))
}
