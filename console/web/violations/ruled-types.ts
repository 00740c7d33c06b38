/** The violations that a rule of this version can raise: what the filter offers. Any other id still filters. */
import type { ViolationId } from '@shoukou/protocol'

export const ruledTypes = [
  'unregistered-media-inserted',
  'unregistered-network-adapter',
  'standalone-network-connection',
  'agent-silent',
  'log-gap-or-clock-tamper',
] as const satisfies readonly ViolationId[]
