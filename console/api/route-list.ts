/**
 * The routes that the API has: so that an address under a wrong method is told from one that does not exist, and so
 * that a test can walk all of them.
 */
import type { Api } from './fastify.ts'
import type { Access } from './permissions.ts'
import type { RouteScope } from './scope.ts'

export interface RegisteredRoute {
  readonly method: string
  readonly url: string
  readonly access: Access | undefined
  readonly scope: RouteScope | undefined
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly registeredRoutes: readonly RegisteredRoute[]
  }
}

/** Keeps a list of what is registered after this call, as `registeredRoutes`. */
export function listRoutes(api: Api): void {
  const routes: RegisteredRoute[] = []
  api.decorate('registeredRoutes', routes)
  api.addHook('onRoute', ({ url, method, config }) => {
    for (const one of [method].flat())
      routes.push({ method: one, url, access: config?.access, scope: config?.scope })
  })
}

/** Returns the methods that a path of the API answers, sorted. Pure. */
export function methodsOf(routes: readonly RegisteredRoute[], path: string): string[] {
  const matching = routes.filter(({ url }) => url.startsWith('/api/') && patternOf(url).test(path))
  return [...new Set(matching.map(({ method }) => method))].toSorted()
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`)
}
