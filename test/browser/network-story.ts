/** What a computer tells when a phone shares its network with it: the records that the network's pages are looked at with. */
import type { FactNamed, Flow, Hardware, NetworkInterface, Picture, Program, Trace } from '@shoukou/protocol'
import { adapter } from '../support/facts.ts'

/** Text that would turn the line around, end it, or be a tag, were it not shown as data. */
export const hostileName = 'usb0\u202e<b>'
export const hostileSsid = 'Guest\u0007\u202e<script>'

export const office: NetworkInterface = adapter({
  medium: 'wired',
  tether: null,
  permanentMac: '52:54:00:12:34:56',
  addresses: [
    { family: 'ipv4', address: '10.1.2.31', prefixLength: 24, scope: 'global' },
    { family: 'ipv6', address: 'fe80::5054:ff:fe12:3456', prefixLength: 64, scope: 'link' },
  ],
})

export const tether: NetworkInterface = adapter({
  index: 5,
  name: hostileName,
  mac: '02:1a:11:f0:00:01',
  medium: 'usb-tether',
  tether: 'rndis',
  permanentMac: '02:1a:11:f0:00:02',
  busPath: '1-2:1.0',
  usbPath: '1-2',
  driver: 'rndis_host',
  addresses: [{ family: 'ipv4', address: '192.168.42.17', prefixLength: 24, scope: 'global' }],
})

export const loopback: NetworkInterface = adapter({
  index: 1,
  name: 'lo',
  mac: null,
  hardwareType: 772,
  nature: 'loopback',
  medium: 'loopback',
  busPath: null,
  driver: null,
  addresses: [{ family: 'ipv4', address: '127.0.0.1', prefixLength: 8, scope: 'host' }],
})

export const program: Program = {
  name: 'curl',
  path: '/usr/bin/curl',
  uid: 1000,
  account: 'zhaochen',
  sessionAccount: 'zhaochen',
  unit: 'session-3.scope',
  container: null,
  isOtherNamespace: false,
}

/** The network with the phone, or before it came. */
export function picture(hasTether: boolean): Picture {
  const route = (gateway: string, on: NetworkInterface, metric: number) => ({
    family: 'ipv4' as const,
    destination: '0.0.0.0',
    prefixLength: 0,
    gateway,
    interfaceIndex: on.index,
    interfaceName: on.name,
    table: 254,
    metric,
  })
  return {
    interfaces: [loopback, office, ...(hasTether ? [tether] : [])],
    routes: [
      route('10.1.2.1', office, 100),
      ...(hasTether ? [route('192.168.42.129', tether, 50)] : []),
      {
        family: 'ipv4',
        destination: '10.1.2.0',
        prefixLength: 24,
        gateway: null,
        interfaceIndex: 2,
        interfaceName: 'eth0',
        table: 254,
        metric: null,
      },
    ],
    neighbours: [
      {
        address: '10.1.2.1',
        mac: '00:25:9e:00:11:22',
        interfaceIndex: 2,
        state: 'reachable',
        isRouter: true,
      },
      ...(hasTether
        ? [
            {
              address: '192.168.42.129',
              mac: '02:1a:11:f0:00:09',
              interfaceIndex: 5,
              state: 'stale',
              isRouter: false,
            },
          ]
        : []),
    ],
    rules: [{ family: 'ipv4', priority: 32_765, text: 'from 192.168.42.17 lookup 100', table: 100 }],
    leases: [
      {
        interfaceName: 'eth0',
        address: '10.1.2.31',
        server: '10.1.2.2',
        routers: ['10.1.2.1'],
        dnsServers: ['10.1.0.53'],
        obtainedAtMs: 1_790_000_000_000,
        expiresAtMs: 1_790_086_400_000,
        source: '/var/lib/dhcp/dhclient.eth0.leases',
      },
    ],
    dnsServers: ['10.1.0.53', ...(hasTether ? ['192.168.42.129'] : [])],
    wireless: [
      {
        interfaceName: 'wlan0',
        interfaceIndex: 7,
        mode: 'station',
        isAssociated: true,
        ssid: hostileSsid,
        bssid: '00:11:22:aa:bb:cc',
        frequencyMhz: 2437,
        stations: [],
      },
    ],
    sharing: [
      { service: 'forwarding-ipv4', detail: 'net.ipv4.ip_forward = 1', port: null, pid: null, program: null },
      {
        service: 'proxy',
        detail: '0.0.0.0:8080',
        port: 8080,
        pid: 911,
        program: { ...program, name: 'tinyproxy', path: '/usr/bin/tinyproxy', unit: 'tinyproxy.service' },
      },
    ],
    sockets: [
      {
        protocol: 6,
        family: 'ipv4',
        state: 'established',
        local: { address: '192.168.42.17', port: 51_514 },
        peer: { address: '39.156.66.10', port: 443 },
        pid: 4242,
        uid: 1000,
        program: 'curl',
      },
      {
        protocol: 6,
        family: 'ipv6',
        state: 'listen',
        local: { address: '::', port: 22 },
        peer: null,
        pid: 700,
        uid: 0,
        program: 'sshd',
      },
    ],
    sessionAccount: 'zhaochen',
    unread: ['neighbours'],
    omitted: 3,
  }
}

/** A flow to a public address. */
export function flow(more: Partial<Flow> = {}): Flow {
  const now = Date.now()
  return {
    act: 'established',
    pid: 4242,
    family: 'ipv4',
    protocol: 6,
    local: { address: '192.168.42.17', port: 51_514 },
    peer: { address: '39.156.66.10', port: 443 },
    interface: hostileName,
    count: 12,
    refused: 0,
    firstWallMs: now - 61_000,
    lastWallMs: now - 1_000,
    confidence: 'confirmed-reachability',
    rule: 'public-address',
    ...more,
  }
}

export const traces: readonly Trace[] = [
  {
    kind: 'wifi-profile',
    source: 'networkmanager',
    path: '/etc/NetworkManager/system-connections/Guest.nmconnection',
    text: hostileSsid,
    interfaceName: 'wlan0',
    peer: null,
    firstWallMs: null,
    lastWallMs: 1_780_000_000_000,
    certainty: 'likely',
  },
  {
    kind: 'usb-network-device',
    source: 'kernel-log',
    path: '/var/log/kern.log',
    text: "usb 1-2: rndis_host: register 'rndis_host'",
    interfaceName: 'usb0',
    peer: null,
    firstWallMs: 1_780_000_100_000,
    lastWallMs: 1_780_000_100_000,
    certainty: 'certain',
  },
]

type Told = FactNamed<
  | 'network.picture'
  | 'network.condition'
  | 'network.connections'
  | 'network.counted'
  | 'network.hardware'
  | 'network.traces'
  | 'network.acted'
  | 'network.changed-while-away'
  | 'network.probed'
  | 'control.tampered'
>

export const conditionBegan: FactNamed<'network.condition'> = {
  kind: 'network.condition',
  origin: 'appeared',
  condition: 'tether-up',
  state: 'began',
  key: 'tether-up:5',
  interface: tether,
  others: [office],
  peer: { address: '192.168.42.129', port: null },
  peerMac: '02:1a:11:f0:00:09',
  text: null,
  expected: null,
  program: null,
  confidence: 'link-up',
  sinceWallMs: null,
  picture: picture(true),
}

export const connections: FactNamed<'network.connections'> = {
  kind: 'network.connections',
  net: 'socket',
  series: 's-1',
  isFirst: true,
  program,
  flows: [
    flow(),
    flow({
      act: 'send',
      protocol: 17,
      peer: { address: '2001:4860:4860::8888', port: 53 },
      family: 'ipv6',
      local: null,
      interface: null,
      count: 3,
      refused: 3,
      confidence: 'attempt',
      rule: 'public-dns',
    }),
  ],
  continues: false,
  picture: picture(true),
}

/** Everything that the network's pages show, in the order in which an agent tells it. */
export function networkStory(): readonly Told[] {
  const camera: Hardware = {
    kind: 'camera',
    bus: 'usb',
    busPath: '1-1.4:1.0',
    usbPath: '1-1.4',
    vendorId: '13d3',
    productId: '56a2',
    model: 'USB2.0 HD UVC \u202eWebCam',
    driver: 'uvcvideo',
    state: 'on',
    detail: null,
    names: ['/dev/video0', '/dev/video1'],
  }
  const wifi: Hardware = {
    ...camera,
    kind: 'wifi',
    bus: 'pci',
    busPath: '0000:02:00.0',
    usbPath: null,
    vendorId: '8086',
    productId: '2723',
    model: 'Wi-Fi 6 AX200',
    driver: 'iwlwifi',
    state: 'blocked',
    detail: 'rfkill-soft',
    names: ['phy0'],
  }
  return [
    { kind: 'network.picture', cause: 'start', picture: picture(true) },
    ...[camera, wifi].map((hardware) => ({
      kind: 'network.hardware' as const,
      origin: 'present-at-start' as const,
      change: 'found' as const,
      before: null,
      hardware,
    })),
    {
      kind: 'network.traces',
      cause: 'enrolment',
      fromWallMs: null,
      toWallMs: Date.now(),
      traces: [...traces],
      continues: false,
      unread: ['wtmp: permission denied'],
    },
    {
      kind: 'network.changed-while-away',
      sinceWallMs: Date.now() - 86_400_000,
      sinceBootId: 'b0',
      hasRebooted: true,
      differences: [
        { what: 'gateway', interfaceName: 'eth0', before: '10.1.2.1', after: '10.1.2.254' },
        { what: 'interface', interfaceName: hostileName, before: null, after: hostileName },
      ],
      omitted: 0,
    },
    conditionBegan,
    connections,
    {
      kind: 'network.counted',
      net: 'socket',
      netId: 'socket#1',
      sinceWallMs: Date.now() - 3_600_000,
      totals: { counted: 1_215, approved: 1_200, prohibited: 15, reported: 12, lost: 3, refused: 3 },
    },
    {
      kind: 'network.counted',
      net: 'packet',
      netId: 'packet#1',
      sinceWallMs: Date.now() - 3_600_000,
      totals: { counted: 20, approved: 16, prohibited: 4, reported: 2, lost: 0, refused: 0 },
    },
    {
      kind: 'network.acted',
      act: 'cut',
      cause: 'tether-up',
      interface: tether,
      order: null,
      reason: null,
      steps: [
        { step: 'packet-table', result: 'done', detail: null },
        { step: 'link-down', result: 'failed', detail: 'EPERM: operation not permitted' },
        { step: 'unauthorise', result: 'skipped', detail: null },
      ],
    },
    {
      kind: 'network.probed',
      target: { address: '10.1.0.10', port: 443 },
      result: 'answered',
      tookMs: 3,
      interfaceName: 'eth0',
    },
    {
      kind: 'control.tampered',
      group: 'network',
      layer: 'packet-table',
      what: 'rules-flushed',
      detail: null,
      isRestored: true,
      openMs: 412,
    },
  ]
}
