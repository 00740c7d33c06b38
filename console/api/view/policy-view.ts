/** Stored policies as the pages see them: what was signed, read back from the signed bytes. Pure. */
import type { Envelope, Policy } from '@shoukou/protocol'

/** Returns the policy inside a stored envelope: what the agent reads, not a copy of it. */
export function openPayload(envelope: string): Policy {
  const { payload } = JSON.parse(envelope) as Envelope
  return JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Policy
}
