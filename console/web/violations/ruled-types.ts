/** The violations that a rule of this version can raise: what the filter offers. Any other id still filters. */
import type { ViolationId } from '@shoukou/protocol'

export const ruledTypes = [
  'unregistered-media-inserted',
  'unclassified-media-on-classified-host',
  'classified-media-on-unclassified-host',
  'media-cross-use',
  'high-media-on-low-host',
  'low-media-write-on-high-host',
  'media-not-assigned',
  'media-identity-mismatch',
  'media-status-invalid',
  'phone-or-camera-connected',
  'wireless-input-device',
  'unregistered-peripheral',
  'unregistered-network-adapter',
  'standalone-network-connection',
  'agent-silent',
  'log-gap-or-clock-tamper',
] as const satisfies readonly ViolationId[]
