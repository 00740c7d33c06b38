/** What an agent tells of a network, as the tests of rules and of ingest need it. */
import type {
  Decision,
  Fact,
  FactNamed,
  Flow,
  Hardware,
  NetworkInterface,
  NetworkRules,
  Picture,
  Program,
  Trace,
} from '@shoukou/protocol'
import { adapter } from '../../../test/support/facts.ts'

export const detected = (rule: string): Decision => ({ outcome: 'detected', would: 'block', rule })
export const allowedBy = (rule: string): Decision => ({ outcome: 'allowed', would: 'allow', rule })

export const eth0 = adapter({
  medium: 'wired',
  addresses: [{ family: 'ipv4', address: '10.1.0.9', prefixLength: 16, scope: 'global' }],
})
export const tether = adapter({
  index: 7,
  name: 'usb0',
  mac: '02:1a:2b:3c:4d:5e',
  busPath: '1-1:1.0',
  usbPath: '1-1',
  driver: 'rndis_host',
  medium: 'usb-tether',
  tether: 'rndis',
  addresses: [{ family: 'ipv4', address: '192.168.42.129', prefixLength: 24, scope: 'global' }],
})

export function picture(more: Partial<Picture> = {}): Picture {
  return {
    interfaces: [eth0, tether],
    routes: [
      {
        family: 'ipv4',
        destination: '0.0.0.0',
        prefixLength: 0,
        gateway: '192.168.42.1',
        interfaceIndex: 7,
        interfaceName: 'usb0',
        table: 254,
        metric: 100,
      },
    ],
    neighbours: [
      {
        address: '192.168.42.1',
        mac: '02:1a:2b:3c:4d:5f',
        interfaceIndex: 7,
        state: 'reachable',
        isRouter: true,
      },
    ],
    rules: [],
    leases: [],
    dnsServers: ['192.168.42.1'],
    wireless: [],
    sharing: [],
    sockets: [],
    sessionAccount: 'user',
    unread: [],
    omitted: 0,
    ...more,
  }
}

export function condition(
  code: FactNamed<'network.condition'>['condition'],
  more: Partial<FactNamed<'network.condition'>> = {},
): FactNamed<'network.condition'> {
  return {
    kind: 'network.condition',
    origin: 'appeared',
    condition: code,
    state: 'began',
    key: `${code}|7`,
    interface: tether,
    others: [],
    peer: null,
    peerMac: null,
    text: null,
    expected: null,
    program: null,
    confidence: 'link-up',
    sinceWallMs: null,
    picture: picture(),
    ...more,
  }
}

/** The same condition, over. */
export function over(began: FactNamed<'network.condition'>): FactNamed<'network.condition'> {
  return { ...began, state: 'ended', picture: null }
}

export const curl: Program = {
  name: 'curl',
  path: '/usr/bin/curl',
  uid: 1000,
  account: 'user',
  sessionAccount: 'owner',
  unit: null,
  container: null,
  isOtherNamespace: false,
}

export function flow(more: Partial<Flow> = {}): Flow {
  return {
    act: 'connect',
    pid: 2201,
    family: 'ipv4',
    protocol: 6,
    local: null,
    peer: { address: '8.8.4.4', port: 443 },
    interface: null,
    count: 1,
    refused: 0,
    firstWallMs: 10,
    lastWallMs: 20,
    confidence: 'attempt',
    rule: 'public-address',
    ...more,
  }
}

export function connections(
  flows: readonly Flow[],
  more: Partial<FactNamed<'network.connections'>> = {},
): FactNamed<'network.connections'> {
  return {
    kind: 'network.connections',
    net: 'socket',
    series: 's-1',
    isFirst: true,
    program: curl,
    flows: [...flows],
    continues: false,
    picture: null,
    ...more,
  }
}

export function hardware(more: Partial<Hardware> = {}): Hardware {
  return {
    kind: 'bluetooth',
    bus: 'usb',
    busPath: '1-6:1.0',
    usbPath: '1-6',
    vendorId: '8087',
    productId: '0029',
    model: 'AX200 Bluetooth',
    driver: 'btusb',
    state: 'on',
    detail: 'hci-up',
    names: ['hci0'],
    ...more,
  }
}

export function told(
  piece: Hardware,
  more: Partial<FactNamed<'network.hardware'>> = {},
): FactNamed<'network.hardware'> {
  return {
    kind: 'network.hardware',
    origin: 'appeared',
    change: 'found',
    before: null,
    hardware: piece,
    ...more,
  }
}

export function trace(more: Partial<Trace> = {}): Trace {
  return {
    kind: 'dhcp-lease',
    source: 'dhclient-lease',
    path: null,
    text: 'lease',
    interfaceName: 'eth0',
    peer: '192.168.42.1',
    firstWallMs: 1_000,
    lastWallMs: 5_000,
    certainty: 'certain',
    ...more,
  }
}

export function traces(list: readonly Trace[], cause: 'absence' | 'enrolment' = 'absence'): Fact {
  return {
    kind: 'network.traces',
    cause,
    fromWallMs: 1,
    toWallMs: 9_000,
    traces: [...list],
    continues: false,
    unread: [],
  }
}

export function rules(more: Partial<NetworkRules> = {}): NetworkRules {
  return {
    prefixes: ['10.1.0.0/16'],
    destinations: [],
    listeners: [],
    gateways: [{ address: '10.1.0.1', mac: null, note: '' }],
    dnsServers: ['10.1.0.53'],
    dhcpServers: ['10.1.0.67'],
    probe: null,
    ...more,
  }
}

export function added(
  one: NetworkInterface = tether,
  origin: FactNamed<'network.interface-added'>['origin'] = 'appeared',
): Fact {
  return { kind: 'network.interface-added', origin, sighting: 'snapshot', interface: one }
}
