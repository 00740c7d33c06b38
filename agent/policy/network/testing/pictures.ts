/** Pictures and policies of a made-up computer, one part changed at a time. */
import {
  DEFAULT_POLICY_SETTINGS,
  type InterfaceAddress,
  type Lease,
  type Neighbour,
  type NetworkInterface,
  type NetworkRules,
  type Picture,
  type Policy,
  type PolicySettings,
  type Route,
  type Sharing,
  type SocketSeen,
  type WirelessState,
} from '@shoukou/protocol'

export const OWN_MAC = '52:54:00:00:00:02'
export const GATEWAY_MAC = '52:54:00:00:00:01'

/** `10.1.2.3/24`, `fd00::1/64`. */
export function addressOf(text: string): InterfaceAddress {
  const [address = '', length = '32'] = text.split('/')
  const isLink = /^(?:fe80|169\.254)/i.test(address)
  return {
    family: address.includes(':') ? 'ipv6' : 'ipv4',
    address,
    prefixLength: Number(length),
    scope: isLink ? 'link' : 'global',
  }
}

/** A wired adapter on PCI that is up; `addresses` as text. */
export function adapterOf(
  index: number,
  name: string,
  addresses: readonly string[] = [],
  more: Partial<NetworkInterface> = {},
): NetworkInterface {
  return {
    index,
    name,
    mac: `52:54:00:00:00:${index.toString(16).padStart(2, '0')}`,
    hardwareType: 1,
    nature: 'physical',
    linkKind: null,
    busPath: `0000:00:${index.toString(16).padStart(2, '0')}.0`,
    usbPath: null,
    driver: 'e1000',
    isWireless: false,
    isAdminUp: true,
    hasCarrier: true,
    operState: 'up',
    addresses: addresses.map(addressOf),
    medium: 'wired',
    tether: null,
    permanentMac: null,
    lowerIndex: null,
    masterIndex: null,
    ...more,
  }
}

/** Something made by software. */
export function madeOf(
  index: number,
  name: string,
  linkKind: string,
  more: Partial<NetworkInterface> & Pick<NetworkInterface, 'medium'>,
): NetworkInterface {
  return adapterOf(index, name, [], { nature: 'virtual', linkKind, busPath: null, driver: null, ...more })
}

export const loopback = adapterOf(1, 'lo', ['127.0.0.1/8', '::1/128'], {
  nature: 'loopback',
  medium: 'loopback',
  hardwareType: 772,
  mac: null,
  busPath: null,
  driver: null,
})

export const EMPTY_PICTURE: Picture = {
  interfaces: [loopback],
  routes: [],
  neighbours: [],
  rules: [],
  leases: [],
  dnsServers: [],
  wireless: [],
  sharing: [],
  sockets: [],
  sessionAccount: null,
  unread: [],
  omitted: 0,
}

export function pictureOf(more: Partial<Picture>): Picture {
  return { ...EMPTY_PICTURE, ...more, interfaces: [loopback, ...(more.interfaces ?? [])] }
}

export function routeOf(interfaceIndex: number, more: Partial<Route> = {}): Route {
  const family = more.family ?? 'ipv4'
  return {
    family,
    destination: family === 'ipv4' ? '0.0.0.0' : '::',
    prefixLength: 0,
    gateway: null,
    interfaceIndex,
    interfaceName: null,
    table: 254,
    metric: 100,
    ...more,
  }
}

export function neighbourOf(interfaceIndex: number, address: string, mac: string | null): Neighbour {
  const state = mac === null ? 'failed' : 'reachable'
  return { address, mac, interfaceIndex, state, isRouter: true }
}

export function leaseOf(more: Partial<Lease>): Lease {
  return {
    interfaceName: null,
    address: null,
    server: null,
    routers: [],
    dnsServers: [],
    obtainedAtMs: null,
    expiresAtMs: null,
    source: '/var/lib/dhcp/dhclient.leases',
    ...more,
  }
}

export function wirelessOf(interfaceIndex: number, more: Partial<WirelessState> = {}): WirelessState {
  return {
    interfaceName: `wlan${interfaceIndex}`,
    interfaceIndex,
    mode: 'station',
    isAssociated: false,
    ssid: null,
    bssid: null,
    frequencyMhz: null,
    stations: [],
    ...more,
  }
}

export function sharingOf(service: Sharing['service'], detail: string, more: Partial<Sharing> = {}): Sharing {
  return { service, detail, port: null, pid: null, program: null, ...more }
}

export function packetSocket(program: string, uid: number): SocketSeen {
  const nobody = { local: null, peer: null }
  return { protocol: 3, family: 'packet', state: 'unconnected', ...nobody, pid: 100, uid, program }
}

/** The unit's own network: 10.1.0.0/16 behind 10.1.0.1. */
export const RULES: NetworkRules = {
  prefixes: ['10.1.0.0/16', 'fd00:1::/32'],
  destinations: [{ prefix: '10.1.0.0/16', protocol: 'any', ports: null, note: '' }],
  listeners: [],
  gateways: [{ address: '10.1.0.1', mac: GATEWAY_MAC, note: '' }],
  dnsServers: ['10.1.0.53'],
  dhcpServers: ['10.1.0.67'],
  probe: null,
}

export interface PolicyParts {
  readonly settings?: Partial<PolicySettings>
  readonly rules?: Partial<NetworkRules> | null
  readonly mode?: PolicySettings['modes']['network']
  readonly baseline?: Policy['baseline']['interfaces']
  readonly version?: number
}

/** A policy of a computer whose `eth0` (index 2) was there at enrolment. `rules` null: none are set. */
export function policyOf({ settings = {}, rules = {}, mode = 'enforce', ...more }: PolicyParts = {}): Policy {
  const network = rules === null ? {} : { network: { ...RULES, ...rules } }
  return {
    v: 1,
    agent: 'agent-1',
    computer: 'PC-1',
    version: more.version ?? 1,
    issuedAtMs: 1,
    settings: {
      ...DEFAULT_POLICY_SETTINGS,
      modes: { media: 'observe', network: mode, files: 'observe' },
      ...network,
      ...settings,
    },
    baseline: {
      takenAtMs: 1,
      usb: [],
      disks: [],
      interfaces: more.baseline ?? [{ name: 'eth0', mac: OWN_MAC, busPath: '0000:00:02.0' }],
    },
  }
}

/** The unit's own adapter on the unit's own network, as it should be. */
export const eth0 = adapterOf(2, 'eth0', ['10.1.0.20/16', 'fe80::20/64'])
export const ownRoutes: Route[] = [
  routeOf(2, { gateway: '10.1.0.1' }),
  routeOf(2, { destination: '10.1.0.0', prefixLength: 16 }),
]
export const ownNeighbours: Neighbour[] = [neighbourOf(2, '10.1.0.1', GATEWAY_MAC)]
/** A network that is all as it should be. */
export const GOOD_PICTURE = pictureOf({
  interfaces: [eth0],
  routes: ownRoutes,
  neighbours: ownNeighbours,
  dnsServers: ['10.1.0.53'],
  leases: [leaseOf({ interfaceName: 'eth0', address: '10.1.0.20', server: '10.1.0.67' })],
})
