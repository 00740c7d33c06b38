/** The way out by kind. */
import { folderTransport } from './folder-transport.ts'
import { jsonFileTransport } from './json-file-transport.ts'
import type { TargetSettings } from './ports.ts'
import { smtpTransport } from './smtp-transport.ts'
import { jsonLinesTransport, syslogTransport } from './stream-transport.ts'
import type { Transport } from './transport.ts'
import type { TransportParts } from './transport-parts.ts'
import { webhookTransport } from './webhook-transport.ts'

export function createTransport(settings: TargetSettings, parts: TransportParts): Transport {
  switch (settings.kind) {
    case 'syslog':
      return syslogTransport(settings, parts)
    case 'json-lines':
      return jsonLinesTransport(settings, parts)
    case 'json-file':
      return jsonFileTransport(settings, parts)
    case 'webhook':
      return webhookTransport(settings, parts)
    case 'smtp':
      return smtpTransport(settings, parts)
    case 'folder':
      return folderTransport(settings, parts)
  }
}
