/**
 * What a violation is about, as a name that is the same for the same thing on the same computer: a registered medium, a
 * device, a net, a program. Repeats and exceptions are found by it. Pure.
 *
 * A name that two different things could share is none: a stick without a serial number, a gap in a log. Two things under
 * one name would hide one behind the other.
 */
import { type RawText, rawTextKey } from '../raw-text.ts'

export interface ViolationSubject {
  /** What an exception may name. Null: nothing that could be told from another. */
  readonly subject: string | null
  /**
   * Equal where one violation says no more than another of its type: about the same thing, and what came of it was the
   * same. Null: each is told by itself.
   */
  readonly alike: string | null
}

const charactersMax = 300
const NONE: ViolationSubject = { subject: null, alike: null }

/** Each of these is a story of its own, whatever it is about: what was written, copied, altered or lost. */
const neverAlike: ReadonlySet<string> = new Set([
  'low-media-write-on-high-host',
  'media-cross-use',
  'media-identity-mismatch',
  'unapproved-optical-burn',
  'unapproved-import',
  'classified-file-to-unclassified-media',
  'classified-file-on-unclassified-host',
  'label-exceeds-host-level',
  'mark-altered',
  'unapproved-copy',
])

/** Returns what a violation is about. Evidence is as the catalogue's schema has it, of whatever version. */
export function violationSubject(type: string, evidence: unknown): ViolationSubject {
  if (!isFields(evidence) || type === 'agent-tamper' || type === 'log-gap-or-clock-tamper') return NONE
  const subject = nameOf(type, evidence)
  if (subject === null || subject.length > charactersMax) return NONE
  return { subject, alike: neverAlike.has(type) ? null : `${outcomeOf(evidence)}|${subject}` }
}

type Fields = Readonly<Record<string, unknown>>

function nameOf(type: string, evidence: Fields): string | null {
  if (type === 'agent-silent') return 'agent'
  const { medium } = evidence
  if (isFields(medium) && typeof medium['number'] === 'string') return `medium:${medium['number']}`
  if (type === 'external-connection-attempt') return attemptName(evidence)
  if (type === 'network-config-drift') return textName('name', evidence['interfaceName'])
  const device = deviceName(evidence)
  if (device !== null) return device
  return netName(evidence)
}

function attemptName({ destination, destinationName, protocol, process }: Fields): string | null {
  if (!isFields(destination)) return null
  const program = isFields(process) ? (textKey(process['path']) ?? textKey(process['name'])) : null
  if (program === null) return null
  return `attempt:${JSON.stringify([destination['address'], destination['port'], textKey(destinationName), protocol, program])}`
}

/** A device without a serial number can't be told from another of its make: only a fixed place tells it. */
function deviceName(evidence: Fields): string | null {
  for (const field of ['device', 'receiver'] as const) {
    const device = evidence[field]
    if (!isFields(device)) continue
    const make = [textKey(device['vendorId']), textKey(device['productId'])]
    const serial = textKey(device['serial'])
    if (serial !== null && serial !== 's:' && make[0] !== null) {
      const { disk } = evidence
      const size = isFields(disk) && typeof disk['sizeBytes'] === 'number' ? disk['sizeBytes'] : null
      return `device:${JSON.stringify([...make, serial, size])}`
    }
    const place = textKey(device['busPath'])
    if (place !== null && field === 'device' && isFields(evidence['hardware']))
      return `place:${JSON.stringify([...make, place])}`
  }
  return null
}

/** A net by what it called itself and by its gateway, reached by this interface. */
function netName(evidence: Fields): string | null {
  const mac = isFields(evidence['interface']) ? textKey(evidence['interface']['mac']) : null
  if (mac === null) return null
  const ssid = textKey(evidence['ssid'])
  const gateway = textKey(evidence['gatewayMac']) ?? firstOf(evidence['gateways'])
  const bssid = textKey(evidence['bssid'])
  const service = textKey(evidence['service'])
  return `net:${JSON.stringify([mac, ssid, bssid, gateway, service])}`
}

/** A worse outcome, or a surer proof, never stands behind a lesser one. */
function outcomeOf(evidence: Fields): string {
  const found = isFields(evidence['found']) ? evidence['found'] : {}
  const words = [
    evidence['outcome'] ?? found['outcome'],
    evidence['exposure'],
    evidence['confidence'] ?? found['confidence'],
    evidence['status'],
    evidence['fault'],
    evidence['mode'],
    evidence['function'],
  ]
  return words.map((word) => (typeof word === 'string' ? word : '')).join(',')
}

function textName(kind: string, value: unknown): string | null {
  const key = textKey(value)
  return key === null ? null : `${kind}:${key}`
}

function firstOf(value: unknown): string | null {
  return Array.isArray(value) ? textKey(value[0]) : null
}

function textKey(value: unknown): string | null {
  if (typeof value === 'string') return rawTextKey(value)
  if (isFields(value) && typeof value['b64'] === 'string')
    return rawTextKey(value as Exclude<RawText, string>)
  return null
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
