/** Syslog and JSON lines over a stream. */
import { allowedAddresses } from './allowed-address.ts'
import { encodeJson } from './encode-json.ts'
import { encodeSyslog, frameSyslog } from './encode-syslog.ts'
import type { ForwardMessage } from './message.ts'
import type { SyslogSettings } from './ports.ts'
import { sendStream } from './send-stream.ts'
import type { Transport } from './transport.ts'
import type { TransportParts } from './transport-parts.ts'

/** Returns the way to a syslog receiver (RFC 5424 in RFC 5425's frames). */
export function syslogTransport(settings: SyslogSettings, parts: TransportParts): Transport {
  return streamTransport(settings, parts, (message) => frameSyslog(encodeSyslog(message, parts.hostname)))
}

/** Returns the way to a receiver of JSON, one object a line. */
export function jsonLinesTransport(settings: SyslogSettings, parts: TransportParts): Transport {
  return streamTransport(settings, parts, (message) => Buffer.from(`${encodeJson(message)}\n`))
}

function streamTransport(
  { host, port, protection, ca, clientCertificate }: SyslogSettings,
  { prefixes, secret }: TransportParts,
  encode: (message: ForwardMessage) => Buffer,
): Transport {
  return {
    async send(messages, { signal }) {
      const addresses = await allowedAddresses(host, prefixes)
      const tls = protection === 'tcp' ? null : { ca, clientCertificate, clientKey: secret('clientKey') }
      const answer = await sendStream(
        { host, addresses, port, tls },
        Buffer.concat(messages.map(encode)),
        signal,
      )
      return { answer }
    },
  }
}
