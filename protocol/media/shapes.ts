/**
 * The nouns of media control: what a medium is recognised by (passport), what the console certified of it (seal), what
 * was withdrawn (revocation), and what may be done with it (right). Comparing and deciding are the files beside.
 */
import { type Static, Type } from 'typebox'
import { BLOCK_BUSES } from '../events/shapes.ts'
import { LEVELS } from '../levels.ts'
import { LIMITS } from '../limits.ts'
import { BASE64_PATTERN, RawTextSchema } from '../raw-text.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const hex4 = Type.String({ pattern: '^[0-9a-f]{4}$' })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const id = Type.String({ minLength: 1, maxLength: 64 })
const level = Type.Enum([...LEVELS])

export const MEDIUM_RIGHTS = ['none', 'read-only', 'read-write'] as const
export type MediumRight = (typeof MEDIUM_RIGHTS)[number]
export const MediumRightSchema = Type.Enum([...MEDIUM_RIGHTS])

/** Where a medium is in its life: the register's states. Only the first three may be used at all. */
export const MEDIUM_STATES = [
  'issued',
  'lent',
  'carried-out',
  'suspended',
  'missing',
  'retired',
  'destroyed',
] as const
export type MediumState = (typeof MEDIUM_STATES)[number]
export const MediumStateSchema = Type.Enum([...MEDIUM_STATES])

/**
 * Everything by which a medium may be recognised, each null where it could not be had. Which of it is stable and which
 * is unique is `compare-passports.ts`.
 */
export const PassportSchema = Type.Object(
  {
    bus: Type.Enum([...BLOCK_BUSES]),
    /** What the USB device says of itself; null on other buses. */
    usb: nullable(
      Type.Object(
        {
          vendorId: hex4,
          productId: hex4,
          release: nullable(hex4),
          serial: nullable(RawTextSchema),
          manufacturer: nullable(RawTextSchema),
          product: nullable(RawTextSchema),
          /** SHA-256 of the normalised descriptors, hex: the same on USB 2 and USB 3 ports. */
          descriptorHash: nullable(Type.String({ pattern: '^[0-9a-f]{64}$' })),
        },
        closed,
      ),
    ),
    /** SCSI INQUIRY (SPC-4 §6.6), padding taken off; on other buses the model as the kernel tells it. */
    inquiry: nullable(
      Type.Object({ vendor: RawTextSchema, product: RawTextSchema, revision: RawTextSchema }, closed),
    ),
    /** Serial of the disk itself: SCSI page 80h, NVMe, MMC. */
    diskSerial: nullable(RawTextSchema),
    /** Designator of SCSI page 83h, NVMe EUI or NGUID. */
    wwn: nullable(RawTextSchema),
    sizeBytes: nullable(count),
    blockBytes: nullable(count),
    partitionTable: nullable(
      Type.Object(
        {
          kind: Type.Union([Type.Literal('none'), Type.Literal('mbr'), Type.Literal('gpt')]),
          /** MBR disk signature (8 digits) or GPT disk GUID (lower case, with dashes). */
          id: nullable(Type.String({ maxLength: 36, pattern: '^[0-9a-f-]*$' })),
        },
        closed,
      ),
    ),
    fileSystems: Type.Array(
      Type.Object(
        {
          /** 0: the whole medium. */
          partition: Type.Integer({ minimum: 0, maximum: 255 }),
          /** `vfat`, `exfat`, `ntfs`, `ext4`, `iso9660` … as the kernel calls it. */
          kind: Type.String({ maxLength: 32, pattern: '^[a-z0-9_+-]+$' }),
          uuid: nullable(Type.String({ maxLength: 64, pattern: '^[0-9A-Za-z-]*$' })),
          label: nullable(RawTextSchema),
        },
        closed,
      ),
      { maxItems: LIMITS.fileSystemsPerMediumMax },
    ),
  },
  closed,
)
export type Passport = Static<typeof PassportSchema>

/**
 * What the console certifies of a registered medium: the payload of an envelope of kind `seal`, signed with the policy
 * key. It stands in the policy and on the medium itself.
 */
export const SealSchema = Type.Object(
  {
    v: Type.Literal(1),
    id,
    /** The register's number of the medium. */
    number: id,
    level,
    custodian: Type.String({ maxLength: 100 }),
    /** Numbers of the computers that may use it; null: every computer of the unit. */
    computers: nullable(Type.Array(id, { maxItems: LIMITS.computersPerSealMax })),
    /** Accounts of the operating system that may use it; null: everyone. */
    users: nullable(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: LIMITS.usersPerSealMax }),
    ),
    /** The most that it may be used for; levels may allow less. */
    right: Type.Union([Type.Literal('read-only'), Type.Literal('read-write')]),
    validFromMs: count,
    validUntilMs: nullable(count),
    issuedAtMs: count,
    passport: PassportSchema,
  },
  closed,
)
export type Seal = Static<typeof SealSchema>

/** Withdraws seals: it travels with policy and wins over every seal of the number. */
export const RevocationSchema = Type.Object(
  {
    number: id,
    level,
    status: Type.Union([
      Type.Literal('suspended'),
      Type.Literal('missing'),
      Type.Literal('retired'),
      Type.Literal('destroyed'),
      /** A newer seal took its place. */
      Type.Literal('replaced'),
    ]),
    /** Seals issued before this are void; null: all of the number. */
    issuedBeforeMs: nullable(count),
  },
  closed,
)
export type Revocation = Static<typeof RevocationSchema>

/** A seal as signed: what an envelope of kind `seal` holds, without the rest of the envelope. */
export const SignedSealSchema = Type.Object(
  {
    /** The seal's JSON, base64: these very bytes are signed. */
    payload: Type.String({ maxLength: Math.ceil(LIMITS.sealBytesMax / 3) * 4, pattern: BASE64_PATTERN }),
    signature: Type.String({ maxLength: 88, pattern: BASE64_PATTERN }),
  },
  closed,
)
export type SignedSeal = Static<typeof SignedSealSchema>

/** The registered media that a policy carries. */
export const PolicyMediaSchema = Type.Object(
  {
    /** Seals of media that this computer may use. */
    seals: Type.Array(SignedSealSchema, { maxItems: LIMITS.sealsPerPolicyMax }),
    revocations: Type.Array(RevocationSchema, { maxItems: LIMITS.revocationsPerPolicyMax }),
  },
  closed,
)
export type PolicyMedia = Static<typeof PolicyMediaSchema>

/** How the identity of a medium was judged: see `compare-passports.ts`. */
export const IDENTITY_RESULTS = ['match', 'degraded', 'clone-suspected', 'unknown'] as const
export type IdentityResult = (typeof IDENTITY_RESULTS)[number]

export const IdentityReasonSchema = Type.Object(
  {
    /** Field of the passport: `usb.serial`, `sizeBytes` … */
    field: Type.String({ maxLength: 64, pattern: '^[a-zA-Z0-9.-]+$' }),
    state: Type.Union([
      Type.Literal('same'),
      Type.Literal('differs'),
      /** Known on one side alone. */
      Type.Literal('absent'),
      /** The same, and says nothing: a placeholder that many devices carry. */
      Type.Literal('placeholder'),
    ]),
    weight: Type.Integer({ minimum: 0, maximum: 100 }),
  },
  closed,
)
export type IdentityReason = Static<typeof IdentityReasonSchema>
