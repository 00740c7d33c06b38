/**
 * One message as syslog (RFC 5424), and its framing on a stream (RFC 5425 §4.3: length, space, message). Pure.
 *
 * Structured data carries what programs read, the text what people read, as UTF-8 behind its byte order mark (§6.4).
 * Nothing in it is a control character, so that no receiver's line is broken by a device's name.
 */
import { FORWARD_LIMITS } from './limits.ts'
import type { ForwardMessage, MessageSeverity } from './message.ts'
import { cutToBytes, visible, visibleJson } from './visible.ts'

/** Log audit (RFC 5424 §6.2.1, table 1). */
const facility = 13
const severities: Readonly<Record<MessageSeverity, number>> = {
  critical: 2,
  high: 3,
  medium: 4,
  low: 5,
  info: 6,
}
/** No enterprise number is registered for this product: the one that RFC 5612 sets aside for examples. */
const structure = 'shoukou@32473'

/** Returns the message; `hostname` is the console's own. */
export function encodeSyslog(message: ForwardMessage, hostname: string): Buffer {
  const whole = write(message, hostname, message.facts === null ? null : visibleJson(message.facts))
  if (whole.length <= FORWARD_LIMITS.syslogBytesMax) return whole
  const without = write(message, hostname, null, message.facts !== null)
  if (without.length <= FORWARD_LIMITS.syslogBytesMax) return without
  // Only a sentence of hostile length comes here: it is cut where it can be seen to be.
  const over = without.length - FORWARD_LIMITS.syslogBytesMax
  const headline = cutToBytes(message.headline, Buffer.byteLength(message.headline) - over)
  return write({ ...message, headline }, hostname, null, message.facts !== null)
}

/** Returns a message as it travels on a stream. */
export function frameSyslog(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message])
}

/** Returns a text as the value of a parameter (§6.3.3): `"`, `\` and `]` escaped, nothing hidden. */
export function parameterValue(text: string): string {
  return visible(text).replaceAll(/["\\\]]/g, '\\$&')
}

function write(
  message: ForwardMessage,
  hostname: string,
  facts: string | null,
  areFactsLeftOut = false,
): Buffer {
  const priority = facility * 8 + severities[message.severity]
  const parameters: readonly (readonly [string, string | null])[] = [
    ['id', message.id],
    ['kind', message.kind],
    ['severity', message.severity],
    ['type', message.type],
    ['computer', message.computer],
    ['level', message.level],
    ['violation', message.violation === null ? null : String(message.violation)],
    ['facts', facts],
    ['factsLeftOut', areFactsLeftOut ? 'true' : null],
  ]
  const data = parameters
    .flatMap(([name, value]) => (value === null ? [] : [` ${name}="${parameterValue(value)}"`]))
    .join('')
  const head = `<${priority}>1 ${new Date(message.atMs).toISOString()} ${printable(hostname, 255)} shoukou - ${printable(message.kind, 32)}`
  return Buffer.from(`${head} [${structure}${data}] \ufeff${message.headline}`)
}

/** PRINTUSASCII of the grammar (§6): 33 to 126. */
function printable(text: string, charactersMax: number): string {
  const kept = text.replaceAll(/[^\u0021-\u007e]/g, '').slice(0, charactersMax)
  return kept === '' ? '-' : kept
}
