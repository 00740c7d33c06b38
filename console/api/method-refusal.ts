/** Tells an address that exists under another method (405) from one that does not exist at all (404). */
import type { Api } from './fastify.ts'

/** Returns the methods that a path answers, of the API's routes registered after this call. */
export function collectMethods(api: Api): (path: string) => string[] {
  const routes: { readonly pattern: RegExp; readonly method: string }[] = []
  api.addHook('onRoute', ({ url, method }) => {
    if (!url.startsWith('/api/')) return
    const pattern = new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`)
    for (const one of [method].flat()) routes.push({ pattern, method: one })
  })
  return (path) =>
    [...new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))].toSorted()
}
