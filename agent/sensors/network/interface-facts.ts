/**
 * A change of an interface as facts that fit a record. Pure.
 *
 * One record can't hold the thousands of addresses that an interface may have, twice. So a fact tells those that differ,
 * then others for company, up to a bound; what is left out is counted, and more differences than one fact holds make
 * several: every address is told when it comes and when it goes.
 */
import type { Fact, InterfaceAddress, NetworkInterface } from '@shoukou/protocol'
import type { InterfaceChange } from './interface-state.ts'
import { addressKey } from './interface-state.ts'

/** Of each list of one fact: about 14 KiB. */
export const addressesToldMax = 128

type AddedFact = Extract<Fact, { readonly kind: 'network.interface-added' }>
type InterfaceFact = Extract<
  Fact,
  { readonly interface: NetworkInterface; readonly kind: `network.interface-${string}` }
>

/** Returns the facts of one change, in order; the first is the change itself. */
export function interfaceFacts(change: InterfaceChange, origin: AddedFact['origin']): InterfaceFact[] {
  switch (change.kind) {
    case 'removed': {
      const { addresses } = change.before
      const last = showing(change.before, addresses.slice(0, addressesToldMax), addresses.length)
      return [{ kind: 'network.interface-removed', interface: last }]
    }
    case 'added': {
      const { after } = change
      const first = showing(after, after.addresses.slice(0, addressesToldMax), after.addresses.length)
      const sighting = change.isRead ? 'snapshot' : 'event-only'
      const added: InterfaceFact = { kind: 'network.interface-added', origin, sighting, interface: first }
      if (first.addresses.length === after.addresses.length) return [added]
      return [added, ...changedFacts({ ...after, addresses: first.addresses }, after)]
    }
    case 'changed':
      return changedFacts(change.before, change.after)
  }
}

function changedFacts(before: NetworkInterface, after: NetworkInterface): InterfaceFact[] {
  if (before.addresses.length <= addressesToldMax && after.addresses.length <= addressesToldMax) {
    return [{ kind: 'network.interface-changed', before, interface: after }]
  }
  const [old, now] = [keysOf(before), keysOf(after)]
  const removed = before.addresses.filter((one) => !now.has(addressKey(one)))
  const added = after.addresses.filter((one) => !old.has(addressKey(one)))
  const stayed = after.addresses.filter((one) => old.has(addressKey(one)))
  const pieces = Math.max(1, Math.ceil(Math.max(removed.length, added.length) / addressesToldMax))
  let count = before.addresses.length
  return Array.from({ length: pieces }, (_, piece): InterfaceFact => {
    const [from, to] = [piece * addressesToldMax, (piece + 1) * addressesToldMax]
    const [gone, come] = [removed.slice(from, to), added.slice(from, to)]
    // The same ones on both sides, so that nothing but the difference differs.
    const company = stayed.slice(0, addressesToldMax - Math.max(gone.length, come.length))
    const earlier = showing(piece === 0 ? before : after, [...gone, ...company], count)
    count += come.length - gone.length
    return {
      kind: 'network.interface-changed',
      before: earlier,
      interface: showing(after, [...come, ...company], count),
    }
  })
}

function showing(
  subject: NetworkInterface,
  addresses: readonly InterfaceAddress[],
  count: number,
): NetworkInterface {
  const omitted = count - addresses.length
  return { ...subject, addresses: [...addresses], ...(omitted > 0 ? { addressesOmitted: omitted } : {}) }
}

function keysOf(subject: NetworkInterface): Set<string> {
  return new Set(subject.addresses.map(addressKey))
}
