/** Links that should not be: radio, modem, telephone, tunnel; and adapters whose address is not the registered one. Pure. */
import {
  type ConditionCode,
  type NetworkInterface,
  type RawText,
  rawTextKey,
  type WirelessState,
} from '@shoukou/protocol'
import { isSameText } from '../own-things.ts'
import { isInnerBridge, isKnownAdapter, isLive, leadsOut, mediumOf } from './adapters.ts'
import type { Found } from './condition.ts'
import { responseTo, type View } from './view.ts'

export function findLinks(view: View): Found[] {
  const { interfaces } = view.picture
  return [
    ...view.picture.wireless.flatMap((state) => wirelessOf(state, view)),
    ...interfaces.flatMap((adapter) => [
      ...untoldWireless(adapter, view),
      ...linkOf(adapter, view),
      ...macOf(adapter, view),
    ]),
    ...findOtherNamespaces(view),
  ]
}

const accessPointModes = ['ap', 'p2p-go', 'ap-vlan']
const joiningModes = ['station', 'p2p-client', 'adhoc', 'mesh', 'ocb', 'wds', 'nan', 'unspecified']

function wirelessOf(state: WirelessState, view: View): Found[] {
  const adapter = view.adapters.get(state.interfaceIndex) ?? null
  const about = {
    parts: [state.interfaceIndex],
    interface: adapter,
    text: state.ssid,
    peerMac: state.bssid,
    response: adapter === null ? ('none' as const) : responseTo(adapter, view),
  }
  if (accessPointModes.includes(state.mode)) {
    // An access point that is switched off lets nobody in; one whose interface is not told is taken at its word.
    if (adapter !== null && !adapter.isAdminUp) return []
    const confidence = state.stations.length > 0 ? 'confirmed-reachability' : 'link-up'
    return [{ code: 'access-point', ...about, confidence }]
  }
  const isJoined =
    state.isAssociated || (adapter !== null && isLive(adapter) && joiningModes.includes(state.mode))
  if (!isJoined) return []
  const confidence = hasGlobalAddress(adapter) ? 'confirmed-reachability' : 'link-up'
  return [{ code: 'wireless-associated', ...about, confidence }]
}

/** Where nl80211 could not be asked, a carrier on a radio is an association. */
function untoldWireless(adapter: NetworkInterface, { picture, ...rest }: View): Found[] {
  const isTold = picture.wireless.some(({ interfaceIndex }) => interfaceIndex === adapter.index)
  const isMute = picture.unread.includes('wireless')
  if (isTold || !isMute || mediumOf(adapter) !== 'wireless' || !isLive(adapter)) return []
  const response = responseTo(adapter, { picture, ...rest })
  const confidence = hasGlobalAddress(adapter) ? 'confirmed-reachability' : 'link-up'
  return [{ code: 'wireless-associated', parts: [adapter.index], interface: adapter, confidence, response }]
}

const codeOfMedium: Partial<Record<ReturnType<typeof mediumOf>, ConditionCode>> = {
  'usb-tether': 'tether-up',
  cellular: 'cellular-up',
  ppp: 'ppp-up',
  bluetooth: 'bluetooth-network-up',
  tunnel: 'tunnel-up',
  vpn: 'tunnel-up',
}

function linkOf(adapter: NetworkInterface, view: View): Found[] {
  const medium = mediumOf(adapter)
  const code = codeOfMedium[medium]
  if (code === undefined || !isLive(adapter)) return []
  if (code === 'tunnel-up') return tunnelOf(adapter, view)
  return [
    {
      code,
      parts: [adapter.index],
      interface: adapter,
      text: adapter.tether ?? adapter.linkKind,
      confidence: hasGlobalAddress(adapter) ? 'confirmed-reachability' : 'link-up',
      response: responseTo(adapter, view),
    },
  ]
}

/**
 * A tunnel that the unit had at enrolment is its own. The kernel's own fallback devices (tunl0, sit0, gre0) lead nowhere
 * until they have an address or a route; the tap of a virtual machine is a port of a bridge and told with that.
 */
function tunnelOf(adapter: NetworkInterface, view: View): Found[] {
  if (adapter.masterIndex !== undefined && adapter.masterIndex !== null) return []
  const hasRoute = view.picture.routes.some(({ interfaceIndex }) => interfaceIndex === adapter.index)
  const hasAddress = adapter.addresses.some(({ scope }) => scope !== 'link')
  if (!hasRoute && !hasAddress) return []
  return [
    {
      code: 'tunnel-up',
      parts: [adapter.index],
      interface: adapter,
      text: adapter.linkKind,
      confidence: 'link-up',
      response: 'cut',
      allowedBy: isKnownAdapter(adapter, view.policy) ? 'known-tunnel' : null,
    },
  ]
}

/**
 * A registered place shows another MAC. Not one whose hardware still has the registered one because a bond lends its
 * own to its ports, and not another device in the same USB port: that is an unregistered adapter.
 */
function macOf(adapter: NetworkInterface, { policy }: View): Found[] {
  if (adapter.busPath === null || adapter.nature !== 'physical' || mediumOf(adapter) === 'wireless') return []
  if (isKnownAdapter(adapter, policy)) return []
  const expected = registeredMacs(adapter.busPath, [
    ...policy.settings.approvedInterfaces,
    ...policy.baseline.interfaces,
  ])
  if (expected.length === 0 || adapter.mac === null) return []
  const own = adapter.permanentMac ?? null
  const hasOwn = own !== null && expected.includes(own)
  const isPort = adapter.masterIndex !== undefined && adapter.masterIndex !== null
  if (isPort && (own === null || hasOwn)) return []
  if (!hasOwn && (adapter.usbPath !== null || own !== null)) return []
  return [
    {
      code: 'mac-differs',
      parts: [adapter.index, adapter.mac],
      interface: adapter,
      text: adapter.mac,
      expected: expected.join(', '),
      confidence: isLive(adapter) ? 'link-up' : 'attempt',
      response: 'none',
    },
  ]
}

function registeredMacs(
  busPath: RawText,
  registered: readonly { readonly mac: string | null; readonly busPath: RawText | null }[],
): string[] {
  const macs = registered.flatMap((each) =>
    each.mac !== null && each.busPath !== null && isSameText(each.busPath, busPath) ? [each.mac] : [],
  )
  return [...new Set(macs)].slice(0, 16)
}

/** A veth whose other end is nowhere here leads into another network namespace: a container's, or one made by hand. */
function findOtherNamespaces({ picture, adapters, policy }: View): Found[] {
  const told = new Map<string, Found>()
  for (const adapter of picture.interfaces) {
    if (mediumOf(adapter) !== 'veth' || !isLive(adapter)) continue
    const peer = adapters.get(adapter.lowerIndex ?? -1)
    const isPeerHere =
      peer !== undefined && mediumOf(peer) === 'veth' && peer.lowerIndex === adapter.index && peer !== adapter
    if (isPeerHere) continue
    const bridge = adapters.get(adapter.masterIndex ?? -1) ?? null
    const isOut = bridge !== null && leadsOut(bridge, adapters) && !isInnerBridge(bridge, adapters, policy)
    const at = bridge ?? adapter
    const known = told.get(String(at.index))
    if (known !== undefined) {
      told.set(String(at.index), { ...known, others: [...(known.others ?? []), adapter] })
      continue
    }
    told.set(String(at.index), {
      code: 'other-namespace-link',
      parts: [at.index],
      lastingParts: [rawTextKey(at.name)],
      interface: at,
      others: bridge === null ? [] : [adapter],
      text: adapter.name,
      confidence: 'link-up',
      response: 'none',
      // From inside the computer a packet gets out only where it is forwarded, which is told by itself.
      allowedBy: isOut ? null : 'inner-link',
    })
  }
  return [...told.values()]
}

export function hasGlobalAddress(adapter: NetworkInterface | null): boolean {
  return adapter?.addresses.some(({ scope }) => scope === 'global' || scope === 'site') ?? false
}
