/** The API's contract for forwarding: targets, their state, a test. Secrets go in and never come out. */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const host = Type.String({ minLength: 1, maxLength: 253 })
const port = Type.Integer({ minimum: 1, maximum: 65_535 })
const pem = Type.String({ maxLength: 65_536 })
const path = Type.String({ minLength: 1, maxLength: 1_000 })
const reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })

export const FORWARD_EVENTS = [
  'violation',
  'violation-ended',
  'violation-handled',
  'clock',
  'watch',
  'log',
] as const
export const TARGET_KINDS = ['syslog', 'json-lines', 'json-file', 'webhook', 'smtp', 'folder'] as const
export const TARGET_STATES = ['idle', 'sending', 'waiting', 'failing', 'paused'] as const
export const TARGET_SECRETS = ['password', 'hmacKey', 'clientKey'] as const

const stream = {
  host,
  port,
  /** `tcp`: unprotected, only where somebody says so. */
  protection: Type.Enum(['tls', 'tcp']),
  /** PEM; empty: the system's authorities. */
  ca: pem,
  clientCertificate: pem,
}
export const TargetSettingsSchema = Type.Union([
  Type.Object({ kind: Type.Literal('syslog'), ...stream }, closed),
  Type.Object({ kind: Type.Literal('json-lines'), ...stream }, closed),
  Type.Object(
    {
      kind: Type.Literal('json-file'),
      folder: path,
      fileMegabytesMax: Type.Integer({ minimum: 1, maximum: 10_240 }),
      filesMax: Type.Integer({ minimum: 2, maximum: 1_000 }),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('webhook'),
      url: Type.String({ minLength: 1, maxLength: 2_000 }),
      ca: pem,
      clientCertificate: pem,
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('smtp'),
      host,
      port,
      protection: Type.Enum(['starttls', 'tls', 'none']),
      ca: pem,
      user: Type.String({ maxLength: 256 }),
      from: Type.String({ minLength: 3, maxLength: 320 }),
      to: Type.Array(Type.String({ minLength: 3, maxLength: 320 }), { minItems: 1, maxItems: 32 }),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('folder'),
      folder: path,
      heartbeatSeconds: Type.Integer({ minimum: 5, maximum: 3_600 }),
    },
    closed,
  ),
])
export type TargetSettings = Static<typeof TargetSettingsSchema>

const shown = {
  name: Type.String({ minLength: 1, maxLength: 80 }),
  /** `headline`: the sentence alone. `facts`: the evidence too. */
  content: Type.Enum(['headline', 'facts']),
  language: Type.Enum(['zh', 'en']),
  events: Type.Array(Type.Enum([...FORWARD_EVENTS]), { maxItems: FORWARD_EVENTS.length, uniqueItems: true }),
  /** Empty: all. */
  severities: Type.Array(Type.Enum(['critical', 'high', 'medium', 'low']), {
    maxItems: 4,
    uniqueItems: true,
  }),
  types: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 100, uniqueItems: true }),
  settings: TargetSettingsSchema,
}
const secret = Type.String({ maxLength: 16_384 })
const draft = {
  ...shown,
  /** Those alone that are to be set anew; an empty text removes one. */
  secrets: Type.Object(
    { password: Type.Optional(secret), hmacKey: Type.Optional(secret), clientKey: Type.Optional(secret) },
    closed,
  ),
  reason,
}
export const NewTargetSchema = Type.Object(draft, closed)
export type NewTarget = Static<typeof NewTargetSchema>
export const TargetChangeSchema = Type.Object({ version: count, ...draft }, closed)
export type TargetChange = Static<typeof TargetChangeSchema>
export const TargetPauseSchema = Type.Object({ isPaused: Type.Boolean(), reason }, closed)
export const TargetRemovalSchema = Type.Object({ reason }, closed)

export const FailureSchema = Type.Object({ code: Type.String(), detail: Type.String() }, closed)
/** What stands between a target and its first message: a second person's word. */
export const TargetAgreementSchema = Type.Object(
  {
    /** The act that waits, who asked for it, since when, until when; null where nobody asks at present. */
    proposal: nullable(count),
    askedBy: nullable(Type.String()),
    askedAt: nullable(count),
    expiresAt: nullable(count),
    /** Accounts of other people that may agree. */
    mayAgree: Type.Array(Type.String()),
  },
  closed,
)
export type TargetAgreement = Static<typeof TargetAgreementSchema>

export const TargetSchema = Type.Object(
  {
    id: Type.String(),
    version: count,
    kind: Type.Enum([...TARGET_KINDS]),
    ...shown,
    hasSecrets: Type.Array(Type.Enum([...TARGET_SECRETS])),
    state: Type.Enum([...TARGET_STATES]),
    waiting: count,
    /** There are more than were counted. */
    isWaitingMore: Type.Boolean(),
    sent: count,
    lastSentAt: nullable(count),
    lastAnswer: nullable(Type.String()),
    failure: nullable(FailureSchema),
    failedAt: nullable(count),
    nextTryAt: nullable(count),
    /** Null where nobody has to agree, or somebody has. */
    agreement: nullable(TargetAgreementSchema),
  },
  closed,
)
export type Target = Static<typeof TargetSchema>
export const TargetsAnswerSchema = Type.Object({ targets: Type.Array(TargetSchema) }, closed)
export type TargetsAnswer = Static<typeof TargetsAnswerSchema>

export const TestOutcomeSchema = Type.Object(
  { isSent: Type.Boolean(), answer: Type.String(), failure: nullable(FailureSchema), tookMs: count },
  closed,
)
export type TestOutcome = Static<typeof TestOutcomeSchema>
