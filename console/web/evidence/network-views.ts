/** What of a fact or of evidence has a form of its own in the network's pages: told by its shape. Pure. */
import type { FactNamed } from '@shoukou/protocol/events/facts.ts'
import type { NetworkInterface, Route } from '@shoukou/protocol/events/shapes.ts'
import type { Flow, Peer, Picture, Program, Trace } from '@shoukou/protocol/network/shapes.ts'
import type { EvidenceOf } from '@shoukou/protocol/violations.ts'

export type Difference = FactNamed<'network.changed-while-away'>['differences'][number]
export type Found = NonNullable<EvidenceOf<'internet-connection'>['found']>

export type NetworkView =
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'picture'; readonly picture: Picture }
  | { readonly kind: 'program'; readonly program: Program }
  | { readonly kind: 'flows'; readonly flows: readonly Flow[] }
  | { readonly kind: 'traces'; readonly traces: readonly Trace[] }
  | { readonly kind: 'interfaces'; readonly interfaces: readonly NetworkInterface[] }
  | { readonly kind: 'routes'; readonly routes: readonly Route[] }
  | { readonly kind: 'differences'; readonly differences: readonly Difference[] }

/** Returns the form of a field; null where it has none. The console checked the record: what looks so is so. */
export function networkViewOf(key: string, field: unknown): NetworkView | null {
  if (key === 'found' && has(field, 'confidence', 'flows', 'picture'))
    return { kind: 'found', found: field as unknown as Found }
  if (has(field, 'interfaces', 'routes', 'sockets', 'unread'))
    return { kind: 'picture', picture: field as unknown as Picture }
  if (isInterface(field)) return { kind: 'interfaces', interfaces: [field] }
  if (has(field, 'sessionAccount', 'isOtherNamespace'))
    return { kind: 'program', program: field as unknown as Program }
  if (!Array.isArray(field) || field.length === 0) return null
  const items: readonly unknown[] = field
  if (key === 'flows' && items.every((one) => has(one, 'act', 'rule', 'count')))
    return { kind: 'flows', flows: items as readonly Flow[] }
  if (key === 'traces' && items.every((one) => has(one, 'source', 'certainty')))
    return { kind: 'traces', traces: items as readonly Trace[] }
  if (items.every(isInterface)) return { kind: 'interfaces', interfaces: items }
  if (items.every((one) => has(one, 'destination', 'metric', 'table')))
    return { kind: 'routes', routes: items as readonly Route[] }
  if (key === 'differences' && items.every((one) => has(one, 'what', 'before', 'after')))
    return { kind: 'differences', differences: items as readonly Difference[] }
  return null
}

/** Reports whether a field is one end of a connection: an address, with a port or none. */
export function isPeer(value: unknown): value is Peer {
  return has(value, 'address', 'port') && Object.keys(value).length === 2
}

function isInterface(value: unknown): value is NetworkInterface {
  return has(value, 'operState', 'hasCarrier', 'addresses')
}

function has(value: unknown, ...keys: readonly string[]): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value)
}
