/**
 * What the violations of the prepared unit say: evidence of the catalogue's own shapes, in shares as an office sees them. The
 * severities are the catalogue's.
 */
import { type EvidenceOf, type ViolationId, violationById } from '@shoukou/protocol'
import type { NewViolation } from '../../../console/store/ports.ts'
import { adapter, usbStick } from '../../support/facts.ts'

type Severity = NewViolation['severity']

export interface Accusation {
  readonly type: ViolationId
  readonly severity: Severity
  /** JSON. */
  readonly evidence: string
}

interface Kind {
  readonly share: number
  readonly make: (
    unique: string,
    at: number,
  ) => Omit<Accusation, 'severity' | 'evidence'> & { readonly evidence: object }
}

function kind<Id extends ViolationId>(
  share: number,
  type: Id,
  evidence: (unique: string, at: number) => EvidenceOf<Id> & object,
): Kind {
  return { share, make: (unique, at) => ({ type, evidence: evidence(unique, at) }) }
}

const bus = (serial: string) => ({
  busPath: '1-1',
  vendorId: '0781',
  productId: '5581',
  serial,
  model: 'Ultra',
})
const medium = (unique: string) => ({ number: `U-${unique}`, level: 'confidential' as const })
const shut = { outcome: 'blocked', wouldBlock: true, exposure: 'none' } as const

const kinds: readonly Kind[] = [
  kind(30, 'unregistered-media-inserted', (serial) => ({
    ...{ device: usbStick({ serial }), disk: null, origin: 'appeared', sighting: 'snapshot', ...shut },
  })),
  kind(16, 'unregistered-peripheral', (serial, at) => ({
    ...{ device: bus(serial), origin: 'appeared', firstSeenAtMs: at },
  })),
  kind(9, 'wireless-input-device', (serial) => ({ receiver: bus(serial) })),
  kind(9, 'phone-or-camera-connected', (serial) => ({ device: usbStick({ serial }), mode: 'mtp' })),
  kind(12, 'media-not-assigned', (unique) => ({
    ...{
      medium: medium(unique),
      assignedComputers: [],
      assignedUsers: [],
      account: null,
      fault: 'computer',
      ...shut,
    },
  })),
  kind(7, 'media-status-invalid', (unique) => ({ medium: medium(unique), status: 'suspended', ...shut })),
  kind(6, 'unregistered-network-adapter', (unique) => ({
    ...{ interface: adapter({ mac: macOf(unique) }), origin: 'appeared', sighting: 'snapshot' },
  })),
  kind(3, 'agent-silent', (_, at) => ({
    ...{
      lastSeenMs: at - 7_200_000,
      lastSeq: 4,
      limitMs: 3_600_000,
      silentMs: 7_200_000,
      wasCleanStop: false,
    },
  })),
  kind(4, 'usage-log-missing', (unique, at) => ({
    ...{
      account: `user-${unique}`,
      sessionStartedAtMs: at - 86_400_000,
      sessionEndedAtMs: null,
      daysLate: 1,
    },
  })),
  kind(2, 'high-media-on-low-host', (unique) => ({ medium: medium(unique), hostLevel: 'secret', ...shut })),
  kind(1, 'standalone-network-connection', (unique, at) => ({
    ...{ interface: adapter({ mac: macOf(unique) }), origin: 'appeared', linkSinceMs: at },
  })),
  kind(1, 'log-gap-or-clock-tamper', (_, at) => ({
    ...{ cause: 'undeclared-gap', epoch: 'e', firstSeq: at % 1_000, lastSeq: (at % 1_000) + 5 },
    ...{ expectedHead: null, claimedHead: null, byMs: null },
  })),
]

const wheel = kinds.flatMap((one) => Array.from({ length: one.share }, () => one))

/** Returns what one violation says; `turn` chooses the kind, `unique` names what it is about. */
export function accusationOf(turn: number, unique: string, at: number): Accusation {
  const chosen = wheel[turn % wheel.length]
  if (chosen === undefined) throw new Error('the wheel has kinds')
  const { type, evidence } = chosen.make(unique, at)
  const severity = violationById(type)?.severity
  if (severity === undefined) throw new Error(`the catalogue has no ${type}`)
  return { type, severity, evidence: JSON.stringify(evidence) }
}

function macOf(unique: string): string {
  const hex = unique.padStart(6, '0').slice(-6)
  return `52:54:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`
}
