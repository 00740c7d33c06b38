/** One message as one line of JSON: for JSON lines, webhooks and files. Pure. */
import { FORWARD_LIMITS } from './limits.ts'
import type { ForwardMessage } from './message.ts'
import { visibleJson } from './visible.ts'

/** Returns the line without its end. Facts beyond the limit are left out, and the line says so. */
export function encodeJson(message: ForwardMessage): string {
  const { atMs, facts, event: _event, ...rest } = message
  const head = { format: 'shoukou.forward.v1', ...rest, at: new Date(atMs).toISOString() }
  const whole = visibleJson(facts === null ? head : { ...head, facts })
  if (Buffer.byteLength(whole) <= FORWARD_LIMITS.jsonBytesMax) return whole
  return visibleJson({ ...head, factsLeftOut: `${Buffer.byteLength(whole)} bytes` })
}
