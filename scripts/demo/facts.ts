/** The nouns of the facts that simulated agents tell: devices, adapters, pictures. Pure; nothing in it names a real thing. */
import {
  type BlockDevice,
  type Decision,
  type FactNamed,
  type Hardware,
  type NetworkInterface,
  type Passport,
  type Picture,
  type Program,
  type SensorName,
  type UsbDevice,
  usbInstanceOf,
} from '@shoukou/protocol'
import type { Random } from './random.ts'
import type { DemoComputer } from './unit.ts'

export const blocked = (rule: string): Decision => ({ outcome: 'blocked', would: 'block', rule })
export const detected = (rule: string): Decision => ({ outcome: 'detected', would: 'block', rule })
export const allowed = (rule: string): Decision => ({ outcome: 'allowed', would: 'allow', rule })

/** What an agent refuses where it enforces, and only tells where it observes. */
export function refused(rule: string, isEnforcing: boolean): Decision {
  return isEnforcing ? blocked(rule) : detected(rule)
}

/** What an agent tells where it enforces: that the denial stands in the kernel. */
export function mediaControl(cause: string): FactNamed<'control.state'> {
  const layers = ['usb-default', 'usb-airlock', 'device-guard', 'block-cut'] as const
  return {
    ...{ kind: 'control.state', group: 'media', state: 'in-force', cause, reason: null },
    layers: layers.map((layer) => ({ layer, state: 'in-force', detail: null })),
  }
}

export const REQUIRED_SENSORS: readonly SensorName[] = [
  'usb',
  'media',
  'network',
  'connections',
  'hardware',
  'files',
  'host',
  'clock',
]

const makers = [
  ['f001', '0001', '演示存储甲', 'Demo Stick A'],
  ['f001', '0002', '演示存储甲', 'Demo Stick A2'],
  ['f002', '0010', '演示存储乙', 'Demo Drive B'],
  ['f003', '0021', '演示存储丙', 'Demo Disk C'],
] as const

type Codes = readonly (readonly [string, string, string])[]

/** Returns a USB device that no maker sells. `codes`: class, subclass, protocol of each interface. */
export function usbDevice(random: Random, codes: Codes, more: Partial<UsbDevice> = {}): UsbDevice {
  const [vendorId, productId, manufacturer, product] = random.pick(makers)
  return {
    path: `1-${random.int(1, 6)}`,
    bus: 1,
    device: random.int(3, 120),
    ...{ vendorId, productId, manufacturer, product },
    deviceRelease: '0100',
    deviceClass: '00',
    serial: `DEMO${random.hex(10).toUpperCase()}`,
    speedMbps: 480,
    authorized: false,
    interfaces: codes.map(([one, subclass, protocol], number) => ({
      ...{ configuration: 1, number, alternate: 0, class: one, subclass, protocol },
    })),
    descriptors: null,
    descriptorFaults: [],
    ...more,
  }
}

export const STORAGE: Codes = [['08', '06', '50']]
export const PHONE: Codes = [
  ['06', '01', '01'],
  ['ff', '42', '01'],
]
export const WIRELESS_INPUT: Codes = [
  ['03', '01', '01'],
  ['03', '01', '02'],
]
export const PRINTER: Codes = [['07', '01', '02']]

export function passportOf(device: UsbDevice, sizeBytes = 32_000_000_000): Passport {
  const { vendorId, productId, deviceRelease: release, serial, manufacturer, product } = device
  return {
    bus: 'usb',
    usb: { vendorId, productId, release, serial, manufacturer, product, descriptorHash: null },
    inquiry: null,
    diskSerial: null,
    wwn: null,
    sizeBytes,
    blockBytes: 512,
    partitionTable: null,
    fileSystems: [{ partition: 1, kind: 'vfat', uuid: null, label: '演示' }],
  }
}

/** Returns what an examination of a stick found; `known`: which registered medium it is. */
export function examined(
  device: UsbDevice,
  found: {
    readonly isEnforcing: boolean
    readonly known?: {
      readonly number: string
      readonly level: FactNamed<'media.examined'>['identity']['level']
    }
    readonly right?: FactNamed<'media.examined'>['right']
    readonly reason?: string
    readonly result?: FactNamed<'media.examined'>['identity']['result']
  },
): FactNamed<'media.examined'> {
  const { isEnforcing, known, right = 'none', reason = null } = found
  return {
    kind: 'media.examined',
    origin: 'appeared',
    place: { usbPath: device.path, disk: null, instance: usbInstanceOf(device) },
    method: isEnforcing ? 'airlock' : 'open',
    passport: passportOf(device),
    seal: { state: reason === null ? 'absent' : 'refused', reason, id: null },
    identity: {
      result: found.result ?? (known === undefined ? 'unknown' : 'match'),
      source: known === undefined ? 'none' : 'policy',
      number: known?.number ?? null,
      level: known?.level ?? null,
      reasons: [],
    },
    right,
    faults: [],
    tookMs: 140,
  }
}

export function wired(computer: DemoComputer, more: Partial<NetworkInterface> = {}): NetworkInterface {
  return {
    index: 2,
    name: 'eth0',
    mac: computer.mac,
    hardwareType: 1,
    nature: 'physical',
    linkKind: null,
    busPath: '0000:00:1f.6',
    usbPath: null,
    driver: 'e1000e',
    isWireless: false,
    isAdminUp: true,
    hasCarrier: true,
    operState: 'up',
    addresses: [{ family: 'ipv4', address: computer.address, prefixLength: 16, scope: 'global' }],
    medium: 'wired',
    tether: null,
    ...more,
  }
}

export function tether(random: Random): NetworkInterface {
  return {
    index: random.int(7, 20),
    name: 'usb0',
    mac: `02:7e:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}`,
    hardwareType: 1,
    nature: 'physical',
    linkKind: null,
    busPath: '1-3:1.0',
    usbPath: '1-3',
    driver: 'rndis_host',
    isWireless: false,
    isAdminUp: true,
    hasCarrier: true,
    operState: 'up',
    addresses: [{ family: 'ipv4', address: '192.168.42.129', prefixLength: 24, scope: 'global' }],
    medium: 'usb-tether',
    tether: 'rndis',
  }
}

export function wireless(random: Random): NetworkInterface {
  return {
    ...tether(random),
    name: 'wlan0',
    index: 3,
    busPath: '0000:00:14.3',
    usbPath: null,
    driver: 'demowifi',
    isWireless: true,
    addresses: [{ family: 'ipv4', address: '192.168.31.77', prefixLength: 24, scope: 'global' }],
    medium: 'wireless',
    tether: null,
  }
}

/** Returns the network around a computer: its own adapter, and what was beside it. */
export function pictureOf(computer: DemoComputer, beside: readonly NetworkInterface[] = []): Picture {
  const own = wired(computer)
  const route = (gateway: string, one: NetworkInterface): Picture['routes'][number] => ({
    family: 'ipv4',
    destination: '0.0.0.0',
    prefixLength: 0,
    gateway,
    interfaceIndex: one.index,
    interfaceName: one.name,
    table: 254,
    metric: 100,
  })
  return {
    interfaces: [own, ...beside],
    routes: beside.map((one) => route('192.168.42.1', one)),
    neighbours: [],
    rules: [],
    leases: [],
    dnsServers: ['10.20.0.53'],
    wireless: [],
    sharing: [],
    sockets: [],
    sessionAccount: computer.person.account,
    unread: [],
    omitted: 0,
  }
}

export function condition(
  computer: DemoComputer,
  code: FactNamed<'network.condition'>['condition'],
  adapter: NetworkInterface,
  more: Partial<FactNamed<'network.condition'>> = {},
): FactNamed<'network.condition'> {
  return {
    kind: 'network.condition',
    origin: 'appeared',
    condition: code,
    state: 'began',
    key: `${code}|${adapter.index}`,
    interface: adapter,
    others: [],
    peer: null,
    peerMac: null,
    text: null,
    expected: null,
    program: null,
    confidence: 'link-up',
    sinceWallMs: null,
    picture: pictureOf(computer, adapter.name === 'eth0' ? [] : [adapter]),
    ...more,
  }
}

export function programOf({ person }: DemoComputer, name: string): Program {
  return {
    name,
    path: `/usr/bin/${name}`,
    uid: 1_000,
    account: person.account,
    sessionAccount: person.account,
    unit: null,
    container: null,
    isOtherNamespace: false,
  }
}

export function hardware(kind: Hardware['kind'], model: string, driver: string): Hardware {
  return {
    kind,
    bus: 'usb',
    busPath: '1-6:1.0',
    usbPath: '1-6',
    vendorId: 'f0f0',
    productId: '0042',
    model,
    driver,
    state: 'on',
    detail: 'on',
    names: [],
  }
}

export function diskOf({ diskSerial }: DemoComputer): BlockDevice {
  return {
    name: 'sda',
    number: '8:0',
    bus: 'ata',
    sizeBytes: 512_110_190_592,
    isRemovable: false,
    isReadOnly: false,
    vendor: 'DEMO',
    model: 'DEMO SSD',
    serial: diskSerial,
    wwn: null,
    usbPath: null,
  }
}
