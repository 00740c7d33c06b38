/**
 * Reads bodies: JSON in UTF-8, and nothing else. Bytes that are not UTF-8 are refused, not repaired: a device's name
 * in a policy would be another one afterwards. Keys that reach a prototype are refused.
 */

import { ShoukouError } from '@shoukou/protocol'
import type { Api } from './fastify.ts'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Makes an API read `application/json` alone, strictly. */
export function readJsonStrictly(api: Api): void {
  const parse = api.getDefaultJsonParser('error', 'error')
  api.removeAllContentTypeParsers()
  api.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = decode(body)
    if (text === null) done(new ShoukouError('invalid-request', 'The body is not UTF-8.'))
    else void parse(request, text, done)
  })
}

function decode(body: string | Buffer): string | null {
  try {
    return strictUtf8.decode(typeof body === 'string' ? Buffer.from(body) : body)
  } catch {
    return null
  }
}
