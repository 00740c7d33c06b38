/**
 * The built pages. Any address that is not the API's and not a file's is the one page, which finds its own way;
 * hashed files never change and may be kept for good, the page itself never.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { ShoukouError } from '@shoukou/protocol'
import type { FastifyReply } from 'fastify'
import type { Api } from '../fastify.ts'
import { nonceOf } from '../security-headers.ts'

/** Where the page wants its nonce. */
const noncePlaceholder = '__CSP_NONCE__'
/** Where the page is told whether everything that it shows is made up. */
const demonstrationPlaceholder = '__DEMONSTRATION__'
const yearMs = 365 * 86_400_000

export async function registerPages(api: Api, webRoot: string, isDemonstration = false): Promise<void> {
  await api.register(fastifyStatic, {
    root: webRoot,
    serve: false,
    dotfiles: 'deny',
    index: false,
    cacheControl: false,
    // The build writes a packed copy beside each script and style. Answers of the API are never packed: what a device calls
    // itself would stand beside what is secret, and the length of both together tells of the secret.
    preCompressed: true,
  })
  api.get('/*', { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) => {
    const path = (request.params as { '*': string })['*']
    if (path === 'api' || path.startsWith('api/'))
      throw new ShoukouError('not-found', 'The API has no such address; see /api/openapi.json.')
    if (!/\.[A-Za-z0-9]+$/.test(path) || path === 'index.html')
      return sendPage(reply, webRoot, isDemonstration)
    const isHashed = path.startsWith('assets/')
    return reply
      .header('cache-control', isHashed ? `public, max-age=${yearMs / 1_000}, immutable` : 'no-cache')
      .sendFile(path)
  })
}

async function sendPage(
  reply: FastifyReply,
  webRoot: string,
  isDemonstration: boolean,
): Promise<FastifyReply> {
  const page = await readPage(join(webRoot, 'index.html'))
  return reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(
      page
        .replaceAll(noncePlaceholder, nonceOf(reply.raw))
        .replaceAll(demonstrationPlaceholder, isDemonstration ? 'yes' : 'no'),
    )
}

async function readPage(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new ShoukouError(
      'not-found',
      'The pages are not built; build them, then start the console again.',
      { cause },
    )
  }
}
