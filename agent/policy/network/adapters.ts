/**
 * What an interface is for the rules of the network: whether it is live, whether it leads out of the computer, whose it
 * is. Pure; an interface as an older sensor tells it (no medium) is read by what it does say.
 */
import type { InterfaceMedium, NetworkInterface, Policy } from '@shoukou/protocol'
import { isApprovedInterface, isBaselineInterface } from '../own-things.ts'

const ARPHRD_PPP = 512
const tunnelKinds: readonly unknown[] = [
  'tun',
  'ipip',
  'sit',
  'gre',
  'gretap',
  'erspan',
  'ip6gre',
  'ip6gretap',
  'ip6tnl',
  'vti',
  'vti6',
  'xfrm',
  'l2tp',
  'geneve',
]
const mediumByKind: Readonly<Record<string, InterfaceMedium>> = {
  wireguard: 'vpn',
  ppp: 'ppp',
  wwan: 'cellular',
  rmnet: 'cellular',
  bridge: 'bridge',
  openvswitch: 'bridge',
  bond: 'bond',
  team: 'bond',
  vlan: 'vlan',
  macvlan: 'macvlan',
  macvtap: 'macvlan',
  ipvlan: 'macvlan',
  ipvtap: 'macvlan',
  veth: 'veth',
  netkit: 'veth',
}

/** Returns the medium of an interface: the sensor's word where it has one. */
export function mediumOf(adapter: NetworkInterface): InterfaceMedium {
  if (adapter.medium !== undefined) return adapter.medium
  if (adapter.nature === 'loopback') return 'loopback'
  if (adapter.isWireless) return 'wireless'
  if (adapter.hardwareType === ARPHRD_PPP) return 'ppp'
  if (tunnelKinds.includes(adapter.linkKind)) return 'tunnel'
  const named = typeof adapter.linkKind === 'string' ? mediumByKind[adapter.linkKind] : undefined
  if (named !== undefined) return named
  return adapter.nature === 'physical' ? 'wired' : 'virtual'
}

/** Media that no classified computer has a lawful use for, whoever registered the adapter. */
const forbiddenMedia = ['wireless', 'cellular', 'bluetooth', 'usb-tether', 'ppp'] as const
export type ForbiddenMedium = (typeof forbiddenMedia)[number]

export function isForbiddenMedium(medium: InterfaceMedium): medium is ForbiddenMedium {
  return forbiddenMedia.some((each) => each === medium)
}

/** Reports whether something may pass over it now: switched on, and a carrier under it. */
export function isLive(adapter: NetworkInterface): boolean {
  return mediumOf(adapter) !== 'loopback' && adapter.isAdminUp && adapter.hasCarrier
}

/** Reports whether the unit knows the adapter: approved by policy, or there at enrolment. */
export function isKnownAdapter(adapter: NetworkInterface, policy: Policy): boolean {
  return (
    isApprovedInterface(adapter, policy.settings.approvedInterfaces) ||
    isBaselineInterface(adapter, policy.baseline)
  )
}

/** Reports whether it is a way out by itself: hardware, radio, modem, tunnel; not what only joins others. */
export function isWayOut(adapter: NetworkInterface): boolean {
  const medium = mediumOf(adapter)
  if (medium === 'loopback') return false
  if (adapter.nature === 'physical') return true
  return isForbiddenMedium(medium) || medium === 'tunnel' || medium === 'vpn' || medium === 'wired'
}

export type AdaptersByIndex = ReadonlyMap<number, NetworkInterface>

export function byIndex(interfaces: readonly NetworkInterface[]): AdaptersByIndex {
  return new Map(interfaces.map((adapter) => [adapter.index, adapter]))
}

/** A chain of VLAN on bridge on bond is three; deeper ones are made to confuse. */
const depthMax = 8

/**
 * Returns the ways out that an interface stands on: itself, what a VLAN or macvlan stands on, the ports of a bridge or
 * bond. Empty for what stays inside the computer: a container engine's own bridge, a veth, a dummy.
 */
export function waysOutOf(adapter: NetworkInterface, all: AdaptersByIndex, depth = 0): NetworkInterface[] {
  if (depth > depthMax) return []
  const medium = mediumOf(adapter)
  if (medium === 'bridge' || medium === 'bond') {
    const ports = [...all.values()].filter(
      (port) => port.masterIndex === adapter.index && port.index !== adapter.index,
    )
    return ports.flatMap((port) => waysOutOf(port, all, depth + 1))
  }
  if (medium === 'vlan' || medium === 'macvlan') {
    const lower = all.get(adapter.lowerIndex ?? -1)
    // Its parent is in another network namespace, or an older sensor did not say: it leads somewhere.
    if (lower === undefined || lower.index === adapter.index) return [adapter]
    return waysOutOf(lower, all, depth + 1)
  }
  return isWayOut(adapter) ? [adapter] : []
}

export function leadsOut(adapter: NetworkInterface, all: AdaptersByIndex): boolean {
  return waysOutOf(adapter, all).length > 0
}

/**
 * Reports whether it is a bridge of the enrolment that joins virtual machines and containers alone: a tap leads to a
 * program, and what that sends out of the computer is told by the program's own connections or as forwarded.
 */
export function isInnerBridge(adapter: NetworkInterface, all: AdaptersByIndex, policy: Policy): boolean {
  if (mediumOf(adapter) !== 'bridge' || !isKnownAdapter(adapter, policy)) return false
  const ports = [...all.values()].filter(({ masterIndex }) => masterIndex === adapter.index)
  return ports.every((port) => mediumOf(port) === 'veth' || port.linkKind === 'tun')
}

/** Reports whether everything that an interface stands on is known: a VLAN on an approved adapter is the unit's own. */
export function isKnownWay(adapter: NetworkInterface, all: AdaptersByIndex, policy: Policy): boolean {
  if (isKnownAdapter(adapter, policy)) return true
  const ways = waysOutOf(adapter, all)
  return ways.length > 0 && ways.every((way) => isKnownAdapter(way, policy))
}
