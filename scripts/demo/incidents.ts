/**
 * What goes wrong in the unit, as an agent tells it: each incident a few records in their order. Pure.
 *
 * Addresses are those kept for documentation (RFC 5737) and private ones; nobody's.
 */
import { type Decision, type Fact, type SensorName, type UsbDevice, usbInstanceOf } from '@shoukou/protocol'
import {
  allowed,
  condition,
  detected,
  examined,
  hardware,
  PHONE,
  PRINTER,
  passportOf,
  pictureOf,
  programOf,
  refused,
  STORAGE,
  tether,
  usbDevice,
  WIRELESS_INPUT,
  wired,
  wireless,
} from './facts.ts'
import { fitsRule, isBelow, isClassified } from './fitting-levels.ts'
import type { DemoMedium } from './media.ts'
import type { Random } from './random.ts'
import type { DemoComputer } from './unit.ts'

/** A fact at its time after the first one of its story, ms. */
export interface ToldFact {
  readonly afterMs: number
  readonly fact: Fact
  readonly sensor: SensorName | 'agent'
  readonly decision: Decision | null
}

export interface IncidentContext {
  readonly computer: DemoComputer
  readonly random: Random
  /** When its first record is told, Unix ms. */
  readonly atMs: number
  /** The policy that holds enforces media control. */
  readonly isEnforcing: boolean
  /** Media that a station has examined. */
  readonly known: readonly DemoMedium[]
}

type Incident = (context: IncidentContext) => readonly ToldFact[]

const told = (
  afterMs: number,
  sensor: ToldFact['sensor'],
  fact: Fact,
  decision: Decision | null = null,
): ToldFact => ({ afterMs, sensor, fact, decision })

const attached = (device: UsbDevice): Fact => ({
  kind: 'usb.attached',
  origin: 'appeared',
  sighting: 'snapshot',
  device,
})
const detached = (device: UsbDevice): Fact => ({ kind: 'usb.detached', sighting: 'snapshot', device })

const names = ['会议通知', '测试数据', '设计说明', '照片', '汇总表', '培训材料'] as const

function files(random: Random, fromMs: number, count: number): ToldFact[] {
  const root = '/media/demo'
  return Array.from({ length: count }, (_, at) =>
    told(fromMs + at * 1_500, 'files', {
      kind: 'file.activity',
      operation: random.pick(['created', 'modified', 'created', 'deleted']),
      entry: 'file',
      root,
      path: `${random.pick(names)}-${random.int(1, 60)}.docx`,
      renamedFrom: null,
      sizeBytes: random.int(9_000, 4_000_000),
      isOnMedium: true,
      source: 'event',
    }),
  )
}

function mounted(afterMs: number, isThere: boolean): ToldFact {
  const mount = {
    source: '/dev/sdb1',
    target: '/media/demo',
    fileSystem: 'vfat',
    options: 'rw,nosuid,nodev',
    number: '8:17',
    isOnMedium: true,
  }
  return told(
    afterMs,
    'media',
    isThere ? { kind: 'mount.added', origin: 'appeared', mount } : { kind: 'mount.removed', mount },
  )
}

/** A registered medium used as it should be: what most records of a unit are. */
export function ordinaryUse(
  medium: DemoMedium,
  { random, isEnforcing }: IncidentContext,
): readonly ToldFact[] {
  const device = atPort(medium, random, true)
  const known = { number: medium.number, level: medium.level }
  const place = { usbPath: device.path, disk: 'sdb', instance: usbInstanceOf(device) }
  const count = random.int(1, 4)
  const end = 20_000 + count * 60_000
  return [
    told(
      0,
      'usb',
      attached({ ...device, authorized: !isEnforcing }),
      refused('medium-to-be-examined', isEnforcing),
    ),
    told(
      400,
      'media',
      examined(device, { isEnforcing, known, right: 'read-write' }),
      allowed('registered-medium'),
    ),
    told(900, 'media', {
      kind: 'media.access',
      place,
      number: medium.number,
      right: 'read-write',
      cause: 'registered',
      steps: [],
      exposedMs: null,
    }),
    mounted(1_500, true),
    ...files(random, 12_000, count),
    mounted(end, false),
    told(end + 3_000, 'usb', detached(device)),
  ]
}

/** A medium that is brought to be examined, for the register to take what it is known by. */
export function stationExamines(medium: DemoMedium, random: Random): readonly ToldFact[] {
  const device = atPort(medium, random, true)
  return [
    told(0, 'media', examined(device, { isEnforcing: true }), allowed('station')),
    told(30_000, 'usb', detached(device)),
  ]
}

function atPort({ device }: DemoMedium, random: Random, isAuthorized: boolean): UsbDevice {
  if (device === null) throw new RangeError('nothing is known of this medium')
  return { ...device, path: `1-${random.int(1, 6)}`, device: random.int(3, 120), authorized: isAuthorized }
}

const stranger: Incident = ({ random, isEnforcing }) => {
  const device = usbDevice(random, STORAGE, { authorized: !isEnforcing })
  const decision = refused('unregistered-media-inserted', isEnforcing)
  const trail = isEnforcing
    ? []
    : [mounted(1_500, true), ...files(random, 9_000, random.int(2, 6)), mounted(60_000, false)]
  return [
    told(0, 'usb', attached(device), decision),
    told(500, 'media', examined(device, { isEnforcing }), decision),
    ...trail,
    told(isEnforcing ? 41_000 : 66_000, 'usb', detached(device)),
  ]
}

const refusedDevice =
  (rule: string, codes: Parameters<typeof usbDevice>[1], product: string): Incident =>
  ({ random, isEnforcing }) => {
    const device = usbDevice(random, codes, { product, authorized: !isEnforcing })
    return [
      told(0, 'usb', attached(device), refused(rule, isEnforcing)),
      told(random.int(30, 900) * 1_000, 'usb', detached(device)),
    ]
  }

/** A medium that is registered, and not to be used here: `rule` says why. */
const wrongMedium =
  (rule: string, more: { readonly reason?: string; readonly isClone?: boolean } = {}): Incident =>
  (context) => {
    const { random, isEnforcing, known, computer } = context
    const fitting = known.filter(
      ({ computers, level }) =>
        computers?.includes(computer.number) === false &&
        fitsRule(rule, level, computer.level) &&
        // One side of the unit: else it would be a medium used on both, whatever else is wrong with it.
        (rule === 'high-media-on-low-host' || isClassified(level) === isClassified(computer.level)),
    )
    // Nothing fits in a small unit: then it is a stranger's stick.
    if (fitting.length === 0) return stranger(context)
    const medium = random.pick(fitting)
    const device = atPort(medium, random, !isEnforcing)
    const { number, level } = medium
    const found = examined(device, {
      ...{ isEnforcing, known: { number, level } },
      ...(more.reason === undefined ? {} : { reason: more.reason }),
      ...(more.isClone === true ? { result: 'clone-suspected' as const } : {}),
    })
    const fact = more.isClone === true ? { ...found, passport: passportOf(device, 15_500_000_000) } : found
    return [
      told(0, 'usb', attached(device), refused('medium-to-be-examined', isEnforcing)),
      told(450, 'media', fact, refused(rule, isEnforcing)),
      told(35_000, 'usb', detached(device)),
    ]
  }

/** A lower medium that is let in for reading, and written to. */
const lowWrite: Incident = (context) => {
  const { random, known, computer } = context
  const lower = known.filter(({ level }) => isClassified(level) && isBelow(level, computer.level))
  if (lower.length === 0) return stranger(context)
  return ordinaryUse(random.pick(lower), { ...context, isEnforcing: false })
}

/** Something of the network that begins, and is over some minutes later. */
const lasting =
  (
    code: Parameters<typeof condition>[1],
    make: (context: IncidentContext) => {
      readonly adapter: ReturnType<typeof wired>
      readonly more?: Parameters<typeof condition>[3]
    },
    rule: string,
  ): Incident =>
  (context) => {
    const { computer, random, atMs } = context
    const { adapter, more = {} } = make(context)
    const began = condition(computer, code, adapter, { sinceWallMs: atMs, ...more })
    return [
      told(0, 'network', began, detected(rule)),
      told(
        random.int(2, 45) * 60_000,
        'network',
        { ...began, state: 'ended', picture: null },
        detected(rule),
      ),
    ]
  }

const tethered = lasting('tether-up', ({ random }) => ({ adapter: tether(random) }), 'tether-up')
const wifi = lasting(
  'wireless-associated',
  ({ random }) => ({
    adapter: wireless(random),
    more: { text: random.pick(['guest-wifi', '演示热点', 'meeting-room']), peerMac: '02:aa:00:00:00:01' },
  }),
  'wireless-associated',
)
const twoNetworks = lasting(
  'two-networks',
  ({ random, computer }) => ({ adapter: wireless(random), more: { others: [wired(computer)] } }),
  'two-networks',
)
const foreign = lasting(
  'foreign-network',
  ({ computer }) => ({
    adapter: wired(computer, {
      addresses: [{ family: 'ipv4', address: '192.168.1.23', prefixLength: 24, scope: 'global' }],
    }),
    more: { peer: { address: '192.168.1.1', port: null }, peerMac: '02:bb:00:00:00:01' },
  }),
  'foreign-network',
)
const otherMac = lasting(
  'mac-differs',
  ({ computer, random }) => ({
    adapter: wired(computer, { mac: `02:99:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}:01` }),
    more: { expected: computer.mac },
  }),
  'mac-differs',
)
const internet = lasting(
  'public-address',
  ({ random }) => ({
    adapter: {
      ...tether(random),
      addresses: [{ family: 'ipv4', address: '203.0.113.77', prefixLength: 24, scope: 'global' }],
    },
    more: { peer: { address: '203.0.113.1', port: null }, confidence: 'confirmed-reachability' },
  }),
  'public-address',
)
const sharing = lasting(
  'forwarding',
  ({ computer }) => ({ adapter: wired(computer), more: { text: 'net.ipv4.ip_forward=1' } }),
  'forwarding',
)
const cellular = lasting(
  'cellular-up',
  ({ random }) => ({
    adapter: { ...tether(random), name: 'wwan0', driver: 'demowwan', medium: 'cellular', tether: null },
  }),
  'cellular-up',
)

/** A program that tries what it always tries where it comes from. */
const attempt: Incident = ({ computer, random, atMs, isEnforcing }) => {
  const count = random.int(1, 30)
  const peer = { address: `198.51.100.${random.int(2, 250)}`, port: random.pick([80, 443, 123]) }
  return [
    told(
      0,
      'connections',
      {
        kind: 'network.connections',
        net: 'socket',
        series: `s-${random.hex(12)}`,
        isFirst: true,
        program: programOf(computer, random.pick(['update-notifier', 'chronyd', 'wps', 'browser'])),
        flows: [
          {
            act: 'connect',
            pid: random.int(900, 30_000),
            family: 'ipv4',
            protocol: 6,
            local: null,
            peer,
            interface: null,
            count,
            refused: isEnforcing ? count : 0,
            firstWallMs: atMs - 4_000,
            lastWallMs: atMs,
            confidence: 'attempt',
            rule: 'not-approved',
          },
        ],
        continues: false,
        picture: pictureOf(computer),
      },
      detected('not-approved'),
    ),
  ]
}

const switchedOn =
  (piece: ReturnType<typeof hardware>, rule: string): Incident =>
  ({ random }) => [
    told(
      0,
      'hardware',
      { kind: 'network.hardware', origin: 'appeared', change: 'found', before: null, hardware: piece },
      detected(rule),
    ),
    told(random.int(20, 300) * 60_000, 'hardware', {
      kind: 'network.hardware',
      origin: 'appeared',
      change: 'gone',
      before: piece,
      hardware: { ...piece, state: 'blocked', detail: 'rfkill-soft' },
    }),
  ]

const newAdapter: Incident = ({ random }) => {
  const adapter = {
    ...tether(random),
    name: 'enx02',
    driver: 'demo_eth',
    medium: 'wired',
    tether: null,
  } as const
  return [
    told(0, 'network', {
      kind: 'network.interface-added',
      origin: 'appeared',
      sighting: 'snapshot',
      interface: adapter,
    }),
    told(600_000, 'network', { kind: 'network.interface-removed', interface: adapter }),
  ]
}

const clockBack: Incident = ({ random }) => [
  told(0, 'clock', {
    kind: 'clock.stepped',
    byMs: -random.int(20, 600) * 60_000,
    found: 'while-running',
  }),
]

const heldStill: Incident = ({ random, atMs }) => {
  const pausedMs = random.int(40, 400) * 1_000
  return [
    told(pausedMs, 'agent', {
      kind: 'agent.paused',
      fromWallMs: atMs,
      pausedMs,
      suspendedMs: 0,
      cause: 'stop-signal',
      tracer: null,
    }),
  ]
}

const altered: Incident = ({ random }) => [
  told(0, 'agent', {
    kind: 'agent.altered',
    thing: 'unit',
    what: 'content-changed',
    path: '/etc/systemd/system/shoukou-agent.service',
    expectedHash: random.hex(64),
    observedHash: random.hex(64),
    found: 'while-running',
    isRestored: true,
    serviceState: 'enabled',
    account: null,
  }),
]

const missingSegment: Incident = ({ random }) => [
  told(0, 'agent', {
    kind: 'journal.gap',
    reason: random.chance(0.7) ? 'segment-damaged' : 'segment-missing',
    firstSeq: 3,
    lastSeq: 4,
    setAside: null,
  }),
]

/** No violation, and no proof either: what the calendar of coverage is for. */
const overflow: Incident = ({ random }) => [
  told(0, 'files', {
    kind: 'sensor.overflow',
    sensor: 'files',
    queue: 'fanotify',
    rescanMs: random.int(800, 200_000),
    changesFound: random.int(1, 90),
  }),
]
const asleep: Incident = ({ random, atMs }) => {
  const pausedMs = random.int(30, 150) * 60_000
  return [
    told(pausedMs, 'agent', {
      kind: 'agent.paused',
      fromWallMs: atMs,
      pausedMs,
      suspendedMs: pausedMs - 1_000,
      cause: 'unexplained',
      tracer: null,
    }),
  ]
}

/** Name, how often beside the others, and what is told. */
export const INCIDENTS = {
  stranger: [24, stranger],
  phone: [14, refusedDevice('phone-or-camera-connected', PHONE, '演示手机')],
  'wireless-input': [
    7,
    refusedDevice('wireless-input-device', WIRELESS_INPUT, 'Demo 2.4G Wireless Receiver'),
  ],
  printer: [5, refusedDevice('unregistered-peripheral', PRINTER, 'Demo Printer')],
  'not-assigned': [7, wrongMedium('media-not-assigned')],
  'high-medium': [3, wrongMedium('high-media-on-low-host')],
  expired: [4, wrongMedium('media-status-invalid', { reason: 'expired' })],
  clone: [1, wrongMedium('media-identity-mismatch', { isClone: true })],
  'low-write': [4, lowWrite],
  attempt: [18, attempt],
  tethered: [4, tethered],
  wifi: [4, wifi],
  'two-networks': [2, twoNetworks],
  foreign: [3, foreign],
  'other-mac': [3, otherMac],
  internet: [1, internet],
  sharing: [1, sharing],
  cellular: [1, cellular],
  bluetooth: [3, switchedOn(hardware('bluetooth', 'Demo Bluetooth', 'btusb'), 'bluetooth-enabled')],
  'wifi-card': [3, switchedOn(hardware('wifi', 'Demo WLAN', 'demowifi'), 'wireless-hardware-present')],
  camera: [3, switchedOn(hardware('camera', 'Demo Camera', 'uvcvideo'), 'av-device-enabled')],
  'new-adapter': [3, newAdapter],
  'clock-back': [3, clockBack],
  'held-still': [2, heldStill],
  altered: [2, altered],
  'missing-segment': [2, missingSegment],
  overflow: [8, overflow],
  asleep: [10, asleep],
} as const satisfies Readonly<Record<string, readonly [number, Incident]>>

export type IncidentName = keyof typeof INCIDENTS
export const INCIDENT_NAMES = Object.keys(INCIDENTS) as readonly IncidentName[]

/** Returns what an agent tells of an incident, in the order of time. */
export function tellIncident(name: IncidentName, context: IncidentContext): readonly ToldFact[] {
  return INCIDENTS[name][1](context)
}

/** Returns one of the incidents, the frequent ones more often. */
export function drawIncident(random: Random): IncidentName {
  const all = INCIDENT_NAMES.reduce((sum, name) => sum + INCIDENTS[name][0], 0)
  let left = random.next() * all
  for (const name of INCIDENT_NAMES) {
    left -= INCIDENTS[name][0]
    if (left < 0) return name
  }
  return 'stranger'
}
