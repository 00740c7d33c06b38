/**
 * What every answer forbids the browser: foreign scripts, frames, guesses at the type, telling where it came from.
 */
import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import helmet from '@fastify/helmet'
import type { Api } from './fastify.ts'

/** For answers that are made before a request is one, and which no hook therefore reaches. */
export const BARE_HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const

const nonces = new WeakMap<ServerResponse, string>()

/** Returns the nonce of one answer: the same in its header and in its page, another in each answer. */
export function nonceOf(response: ServerResponse): string {
  const nonce = nonces.get(response) ?? randomBytes(18).toString('base64')
  nonces.set(response, nonce)
  return nonce
}

export async function registerSecurityHeaders(api: Api): Promise<void> {
  await api.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        // The component kit writes its styles at run time, under the nonce of the page.
        styleSrc: ["'self'", (_request, response) => `'nonce-${nonceOf(response)}'`],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    // Below: not for every host.
    hsts: false,
  })
  api.addHook('onRequest', async (request, reply) => {
    const host = request.hostname
    // A browser keeps this for a name and all its ports: on `localhost` it would break whatever else runs there.
    if (host !== 'localhost' && isIP(host.replace(/^\[(.*)\]$/, '$1')) === 0) {
      reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains')
    }
    reply.header('permissions-policy', 'camera=(), microphone=(), geolocation=(), usb=(), serial=()')
    // A page overwrites it where it may be kept.
    reply.header('cache-control', 'no-store')
  })
}
