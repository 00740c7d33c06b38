/**
 * Posts a batch as JSON to a receiver on the unit's own network.
 *
 *   x-shoukou-delivery:  the id of the batch's last message
 *   x-shoukou-signature: t=UNIX SECONDS,v1=hex(HMAC-SHA-256(key, t "." body))
 *
 * A redirection is refused: whoever answers decides nothing about where this console sends.
 */
import { createHmac } from 'node:crypto'
import { request } from 'node:https'
import { isIP } from 'node:net'
import { allowedAddresses } from './allowed-address.ts'
import { encodeJson } from './encode-json.ts'
import { ForwardError, failureOf, shownAnswer } from './failures.ts'
import { FORWARD_LIMITS } from './limits.ts'
import type { WebhookSettings } from './ports.ts'
import { tlsOptions } from './send-stream.ts'
import type { Transport } from './transport.ts'
import type { TransportParts } from './transport-parts.ts'

/** Returns the signature header of a body; `seconds` is Unix time. */
export function signWebhook(key: string, body: string, seconds: number): string {
  const mac = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${mac}`
}

/** Returns the way to a webhook. */
export function webhookTransport(settings: WebhookSettings, parts: TransportParts): Transport {
  return {
    async send(messages, { signal }) {
      const key = parts.secret('hmacKey')
      if (key === null) throw new ForwardError('settings-invalid', 'hmacKey')
      const url = new URL(settings.url)
      const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
      const addresses = await allowedAddresses(host, parts.prefixes)
      const body = `{"format":"shoukou.forward.v1","messages":[${messages.map(encodeJson).join(',')}]}`
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'shoukou-console',
        'x-shoukou-delivery': messages.at(-1)?.id ?? '',
        'x-shoukou-signature': signWebhook(key, body, Math.floor(parts.now() / 1_000)),
      }
      const [address = host] = addresses
      const { ca, clientCertificate } = settings
      const tls = tlsOptions({ ca, clientCertificate, clientKey: parts.secret('clientKey') }, host)
      return post({ url, address, headers, tls }, body, signal)
    },
  }
}

interface Post {
  readonly url: URL
  readonly address: string
  readonly headers: Readonly<Record<string, string>>
  readonly tls: ReturnType<typeof tlsOptions>
}

function post(
  { url, address, headers, tls }: Post,
  body: string,
  signal: AbortSignal,
): Promise<{ answer: string }> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(failureOf(error))
    const asked = request({
      ...tls,
      method: 'POST',
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? 443 : Number(url.port),
      path: `${url.pathname}${url.search}`,
      headers: { ...headers },
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(FORWARD_LIMITS.sendMsMax)]),
      // The address that was judged, whatever the name means by now.
      lookup: (_host, options, callback) => {
        const family = isIP(address)
        if (options.all === true) callback(null, [{ address, family }])
        else callback(null, address, family)
      },
    })
    asked.once('error', fail)
    asked.once('response', (response) => {
      let said = ''
      response.on('data', (chunk: Buffer) => {
        if (said.length < FORWARD_LIMITS.answerBytesMax) said += chunk.toString('utf8')
        else response.destroy()
      })
      response.once('error', fail)
      response.once('close', () => {
        const status = response.statusCode ?? 0
        const answer = shownAnswer(`${status} ${said}`)
        if (status >= 200 && status < 300) resolve({ answer })
        else if (status >= 300 && status < 400)
          fail(new ForwardError('redirected', `${status} ${response.headers.location ?? ''}`))
        else fail(new ForwardError('refused-by-receiver', answer))
      })
    })
    asked.end(body)
  })
}
