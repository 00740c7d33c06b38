/** The policy that an agent obeys: what an administrator set, the baseline, and what the registers add. */
import { type Static, Type } from 'typebox'
import { SensorNameSchema } from './events/facts.ts'
import { LevelSchema } from './levels.ts'
import { LIMITS } from './limits.ts'
import { PolicyMediaSchema } from './media/shapes.ts'
import { NetworkRulesSchema } from './network/rules.ts'
import { RawTextSchema } from './raw-text.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const hex4 = Type.String({ pattern: '^[0-9a-f]{4}$' })
const mac = Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){5,31}$' })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const note = Type.String({ maxLength: 200 })

export const NETWORK_MODES = ['standalone', 'classified-lan'] as const
export const NetworkModeSchema = Type.Enum([...NETWORK_MODES])
/** `standalone`: no network at all. `classified-lan`: the approved local network and nothing else. */
export type NetworkMode = Static<typeof NetworkModeSchema>

/**
 * A removable medium that may be used by what its device says of itself: exactly these three. Weak, because a device may
 * say anything; the register's seals (`Policy.media`) are what a unit should use.
 */
export const RegisteredMediumSchema = Type.Object(
  { vendorId: hex4, productId: hex4, serial: RawTextSchema, note },
  closed,
)
export type RegisteredMedium = Static<typeof RegisteredMediumSchema>

/** A USB device other than storage that may be used: keyboard, printer, smart-card reader. `serial` null: any. */
export const ApprovedPeripheralSchema = Type.Object(
  { vendorId: hex4, productId: hex4, serial: nullable(RawTextSchema), note },
  closed,
)
export type ApprovedPeripheral = Static<typeof ApprovedPeripheralSchema>

/**
 * What a computer is for, beside ordinary work. `import`: lower and unclassified media may be read here, one way.
 * `station`: media are registered here and their seals written.
 */
export const COMPUTER_ROLES = ['import', 'station'] as const
export type ComputerRole = (typeof COMPUTER_ROLES)[number]

/** A network adapter that may be there. `busPath` null: wherever it is plugged in. */
export const ApprovedInterfaceSchema = Type.Object({ mac, busPath: nullable(RawTextSchema), note }, closed)
export type ApprovedInterface = Static<typeof ApprovedInterfaceSchema>

/** What was there at enrolment: the computer's own things, recorded as such, and no violation. */
export const BaselineSchema = Type.Object(
  {
    takenAtMs: count,
    usb: Type.Array(
      Type.Object(
        { path: RawTextSchema, vendorId: hex4, productId: hex4, serial: nullable(RawTextSchema) },
        closed,
      ),
      { maxItems: LIMITS.baselineItemsMax },
    ),
    disks: Type.Array(
      Type.Object(
        {
          name: RawTextSchema,
          serial: nullable(RawTextSchema),
          wwn: nullable(RawTextSchema),
          sizeBytes: nullable(count),
        },
        closed,
      ),
      { maxItems: LIMITS.baselineItemsMax },
    ),
    interfaces: Type.Array(
      Type.Object({ name: RawTextSchema, mac: nullable(mac), busPath: nullable(RawTextSchema) }, closed),
      { maxItems: LIMITS.baselineItemsMax },
    ),
  },
  closed,
)
export type Baseline = Static<typeof BaselineSchema>

/** The part that a security administrator sets. */
export const PolicySettingsSchema = Type.Object(
  {
    level: LevelSchema,
    networkMode: NetworkModeSchema,
    modes: Type.Object(
      {
        media: Type.Union([Type.Literal('observe'), Type.Literal('enforce')]),
        network: Type.Union([Type.Literal('observe'), Type.Literal('alarm'), Type.Literal('enforce')]),
        files: Type.Union([Type.Literal('observe'), Type.Literal('enforce')]),
      },
      closed,
    ),
    registeredMedia: Type.Array(RegisteredMediumSchema, { maxItems: LIMITS.registeredMediaMax }),
    approvedInterfaces: Type.Array(ApprovedInterfaceSchema, { maxItems: LIMITS.approvedInterfacesMax }),
    /** Which network the computer may use. Left out: not said; then `network` can only be observed. */
    network: Type.Optional(NetworkRulesSchema),
    /** Left out by consoles before media control: none. */
    approvedPeripherals: Type.Optional(
      Type.Array(ApprovedPeripheralSchema, { maxItems: LIMITS.approvedPeripheralsMax }),
    ),
    /** Left out: none. */
    roles: Type.Optional(
      Type.Array(Type.Enum([...COMPUTER_ROLES]), { maxItems: COMPUTER_ROLES.length, uniqueItems: true }),
    ),
    /** Whom to ask at the computer when a medium was refused: a room, a telephone number. Left out: nobody is named. */
    contact: Type.Optional(Type.String({ maxLength: 200 })),
    limits: Type.Object(
      {
        /** ms without a sign of life until `agent-silent`. */
        silentAfterMs: Type.Integer({ minimum: 30_000, maximum: 31 * 86_400_000 }),
        /** ms after a clean stop until `agent-silent`. */
        stoppedAfterMs: Type.Integer({ minimum: 60_000, maximum: 366 * 86_400_000 }),
        /** ms after the last bundle of a computer that reports by bundles until `agent-silent`. Left out: 31 days. */
        exportAfterMs: Type.Optional(Type.Integer({ minimum: 3_600_000, maximum: 366 * 86_400_000 })),
        /** A clock set back by more than this is `log-gap-or-clock-tamper`. */
        clockBackMsMax: Type.Integer({ minimum: 1_000, maximum: 86_400_000 }),
      },
      closed,
    ),
    /** Sensors that this computer must have watching to count as proven. */
    requiredSensors: Type.Array(SensorNameSchema, { maxItems: 16, uniqueItems: true }),
  },
  closed,
)
export type PolicySettings = Static<typeof PolicySettingsSchema>

export const PolicySchema = Type.Object(
  {
    v: Type.Literal(1),
    agent: Type.String({ minLength: 1, maxLength: 64 }),
    computer: Type.String({ minLength: 1, maxLength: 64 }),
    version: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    issuedAtMs: count,
    settings: PolicySettingsSchema,
    baseline: BaselineSchema,
    /** From the register, as it stood when the policy was signed. Left out by consoles before media control. */
    media: Type.Optional(PolicyMediaSchema),
  },
  closed,
)
export type Policy = Static<typeof PolicySchema>

/** How long a computer that reports by bundles may go without one, where its policy does not say. */
export const EXPORT_AFTER_MS_DEFAULT = 31 * 86_400_000

/** The first policy's settings where the administrator has not said otherwise. */
export const DEFAULT_POLICY_SETTINGS: PolicySettings = {
  level: 'confidential',
  networkMode: 'classified-lan',
  modes: { media: 'observe', network: 'observe', files: 'observe' },
  registeredMedia: [],
  approvedInterfaces: [],
  limits: { silentAfterMs: 60_000, stoppedAfterMs: 72 * 3_600_000, clockBackMsMax: 120_000 },
  requiredSensors: ['usb', 'media', 'network', 'connections', 'hardware', 'files', 'host', 'clock'],
}
