/**
 * Everything that an agent may observe, by `kind`: the payload of a record.
 *
 * A fact says what was seen, never what it means: meaning is a rule's work, at the console, later and again.
 */
import { type Static, Type } from 'typebox'
import { LevelSchema } from '../levels.ts'
import { LIMITS } from '../limits.ts'
import { IDENTITY_RESULTS, IdentityReasonSchema, MediumRightSchema, PassportSchema } from '../media/shapes.ts'
import { RawTextSchema } from '../raw-text.ts'
import { actionSteps } from './action-steps.ts'
import { NETWORK_FACTS } from './network-facts.ts'
import { SESSION_FACTS } from './session-facts.ts'
import {
  BlockDeviceSchema,
  MountSchema,
  NetworkInterfaceSchema,
  OriginSchema,
  RouteSchema,
  SightingSchema,
  UsbDeviceSchema,
} from './shapes.ts'
import { TRUST_FACTS } from './trust-facts.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const signed = Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })
const code = Type.String({ maxLength: 100, pattern: '^[a-zA-Z0-9][a-zA-Z0-9._:-]*$' })
const sentence = Type.String({ maxLength: 1_000 })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const SENSORS = [
  'usb',
  'media',
  'network',
  'connections',
  'hardware',
  'files',
  'folders',
  'host',
  'clock',
  'sessions',
] as const
/**
 * `network`: interfaces, addresses, routes. `connections`: what programs connect to. `hardware`: radios, modems, cameras,
 * microphones. `files`: activity on removable mounts. `folders`: the portable watch on configured folders.
 * `sessions`: of people at the computer, as the system lists them.
 */
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

/** Where a medium or a device stands. `instance` names this one stay: the same in all facts about it. */
const place = Type.Object(
  {
    /** The USB port, where it hangs on one. */
    usbPath: nullable(RawTextSchema),
    /** The kernel's name of the disk, where there is one. */
    disk: nullable(RawTextSchema),
    instance: Type.String({ minLength: 1, maxLength: 200 }),
  },
  closed,
)
export type MediumPlace = Static<typeof place>

const hex4 = Type.String({ pattern: '^[0-9a-f]{4}$' })
const port = Type.String({ maxLength: 64 })

const usbSide = Type.Object(
  {
    vendorId: hex4,
    productId: hex4,
    product: nullable(RawTextSchema),
    functions: Type.Array(code, { maxItems: 64 }),
  },
  closed,
)

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
    reason: Type.Union([
      Type.Literal('signal'),
      /** A signal, while the service manager said that the computer goes on running. */
      Type.Literal('stopped-alone'),
      /** It is removed: `agent.removal` says by what right. */
      Type.Literal('removal'),
      Type.Literal('shutdown'),
      Type.Literal('fault'),
    ]),
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
  'media.examined': {
    origin: OriginSchema,
    place,
    /**
     * `airlock`: over usbfs, with no driver bound and no block device. `guarded`: through a block device that nobody but
     * the agent could open. `open`: through a block device that everybody could open (observe mode). `none`: not at all.
     */
    method: Type.Union([
      Type.Literal('airlock'),
      Type.Literal('guarded'),
      Type.Literal('open'),
      Type.Literal('none'),
    ]),
    passport: nullable(PassportSchema),
    /** The seal on the medium itself. */
    seal: Type.Object(
      {
        state: Type.Union([
          Type.Literal('absent'),
          Type.Literal('valid'),
          Type.Literal('refused'),
          Type.Literal('unread'),
        ]),
        /** Why it was refused: `truncated`, `bad-signature`, `other-passport`, `not-yet-valid`, `expired`, `revoked`. */
        reason: nullable(code),
        id: nullable(Type.String({ maxLength: 64 })),
      },
      closed,
    ),
    /** Which registered medium it is, by its seal or by policy. */
    identity: Type.Object(
      {
        result: Type.Enum([...IDENTITY_RESULTS]),
        source: Type.Union([
          Type.Literal('seal'),
          Type.Literal('policy'),
          Type.Literal('device-ids'),
          Type.Literal('none'),
        ]),
        number: nullable(Type.String({ maxLength: 64 })),
        level: nullable(LevelSchema),
        reasons: Type.Array(IdentityReasonSchema, { maxItems: 32 }),
      },
      closed,
    ),
    /** What it may be used for here, now. In observe mode: what enforce would allow. */
    right: MediumRightSchema,
    faults: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 32 }),
    tookMs: count,
  },
  /** A right was put into force, or taken away, in the kernel. */
  'media.access': {
    place,
    number: nullable(Type.String({ maxLength: 64 })),
    right: MediumRightSchema,
    /** `registered`, `granted`, `baseline`, `expired`, `revoked`, `gone`, `released`, `unregistered` … */
    cause: code,
    steps: actionSteps,
    /** ms for which the medium could have been opened before it was refused; 0 where never; null where not measured. */
    exposedMs: nullable(Type.Number({ minimum: 0 })),
  },
  /** A station wrote the seal of a registered medium onto it, or could not. */
  'media.sealed': {
    place,
    number: Type.String({ minLength: 1, maxLength: 64 }),
    sealId: Type.String({ minLength: 1, maxLength: 64 }),
    result: Type.Union([Type.Literal('written'), Type.Literal('failed')]),
    /** Where on the medium (`before-first-partition`, `reserved-sectors` …), or why not. */
    detail: code,
  },
  /** What was done about a USB device that is no medium. */
  'usb.acted': {
    place,
    vendorId: hex4,
    productId: hex4,
    /** `spared`: refused, and left because it is the last working keyboard. */
    act: Type.Union([
      Type.Literal('admitted'),
      Type.Literal('kept-out'),
      Type.Literal('removed'),
      Type.Literal('spared'),
    ]),
    cause: code,
    steps: actionSteps,
  },
  /** One port, one story: what left and what came at once after it. */
  'usb.re-enumerated': { port, before: usbSide, after: usbSide, gapMs: count },
  /** More attachments on one port than a person makes: counted, and not examined one by one. */
  'usb.storm': { port, attaches: count, firstWallMs: count, lastWallMs: count },
  /** Whether the denial stands in the kernel. */
  'control.state': {
    group: Type.Union([Type.Literal('media'), Type.Literal('network'), Type.Literal('files')]),
    state: Type.Union([
      Type.Literal('in-force'),
      Type.Literal('partly'),
      Type.Literal('not-in-force'),
      Type.Literal('released'),
    ]),
    cause: code,
    reason: nullable(sentence),
    layers: Type.Array(
      Type.Object(
        {
          layer: Type.Union([
            Type.Literal('usb-default'),
            Type.Literal('usb-airlock'),
            Type.Literal('device-guard'),
            Type.Literal('block-cut'),
            Type.Literal('connection-guard'),
            Type.Literal('packet-table'),
            Type.Literal('frame-table'),
            Type.Literal('isolation'),
          ]),
          state: Type.Union([Type.Literal('in-force'), Type.Literal('failed'), Type.Literal('absent')]),
          detail: nullable(sentence),
        },
        closed,
      ),
      { maxItems: 8 },
    ),
  },
  /** Opens that the device guard refused since the last such record. */
  'guard.refused': {
    opens: Type.Array(
      Type.Object(
        {
          type: Type.Union([Type.Literal('block'), Type.Literal('character')]),
          number: Type.String({ pattern: '^\\d{1,10}:\\d{1,10}$' }),
          name: nullable(RawTextSchema),
          count,
        },
        closed,
      ),
      { maxItems: LIMITS.guardRefusalsPerFactMax },
    ),
    total: count,
  },
  /** A temporary right for one medium that is here now. */
  'grant.changed': {
    id: Type.String({ minLength: 1, maxLength: 64 }),
    source: Type.Union([Type.Literal('console'), Type.Literal('spoken')]),
    state: Type.Union([
      Type.Literal('asked'),
      Type.Literal('granted'),
      Type.Literal('refused'),
      Type.Literal('locked'),
      Type.Literal('ended'),
    ]),
    reason: nullable(code),
    right: MediumRightSchema,
    minutes: count,
    /** Spoken codes are counted: each number is good once. */
    counter: nullable(count),
    place: nullable(place),
    passport: nullable(PassportSchema),
  },
  ...NETWORK_FACTS,
  ...TRUST_FACTS,
  ...SESSION_FACTS,
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
    case 'network.picture':
    case 'network.counted':
    case 'network.probed':
    case 'command.done':
    case 'identity.renewed':
    case 'session.opened':
    case 'session.closed':
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
    case 'network.changed-while-away':
    case 'network.condition':
    case 'network.connections':
    case 'network.hardware':
    case 'network.acted':
    case 'network.traces':
    case 'control.tampered':
    case 'media.examined':
    case 'media.access':
    case 'media.sealed':
    case 'usb.acted':
    case 'usb.re-enumerated':
    case 'usb.storm':
    case 'control.state':
    case 'guard.refused':
    case 'grant.changed':
    case 'clock.stepped':
    case 'journal.opened':
    case 'journal.gap':
    case 'journal.loss':
    case 'policy.applied':
    case 'policy.refused':
    case 'agent.paused':
    case 'agent.altered':
    case 'agent.removal':
    case 'journal.sealed':
    case 'ceiling.applied':
    case 'ceiling.refused':
    case 'bundle.exported':
    case 'bundle.returned':
      return 2
  }
}
