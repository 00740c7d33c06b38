/**
 * The ceiling: what policies and commands may ever allow, signed by people whose keys never touch the console.
 *
 * Shapes alone. Who signed it is `signatures.ts`, what may follow what `accept-ceiling.ts`, what lies beyond it `judge.ts`.
 */
import { type Static, Type } from 'typebox'
import { SensorNameSchema } from '../events/facts.ts'
import { LEVELS, type Level } from '../levels.ts'
import { LIMITS } from '../limits.ts'
import { MediumRightSchema } from '../media/shapes.ts'
import { COMPUTER_ROLES, NetworkModeSchema } from '../policy.ts'
import { BASE64_PATTERN } from '../raw-text.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
/** Ed25519, SPKI DER: 44 bytes. */
const publicKey = Type.String({ minLength: 60, maxLength: 60, pattern: BASE64_PATTERN })

/** Bounds of a ceiling; the rest are the policy's own. */
export const CEILING_LIMITS = {
  payloadBytesMax: 65_536,
  keysMax: 16,
  thresholdMax: 5,
  dailyKeysMax: 8,
  prefixesMax: 256,
  /** What one judgement names at most. */
  beyondMax: 64,
  /** Ceilings that one end is handed in a row, oldest first. */
  chainMax: 32,
} as const

/** Every command that there is; a ceiling made before one existed does not allow it. */
export const CEILING_COMMANDS = [
  'rescan',
  'grant-medium',
  'write-seal',
  'end-grant',
  'isolate',
  'end-isolation',
] as const

/** How peripherals may be approved. `any-serial`: a whole model at once. */
export const PERIPHERAL_CEILINGS = ['none', 'by-serial', 'any-serial'] as const
export type PeripheralCeiling = (typeof PERIPHERAL_CEILINGS)[number]

/** What may be allowed at most on computers of one level. */
export const LevelCeilingSchema = Type.Object(
  {
    /** The weakest mode of each group. */
    weakest: Type.Object(
      {
        media: Type.Union([Type.Literal('observe'), Type.Literal('enforce')]),
        network: Type.Union([Type.Literal('observe'), Type.Literal('alarm'), Type.Literal('enforce')]),
        files: Type.Union([Type.Literal('observe'), Type.Literal('enforce')]),
      },
      closed,
    ),
    networkModes: Type.Array(NetworkModeSchema, { maxItems: 2, uniqueItems: true }),
    roles: Type.Array(Type.Enum([...COMPUTER_ROLES]), { maxItems: COMPUTER_ROLES.length, uniqueItems: true }),
    media: Type.Object(
      {
        /** The widest right that a seal may give. */
        right: MediumRightSchema,
        /** Whether media may be registered by what their devices say of themselves (`registeredMedia`). */
        byDeviceIds: Type.Boolean(),
      },
      closed,
    ),
    /** Temporary rights: by command and by spoken code. Right `none` or 0 minutes: there are none. */
    grants: Type.Object(
      { right: MediumRightSchema, minutesMax: Type.Integer({ minimum: 0, maximum: LIMITS.grantMinutesMax }) },
      closed,
    ),
    peripherals: Type.Enum([...PERIPHERAL_CEILINGS]),
    /** Whether network adapters may be approved beside those of the enrolment. */
    furtherInterfaces: Type.Boolean(),
    /** The smallest set that must be watching. */
    requiredSensors: Type.Array(SensorNameSchema, { maxItems: 16, uniqueItems: true }),
    limits: Type.Object(
      {
        silentAfterMsMax: Type.Integer({ minimum: 30_000, maximum: 31 * 86_400_000 }),
        stoppedAfterMsMax: Type.Integer({ minimum: 60_000, maximum: 366 * 86_400_000 }),
        /** Left out: what a policy that says nothing means, `EXPORT_AFTER_MS_DEFAULT`. */
        exportAfterMsMax: Type.Optional(Type.Integer({ minimum: 3_600_000, maximum: 366 * 86_400_000 })),
        clockBackMsMax: Type.Integer({ minimum: 1_000, maximum: 86_400_000 }),
      },
      closed,
    ),
  },
  closed,
)
export type LevelCeiling = Static<typeof LevelCeilingSchema>

/** A person's key. `holder`: a post or a number, for whoever reads the ceiling; nothing is decided by it. */
export const CeilingKeySchema = Type.Object(
  { publicKey, holder: Type.String({ minLength: 1, maxLength: 100 }) },
  closed,
)
export type CeilingKey = Static<typeof CeilingKeySchema>

/** A key that may sign policies, commands and seals in that span. */
export const DailyKeySchema = Type.Object({ publicKey, fromMs: count, untilMs: count }, closed)
export type DailyKey = Static<typeof DailyKeySchema>

const level = nullable(LevelCeilingSchema)

export const CeilingSchema = Type.Object(
  {
    v: Type.Literal(1),
    unit: Type.String({ minLength: 1, maxLength: 64 }),
    /** Only rises. */
    version: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    issuedAtMs: count,
    /** Who may sign the next one. */
    keys: Type.Array(CeilingKeySchema, { minItems: 2, maxItems: CEILING_LIMITS.keysMax }),
    /** How many of them must. */
    threshold: Type.Integer({ minimum: 2, maximum: CEILING_LIMITS.thresholdMax }),
    dailyKeys: Type.Array(DailyKeySchema, { minItems: 1, maxItems: CEILING_LIMITS.dailyKeysMax }),
    commands: Type.Array(Type.Enum([...CEILING_COMMANDS]), {
      maxItems: CEILING_COMMANDS.length,
      uniqueItems: true,
    }),
    network: Type.Object(
      {
        /**
         * Every address that a policy approves lies in one of these: own prefixes, destinations, listeners' peers,
         * gateways, DNS, DHCP, the probe.
         */
        within: Type.Array(
          Type.String({ minLength: 4, maxLength: 49, pattern: '^[0-9a-fA-F:.]+/[0-9]{1,3}$' }),
          { maxItems: CEILING_LIMITS.prefixesMax },
        ),
      },
      closed,
    ),
    /**
     * Whether a computer may be given another level while it is enrolled. Where it may, whoever holds the console chooses
     * which of the rows below counts.
     */
    mayChangeLevel: Type.Boolean(),
    /** Null: no computer may have this level. */
    levels: Type.Object(
      { unclassified: level, internal: level, confidential: level, secret: level, 'top-secret': level },
      closed,
    ),
  },
  closed,
)
export type Ceiling = Static<typeof CeilingSchema>

/** The levels that a ceiling has a word on, in order. */
export const CEILING_LEVELS: readonly Level[] = LEVELS

const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const signature = Type.String({ minLength: 88, maxLength: 88, pattern: BASE64_PATTERN })

/** A ceiling as signed: these very bytes are what each signature is over. */
export const SignedCeilingSchema = Type.Object(
  {
    v: Type.Literal(1),
    payload: Type.String({
      maxLength: Math.ceil(CEILING_LIMITS.payloadBytesMax / 3) * 4,
      pattern: BASE64_PATTERN,
    }),
    /** `keyId`: SHA-256 of the key's SPKI DER, hex. */
    signatures: Type.Array(Type.Object({ keyId: hash, signature }, closed), {
      maxItems: CEILING_LIMITS.keysMax * 2,
    }),
  },
  closed,
)
export type SignedCeiling = Static<typeof SignedCeilingSchema>

/**
 * A ceiling on its way to an agent. `dailySignature`: that of the daily key over the same bytes (an envelope of kind
 * `first-ceiling`); an agent that was enrolled without a ceiling takes its first one only with it. Null where the console
 * has none for it.
 */
export const SentCeilingSchema = Type.Object(
  { ceiling: SignedCeilingSchema, dailySignature: nullable(signature) },
  closed,
)
export type SentCeiling = Static<typeof SentCeilingSchema>
