/**
 * Everything that an agent may observe, by `kind`: the payload of a record.
 *
 * A fact says what was seen, never what it means: meaning is a rule's work, at the console, later and again.
 */
import { type Static, Type } from 'typebox'
import { LIMITS } from '../limits.ts'
import { RawTextSchema } from '../raw-text.ts'
import {
  BlockDeviceSchema,
  MountSchema,
  NetworkInterfaceSchema,
  OriginSchema,
  RouteSchema,
  SightingSchema,
  UsbDeviceSchema,
} from './shapes.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const signed = Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })
const code = Type.String({ maxLength: 100, pattern: '^[a-zA-Z0-9][a-zA-Z0-9._:-]*$' })
const sentence = Type.String({ maxLength: 1_000 })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const SENSORS = ['usb', 'media', 'network', 'files', 'folders', 'host', 'clock'] as const
/** `files`: activity on removable mounts. `folders`: the portable watch on configured folders. */
export type SensorName = (typeof SENSORS)[number]
export const SensorNameSchema = Type.Enum([...SENSORS])

/**
 * What a sensor can vouch for now. `watching`: the kernel's own events, with a sweep behind. `fallback`: only the
 * slower way. `not-watched`: blind; `reason` says why and `remedy` what would mend it.
 */
export const CoverageSchema = Type.Object(
  {
    sensor: SensorNameSchema,
    state: Type.Union([Type.Literal('watching'), Type.Literal('fallback'), Type.Literal('not-watched')]),
    method: code,
    reason: nullable(sentence),
    remedy: nullable(sentence),
  },
  closed,
)
export type Coverage = Static<typeof CoverageSchema>

const FACTS = {
  'agent.started': {
    previous: Type.Union([
      Type.Literal('first-start'),
      Type.Literal('clean-stop'),
      Type.Literal('unclean-stop'),
    ]),
    pid: count,
    uid: count,
  },
  'agent.stopping': {
    reason: Type.Union([Type.Literal('signal'), Type.Literal('shutdown'), Type.Literal('fault')]),
  },
  'agent.coverage': { coverage: CoverageSchema },
  'sensor.overflow': {
    sensor: SensorNameSchema,
    /** The kernel queue that overflowed. */
    queue: code,
    /** From noticing to the end of the rescan, ms. */
    rescanMs: count,
    /** Differences that the rescan found. */
    changesFound: count,
  },
  'usb.attached': { origin: OriginSchema, sighting: SightingSchema, device: UsbDeviceSchema },
  'usb.detached': { sighting: SightingSchema, device: UsbDeviceSchema },
  'block.attached': { origin: OriginSchema, sighting: SightingSchema, device: BlockDeviceSchema },
  'block.changed': { before: BlockDeviceSchema, device: BlockDeviceSchema },
  'block.detached': { sighting: SightingSchema, device: BlockDeviceSchema },
  'mount.added': { origin: OriginSchema, mount: MountSchema },
  'mount.removed': { mount: MountSchema },
  'network.interface-added': {
    origin: OriginSchema,
    sighting: SightingSchema,
    interface: NetworkInterfaceSchema,
  },
  'network.interface-changed': { before: NetworkInterfaceSchema, interface: NetworkInterfaceSchema },
  'network.interface-removed': { interface: NetworkInterfaceSchema },
  'network.routes-changed': {
    origin: OriginSchema,
    added: Type.Array(RouteSchema, { maxItems: LIMITS.routesPerFactMax }),
    removed: Type.Array(RouteSchema, { maxItems: LIMITS.routesPerFactMax }),
    /** Changes beyond the limit of one fact; they follow in the next. */
    continues: Type.Boolean(),
  },
  'file.activity': {
    operation: Type.Union([
      Type.Literal('created'),
      Type.Literal('modified'),
      Type.Literal('deleted'),
      Type.Literal('renamed'),
      Type.Literal('attributes'),
    ]),
    entry: Type.Union([Type.Literal('file'), Type.Literal('folder'), Type.Literal('other')]),
    /** The watched mount or folder. */
    root: RawTextSchema,
    /** Below the root, without a leading slash. */
    path: RawTextSchema,
    renamedFrom: nullable(RawTextSchema),
    sizeBytes: nullable(count),
    isOnMedium: Type.Boolean(),
    /** `event`: the kernel told. `rescan`: found by comparing, so when and by whom is not known. */
    source: Type.Union([Type.Literal('event'), Type.Literal('rescan')]),
  },
  'host.inventory': {
    hostname: RawTextSchema,
    manufacturer: RawTextSchema,
    model: RawTextSchema,
    serial: RawTextSchema,
    hardwareId: RawTextSchema,
    operatingSystem: RawTextSchema,
    kernel: RawTextSchema,
    processor: RawTextSchema,
    memoryBytes: count,
    disks: Type.Array(
      Type.Object(
        {
          name: RawTextSchema,
          vendor: RawTextSchema,
          model: RawTextSchema,
          serial: RawTextSchema,
          sizeBytes: count,
        },
        closed,
      ),
      { maxItems: LIMITS.disksPerInventoryMax },
    ),
  },
  'clock.stepped': {
    /** Wall clock against the boot clock: negative is back. */
    byMs: signed,
    found: Type.Union([Type.Literal('while-running'), Type.Literal('across-restart')]),
  },
  'journal.opened': {
    reason: Type.Union([
      Type.Literal('enrolled'),
      Type.Literal('journal-lost'),
      Type.Literal('console-ahead'),
    ]),
    /** The journal before, where one is known: its epoch and the last number that the console had. */
    previousEpoch: nullable(Type.String({ maxLength: 64 })),
    previousSeq: nullable(count),
  },
  'journal.gap': {
    /** `segment-damaged` fails its checksum: a disk's fault. The others do not happen by themselves. */
    reason: Type.Union([
      Type.Literal('segment-damaged'),
      Type.Literal('segment-missing'),
      Type.Literal('chain-mismatch'),
    ]),
    firstSeq: count,
    lastSeq: count,
    setAside: nullable(RawTextSchema),
  },
  'journal.loss': {
    /** Facts not journaled because the quota was reached, by kind. */
    counts: Type.Record(Type.String({ pattern: '^[a-z][a-z.-]{0,63}$' }), count, closed),
    total: count,
    firstWallMs: count,
    lastWallMs: count,
    /** False where the agent was killed meanwhile: the true count may be higher. */
    isExact: Type.Boolean(),
  },
  'policy.applied': { version: count, digest: Type.String({ pattern: '^[0-9a-f]{64}$' }) },
  'policy.refused': { version: nullable(count), reason: code },
  'command.done': { id: Type.String({ maxLength: 64 }), name: code, outcome: code },
} as const

type FactFields = typeof FACTS
export type FactKind = keyof FactFields
export const FACT_KINDS = Object.keys(FACTS) as readonly FactKind[]

function factSchema<K extends FactKind>(kind: K) {
  return Type.Object({ kind: Type.Literal(kind), ...FACTS[kind] }, closed)
}

type FactOf<K extends FactKind> = {
  readonly kind: K
} & {
  readonly [F in keyof FactFields[K]]: FactFields[K][F] extends Type.TSchema
    ? Static<FactFields[K][F]>
    : never
}

/** One observed fact; `kind` tells which. */
export type Fact = { [K in FactKind]: FactOf<K> }[FactKind]
export type FactNamed<K extends FactKind> = Extract<Fact, { kind: K }>

/** Schema of each kind, closed: an unknown field is refused, not ignored. */
export const FACT_SCHEMAS = Object.fromEntries(FACT_KINDS.map((kind) => [kind, factSchema(kind)])) as {
  readonly [K in FactKind]: ReturnType<typeof factSchema<K>>
}

/**
 * What is given up first when a journal's quota is reached: 0 bulk, 1 routine, 2 evidence (never while there is any
 * room at all).
 */
export function importanceOf(kind: FactKind): 0 | 1 | 2 {
  switch (kind) {
    case 'file.activity':
      return 0
    case 'host.inventory':
    case 'mount.added':
    case 'mount.removed':
    case 'network.routes-changed':
    case 'command.done':
      return 1
    case 'agent.started':
    case 'agent.stopping':
    case 'agent.coverage':
    case 'sensor.overflow':
    case 'usb.attached':
    case 'usb.detached':
    case 'block.attached':
    case 'block.changed':
    case 'block.detached':
    case 'network.interface-added':
    case 'network.interface-changed':
    case 'network.interface-removed':
    case 'clock.stepped':
    case 'journal.opened':
    case 'journal.gap':
    case 'journal.loss':
    case 'policy.applied':
    case 'policy.refused':
      return 2
  }
}
