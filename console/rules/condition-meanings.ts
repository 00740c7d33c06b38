/** What each condition is called, and what it is about: the words of a policy's neutral facts. Pure. */
import type { FactNamed } from '@shoukou/protocol'
import { kindOf, parseAddress } from '@shoukou/protocol/network/addresses.ts'
import { subjectOfLink, subjectOfName } from './incident-subjects.ts'

type Condition = FactNamed<'network.condition'>

/** Violations that a condition may be. */
export type ConditionViolation =
  | 'internet-connection'
  | 'nonclassified-network-connection'
  | 'dual-homing'
  | 'connection-sharing'
  | 'network-config-drift'
  | LinkViolation
export type LinkViolation =
  | 'wireless-link-up'
  | 'bluetooth-enabled'
  | 'modem-or-cellular-dialup'
  | 'phone-tethering'

/** Returns what the condition is, as a violation; null for what accuses nobody. */
export function violationOfCondition(
  fact: Pick<Condition, 'condition' | 'peer' | 'confidence'>,
): ConditionViolation | null {
  const { condition, confidence } = fact
  const isPublic = isPublicPeer(fact)
  const isConfirmed = confidence === 'confirmed-reachability'
  switch (condition) {
    case 'public-address':
      return 'internet-connection'
    case 'tunnel-up':
      return isPublic ? 'internet-connection' : 'nonclassified-network-connection'
    case 'foreign-network':
    case 'unapproved-gateway':
    case 'unapproved-dhcp':
      // A public server that is only named proves no way to it; one that answered does.
      return isPublic && isConfirmed ? 'internet-connection' : 'nonclassified-network-connection'
    case 'unapproved-dns':
      // A name server that stands in a file is a parameter that is not as registered; whoever asks it is told by that.
      if (confidence === 'attempt') return 'network-config-drift'
      return isPublic && isConfirmed ? 'internet-connection' : 'nonclassified-network-connection'
    case 'second-default-route':
    case 'two-networks':
      return 'dual-homing'
    case 'wireless-associated':
      return 'wireless-link-up'
    case 'cellular-up':
    case 'ppp-up':
      return 'modem-or-cellular-dialup'
    case 'tether-up':
      return 'phone-tethering'
    case 'bluetooth-network-up':
      return 'bluetooth-enabled'
    case 'access-point':
    case 'forwarding':
    case 'address-translation':
    case 'proxy-listening':
    case 'bridged':
    case 'other-namespace-link':
      return 'connection-sharing'
    case 'gateway-mac-differs':
    case 'mac-differs':
      return 'network-config-drift'
    case 'packet-socket':
    case 'routing-rule':
      return null
  }
}

/** What it is about: several conditions of one meaning at one place are one violation. */
export function subjectOfCondition(fact: Condition): string {
  const { interface: adapter, condition, key } = fact
  switch (violationOfCondition(fact)) {
    case 'dual-homing':
      return 'dual'
    case 'connection-sharing':
      if (condition === 'access-point') return `hotspot:${adapter?.index ?? '-'}`
      return condition === 'proxy-listening' ? `proxy:${key}` : 'sharing'
    case 'network-config-drift':
      // Each parameter by itself: an adapter of another MAC hides no gateway of another one.
      if (condition === 'unapproved-dns') return 'dns'
      if (condition === 'gateway-mac-differs') return `gateway:${adapter?.index ?? '-'}`
      return subjectOfName(adapter?.name ?? null)
    case 'internet-connection':
    case 'nonclassified-network-connection':
    case 'wireless-link-up':
    case 'bluetooth-enabled':
    case 'modem-or-cellular-dialup':
    case 'phone-tethering':
    case null:
      return subjectOfLink(adapter)
  }
}

/** Reports whether whoever is at the other end has a public address. */
function isPublicPeer({ peer }: Pick<Condition, 'peer'>): boolean {
  const address = peer === null ? null : parseAddress(peer.address)
  return address !== null && kindOf(address) === 'public'
}
