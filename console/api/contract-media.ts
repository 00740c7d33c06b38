/** The media register and temporary grants, as the API speaks of them. Part of the contract: see `contract.ts`. */
import { LEVELS, LIMITS, MEDIUM_RIGHTS, MEDIUM_STATES, PassportSchema } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { MEDIUM_KINDS, type MediumKind } from '../ledger/medium-details.ts'
import { PrintingSchema } from './contract-registers.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const id = Type.String({ minLength: 1, maxLength: 64 })
const words = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const level = Type.Enum([...LEVELS])
const right = Type.Enum(['read-only', 'read-write'])
const instance = Type.String({ minLength: 1, maxLength: 200 })
/** Why: part of every change's history. */
const reason = words(500)

export { MEDIUM_KINDS, type MediumKind }

/** The part of a registered medium that people fill in. */
const details = {
  level,
  kind: Type.Enum([...MEDIUM_KINDS]),
  custodian: words(100),
  department: words(100),
  /** Numbers of computers; null: every computer of the unit. */
  computers: nullable(Type.Array(id, { maxItems: LIMITS.computersPerSealMax })),
  /** Accounts of the operating system; null: everyone. */
  users: nullable(Type.Array(words(64), { maxItems: LIMITS.usersPerSealMax })),
  right,
  validFromMs: count,
  validUntilMs: nullable(count),
  note: Type.String({ maxLength: 500 }),
}
export const MediumDetailsSchema = Type.Object(details, closed)
export type MediumDetails = Static<typeof MediumDetailsSchema>

// GET /api/media?state=&level=&computer=&search=&before=&limit=
/** `state` and `level` are comma-separated; `search` is part of a number, a custodian, a department, a note or a serial. */
export const MediaQuerySchema = Type.Object(
  {
    state: Type.Optional(Type.String({ maxLength: 200 })),
    level: Type.Optional(Type.String({ maxLength: 100 })),
    /** Number of a computer that may use it. */
    computer: Type.Optional(id),
    search: Type.Optional(words(100)),
    /** Left out: newest registration first. */
    sort: Type.Optional(Type.Enum(['number'])),
    order: Type.Optional(Type.Enum(['asc', 'desc'])),
    /** `nextBefore` of the page before. */
    before: Type.Optional(Type.String({ maxLength: 16, pattern: '^[1-9]\\d*$' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  closed,
)
export const MediumItemSchema = Type.Object(
  {
    number: id,
    ...details,
    state: Type.Enum([...MEDIUM_STATES]),
    /** Raised by each change: what was edited must be what is in force. */
    version: count,
    registeredAt: count,
    registeredBy: Type.String(),
    /** Null: registered from a spreadsheet, and never seen yet. */
    passport: nullable(PassportSchema),
    sealId: nullable(Type.String()),
    /** When a station reported that the seal stands on the medium. */
    sealWrittenAt: nullable(count),
    /** Lent or carried out: by when it is to be back; null: in its place, or no day was agreed. */
    dueBackMs: nullable(count),
    lastSeenAt: nullable(count),
    lastSeenComputer: nullable(Type.String()),
  },
  closed,
)
export type MediumItem = Static<typeof MediumItemSchema>
export const MediaAnswerSchema = Type.Object(
  { media: Type.Array(MediumItemSchema), nextBefore: nullable(Type.String()), total: count },
  closed,
)
export type MediaAnswer = Static<typeof MediaAnswerSchema>

// GET /api/media/:number
export const MediumEventSchema = Type.Object(
  {
    at: count,
    account: Type.String(),
    kind: Type.Enum([
      'registered',
      'changed',
      'state-changed',
      'seal-issued',
      'seal-written',
      'passport-set',
    ]),
    /** JSON of what differed: field → [before, after]. */
    changes: Type.String(),
    reason: Type.String(),
  },
  closed,
)
export type MediumEvent = Static<typeof MediumEventSchema>
export const MediumSightingSchema = Type.Object(
  {
    agent: id,
    computer: Type.String(),
    instance,
    at: count,
    endedAt: nullable(count),
    right: Type.Enum([...MEDIUM_RIGHTS]),
    rule: Type.String(),
    epoch: Type.String(),
    seq: count,
  },
  closed,
)
export type MediumSighting = Static<typeof MediumSightingSchema>
export const MediumAnswerSchema = Type.Object(
  {
    medium: MediumItemSchema,
    history: Type.Array(MediumEventSchema),
    /** Newest first; none for whoever may not see what was printed. */
    printings: Type.Array(PrintingSchema),
    sightings: Type.Array(MediumSightingSchema),
  },
  closed,
)
export type MediumAnswer = Static<typeof MediumAnswerSchema>

// POST /api/media — registers one; the answer is MediumAnswer
export const NewMediumSchema = Type.Object(
  {
    /** Left out: the next by the unit's counting. */
    number: Type.Optional(id),
    ...details,
    reason,
    /** The examination that it is registered from; null: nothing is known of it yet. */
    from: nullable(Type.Object({ agent: id, epoch: id, seq: count }, closed)),
  },
  closed,
)
export type NewMedium = Static<typeof NewMediumSchema>

// PUT /api/media/:number — changes what people filled in; the level may only rise
export const MediumChangeSchema = Type.Object(
  {
    baseVersion: count,
    ...details,
    /** Of another level: the classification officer who decided, by staff number or name; left out: whoever is signed in. */
    officer: Type.Optional(words(64)),
    reason,
  },
  closed,
)
export type MediumChange = Static<typeof MediumChangeSchema>

// POST /api/media/:number/state — another state, or another day to be back
export const MediumStateChangeSchema = Type.Object(
  {
    baseVersion: count,
    state: Type.Enum([...MEDIUM_STATES]),
    /** Of a loan or a carrying out: by when it is to be back. Of one that is away already, with its own state: another day. */
    dueBackMs: Type.Optional(nullable(count)),
    reason,
  },
  closed,
)
export type MediumStateChange = Static<typeof MediumStateChangeSchema>

// POST /api/media/:number/passport — the medium was formatted, or is seen for the first time: take what was examined
export const MediumPassportChangeSchema = Type.Object(
  { baseVersion: count, from: Type.Object({ agent: id, epoch: id, seq: count }, closed), reason },
  closed,
)
export type MediumPassportChange = Static<typeof MediumPassportChangeSchema>

// POST /api/media/:number/seal — has the station that the medium is plugged into write its seal; the answer is GrantAnswer
export const SealOrderSchema = Type.Object({ agent: id, instance }, closed)
export type SealOrder = Static<typeof SealOrderSchema>

// GET /api/violations/:id/medium, GET /api/computers/:agent/media — what is plugged in (a violation's: or was)
export const SeenMediumSchema = Type.Object(
  {
    agent: id,
    computer: Type.String(),
    instance,
    /** The examination's record. */
    record: nullable(Type.Object({ epoch: id, seq: count }, closed)),
    at: count,
    isPresent: Type.Boolean(),
    isStation: Type.Boolean(),
    passport: nullable(PassportSchema),
    /** The register's number, where it is one of its media. */
    number: nullable(Type.String()),
    right: Type.Enum([...MEDIUM_RIGHTS]),
    rule: Type.String(),
  },
  closed,
)
export type SeenMedium = Static<typeof SeenMediumSchema>
export const SeenMediaAnswerSchema = Type.Object({ media: Type.Array(SeenMediumSchema) }, closed)
export type SeenMediaAnswer = Static<typeof SeenMediaAnswerSchema>

// POST /api/computers/:agent/grants, POST /api/computers/:agent/grants/end
export const NewGrantSchema = Type.Object(
  { instance, right, minutes: Type.Integer({ minimum: 1, maximum: LIMITS.grantMinutesMax }), reason },
  closed,
)
export type NewGrant = Static<typeof NewGrantSchema>
export const EndGrantSchema = Type.Object({ instance, reason }, closed)
export type EndGrant = Static<typeof EndGrantSchema>
/** `isSent` false: the computer is not connected; use a spoken code. */
export const GrantAnswerSchema = Type.Object({ id, isSent: Type.Boolean() }, closed)
export type GrantAnswer = Static<typeof GrantAnswerSchema>

// POST /api/computers/:agent/spoken-code
export const SpokenCodeRequestSchema = Type.Object(
  {
    /** As read out by the person at the computer: 16 digits, also full-width; spaces and dashes do not matter. */
    challenge: Type.String({ minLength: 8, maxLength: 80 }),
    right,
    minutes: Type.Integer({ minimum: 1, maximum: LIMITS.grantMinutesMax }),
    reason,
  },
  closed,
)
export type SpokenCodeRequest = Static<typeof SpokenCodeRequestSchema>
/** The code in groups of four, to be read out. */
export const SpokenCodeAnswerSchema = Type.Object({ code: Type.String(), counter: count }, closed)
export type SpokenCodeAnswer = Static<typeof SpokenCodeAnswerSchema>
