/**
 * The API's contract: shapes of every request and answer, as schemas (the server validates by them, the OpenAPI
 * document is made of them) and as types (the pages import nothing but these types).
 *
 * Times are Unix ms. Text that a device or a network named is RawText, never repaired.
 */
import {
  CoverageSchema,
  EnrolmentAnswerSchema,
  EnrolmentRequestSchema,
  LEVELS,
  NETWORK_MODES,
  PolicySchema,
  PolicySettingsSchema,
  ROLES,
} from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { COMPUTER_SORTS } from './contract-computer-order.ts'
import { StandingSchema } from './contract-handling.ts'
import { IsolationSchema } from './contract-network.ts'
import { SignInStateSchema } from './contract-sign-in.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const id = Type.String({ minLength: 1, maxLength: 64 })
const level = Type.Enum([...LEVELS])

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const
const role = Type.Enum([...ROLES])
const severity = Type.Enum([...SEVERITIES])

/** Every refusal has this body; `message` names the remedy. */
export const ErrorAnswerSchema = Type.Object(
  {
    error: Type.Object(
      {
        code: Type.String(),
        message: Type.String(),
        retryable: Type.Boolean(),
        /** Of a form: which field, and what is wrong with it. */
        faults: Type.Optional(
          Type.Array(Type.Object({ field: Type.String(), code: Type.String() }, closed), { maxItems: 200 }),
        ),
      },
      closed,
    ),
  },
  closed,
)
export type ErrorAnswer = Static<typeof ErrorAnswerSchema>

/** Two languages of one sentence. */
export const BilingualSchema = Type.Object({ zh: Type.String(), en: Type.String() }, closed)
export type Bilingual = Static<typeof BilingualSchema>

// GET /api/health — about the console alone, without sign-in
export const HealthSchema = Type.Object(
  {
    status: Type.Literal('ok'),
    version: Type.String(),
    startedAt: count,
    now: count,
    store: Type.String(),
    /** Everything here is made up. */
    isDemonstration: Type.Boolean(),
  },
  closed,
)
export type Health = Static<typeof HealthSchema>

// POST /api/session, GET /api/session, DELETE /api/session, POST /api/session/password
export const ChangePasswordSchema = Type.Object(
  {
    current: Type.String({ minLength: 1, maxLength: 256 }),
    next: Type.String({ minLength: 1, maxLength: 256 }),
  },
  closed,
)
export const SessionAnswerSchema = Type.Object(
  {
    name: Type.String(),
    role,
    /** Where the role sees one department alone: which; null: none, so nothing. */
    department: nullable(Type.String()),
    /** A one-time password, or one past its time. */
    mustChangePassword: Type.Boolean(),
    /** What this role may do: names of `permissions.ts`. */
    permissions: Type.Array(Type.String()),
    console: Type.Object({ level, unit: Type.String(), version: Type.String() }, closed),
    signIn: SignInStateSchema,
  },
  closed,
)
export type SessionAnswer = Static<typeof SessionAnswerSchema>

// GET /api/computers, GET /api/computers/:agent
export const WatchStateSchema = Type.Enum(['proven', 'unproven', 'broken'])
export const WatchReasonSchema = Type.Object(
  {
    /** `never-heard`, `offline`, `stopped`, `silent`, `sensor-fallback`, `sensor-not-watched`, `sensor-unknown`, `gap`, `gap-pending`, `policy-behind`, `records-behind`, `network-not-in-force`, `cut-failed`, `isolation-waiting`, `release-waiting`, `isolation-failed`, `identity-revoked`, `identity-retired`. */
    code: Type.String(),
    sensor: nullable(Type.String()),
    detail: nullable(Type.String()),
    remedy: nullable(Type.String()),
  },
  closed,
)
export type WatchReason = Static<typeof WatchReasonSchema>
export const ComputerSchema = Type.Object(
  {
    agent: id,
    number: Type.String(),
    hostname: Type.String(),
    status: Type.Enum(['pending', 'online', 'offline', 'stopped', 'standalone', 'silent']),
    level,
    networkMode: Type.Enum([...NETWORK_MODES]),
    department: nullable(Type.String()),
    policyVersion: count,
    appliedPolicyVersion: nullable(count),
    agentVersion: nullable(Type.String()),
    enrolledAt: count,
    lastSeenAt: nullable(count),
    storedSeq: nullable(count),
    storedHead: nullable(Type.String()),
    clockSkewMs: nullable(Type.Number()),
    coverage: Type.Array(CoverageSchema),
    coverageAt: nullable(count),
    watch: Type.Object({ state: WatchStateSchema, reasons: Type.Array(WatchReasonSchema) }, closed),
    violations: Type.Array(Type.Object({ severity, count }, closed)),
    /** Left out where nothing was ever ordered. */
    isolation: Type.Optional(IsolationSchema),
  },
  closed,
)
export type Computer = Static<typeof ComputerSchema>
/** Unless asked for otherwise by number, as people count. Without `limit`: all that match. */
export const ComputersQuerySchema = Type.Object(
  {
    /** Part of a number or a host name. */
    text: Type.Optional(Type.String({ maxLength: 64 })),
    watch: Type.Optional(WatchStateSchema),
    sort: Type.Optional(Type.Enum([...COMPUTER_SORTS])),
    order: Type.Optional(Type.Enum(['asc', 'desc'])),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  },
  closed,
)
export type ComputersQuery = Static<typeof ComputersQuerySchema>
/** `total`: all that match. */
export const ComputersAnswerSchema = Type.Object(
  { computers: Type.Array(ComputerSchema), total: count },
  closed,
)
export type ComputersAnswer = Static<typeof ComputersAnswerSchema>
// GET /api/computer-names — what a choice of computers needs, and no more
export const ComputerNamesAnswerSchema = Type.Object(
  {
    computers: Type.Array(
      Type.Object({ agent: id, number: Type.String(), level, department: nullable(Type.String()) }, closed),
    ),
  },
  closed,
)
export type ComputerNames = Static<typeof ComputerNamesAnswerSchema>

// GET /api/computers/:agent/records?from=&to=&before=&limit=&kinds=
/** `raw` is the record's very text; its bytes are at /api/records/:agent/:epoch/:seq/raw. */
export const RecordItemSchema = Type.Object(
  {
    epoch: id,
    seq: count,
    kind: Type.String(),
    sensor: Type.String(),
    wallMs: count,
    receivedAt: count,
    policyVersion: count,
    head: Type.String(),
    raw: Type.String(),
  },
  closed,
)
export type RecordItem = Static<typeof RecordItemSchema>
export const RecordsAnswerSchema = Type.Object(
  { records: Type.Array(RecordItemSchema), nextBefore: nullable(Type.String()) },
  closed,
)
export type RecordsAnswer = Static<typeof RecordsAnswerSchema>
export const RecordsQuerySchema = Type.Object(
  {
    from: Type.Optional(count),
    to: Type.Optional(count),
    /** `nextBefore` of the page before. */
    before: Type.Optional(Type.String({ maxLength: 64, pattern: '^\\d+\\.\\d+$' })),
    kinds: Type.Optional(Type.String({ maxLength: 1_000 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  closed,
)
// GET /api/computers/:agent/gaps
export const GapItemSchema = Type.Object(
  {
    epoch: id,
    firstSeq: count,
    lastSeq: count,
    noticedAt: count,
    state: Type.Enum(['pending', 'declared', 'undeclared']),
  },
  closed,
)
export type GapItem = Static<typeof GapItemSchema>
export const GapsAnswerSchema = Type.Object({ gaps: Type.Array(GapItemSchema) }, closed)

// GET /api/computers/:agent/policy, PUT /api/computers/:agent/policy, GET /api/computers/:agent/policies
export const PolicyAnswerSchema = Type.Object(
  {
    policy: PolicySchema,
    createdAt: count,
    createdBy: Type.String(),
    reason: Type.String(),
    appliedVersion: nullable(count),
  },
  closed,
)
export type PolicyAnswer = Static<typeof PolicyAnswerSchema>
/** `baseVersion` is the version that was edited: another one in force meanwhile is an `edit-conflict`, nothing lost. */
export const PolicyChangeSchema = Type.Object(
  {
    baseVersion: count,
    settings: PolicySettingsSchema,
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  },
  closed,
)
export type PolicyChange = Static<typeof PolicyChangeSchema>
export const PolicyHistorySchema = Type.Object(
  {
    policies: Type.Array(
      Type.Object(
        { version: count, createdAt: count, createdBy: Type.String(), reason: Type.String() },
        closed,
      ),
    ),
  },
  closed,
)
export type PolicyHistory = Static<typeof PolicyHistorySchema>

// POST /api/computers/:agent/rescan
export const CommandAnswerSchema = Type.Object({ sent: Type.Boolean() }, closed)

// POST /api/enrollment-tokens
export const NewTokenSchema = Type.Object(
  {
    /** The unit's number; given by the console where left out. */
    number: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._/-]*$' }),
    ),
    settings: Type.Optional(PolicySettingsSchema),
    validMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080 })),
  },
  closed,
)
export type NewToken = Static<typeof NewTokenSchema>
export const TokenAnswerSchema = Type.Object(
  { token: Type.String(), number: Type.String(), expiresAt: count, command: Type.String() },
  closed,
)
export type TokenAnswer = Static<typeof TokenAnswerSchema>

// POST /api/enroll
export { EnrolmentAnswerSchema, EnrolmentRequestSchema }

// GET /api/violations?severity=&type=&level=&agent=&from=&to=&before=&limit=
export const ViolationItemSchema = Type.Object(
  {
    id: count,
    type: Type.String(),
    severity,
    level,
    /** Empty, as the number is: the registers say it, no computer did it. */
    agent: Type.String({ maxLength: 64 }),
    number: Type.String(),
    policyVersion: count,
    occurredAt: count,
    receivedAt: count,
    endedAt: nullable(count),
    headline: BilingualSchema,
    standing: StandingSchema,
    /** Where a list that shows repeats as one goes on: `before` of the next page. */
    place: count,
  },
  closed,
)
export type ViolationItem = Static<typeof ViolationItemSchema>
/** Lists are comma-separated. */
export const ViolationsQuerySchema = Type.Object(
  {
    severity: Type.Optional(Type.String({ maxLength: 100 })),
    type: Type.Optional(Type.String({ maxLength: 2_000 })),
    level: Type.Optional(Type.String({ maxLength: 100 })),
    agent: Type.Optional(id),
    from: Type.Optional(count),
    to: Type.Optional(count),
    state: Type.Optional(Type.String({ maxLength: 200 })),
    /** An account; `me`: whoever asks. */
    assignee: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    excepted: Type.Optional(Type.Enum(['yes', 'no'])),
    department: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    /** Repeats are one row, those with the newest repeat first. Left out: each is a row. */
    repeats: Type.Optional(Type.Literal('one')),
    before: Type.Optional(count),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  closed,
)
export const ViolationsAnswerSchema = Type.Object(
  {
    violations: Type.Array(ViolationItemSchema),
    counts: Type.Array(Type.Object({ severity, count }, closed)),
    nextBefore: nullable(count),
  },
  closed,
)
export type ViolationsAnswer = Static<typeof ViolationsAnswerSchema>

// GET /api/violations/:id
export const LegalBasisSchema = Type.Object({ zh: Type.String(), en: Type.String() }, closed)
export const ProofSchema = Type.Object(
  {
    epoch: id,
    seq: count,
    raw: Type.String(),
    /** What the chain of its journal is made with. */
    hash: Type.Union([Type.Literal('sha-256'), Type.Literal('sm3')]),
    digest: Type.String(),
    /** Empty behind a gap: the head before is gone, and nothing can be verified. */
    headBefore: Type.String(),
    head: Type.String(),
    /** Computed anew from the stored bytes at this request. */
    isVerified: Type.Boolean(),
  },
  closed,
)
export const ViolationDetailSchema = Type.Object(
  {
    violation: ViolationItemSchema,
    catalogue: Type.Object(
      { number: nullable(count), name: BilingualSchema, basis: Type.Array(LegalBasisSchema) },
      closed,
    ),
    /** As the catalogue's schema for this type has it. */
    evidence: Type.Unknown(),
    /** Null where the console itself observed (silence). */
    proof: nullable(ProofSchema),
    /** The record is in an archive and no longer here: which, and since when. */
    archived: nullable(
      Type.Object(
        { name: Type.String(), digest: Type.String(), at: count, seq: count, epoch: Type.String() },
        closed,
      ),
    ),
    decision: nullable(
      Type.Object(
        {
          outcome: Type.String(),
          would: Type.String(),
          rule: Type.String(),
          alarms: Type.Optional(Type.Array(Type.String())),
        },
        closed,
      ),
    ),
    /** Ten minutes before and after, by the console's receipt and the computer's clock alike; oldest first. */
    timeline: Type.Array(RecordItemSchema),
    /** False where records of that time are left out because there are too many; those nearest are in it. */
    isTimelineWhole: Type.Boolean(),
  },
  closed,
)
export type ViolationDetail = Static<typeof ViolationDetailSchema>

// GET /api/overview
export const OverviewSchema = Type.Object(
  {
    now: count,
    counts: Type.Array(Type.Object({ severity, count }, closed)),
    newest: Type.Array(ViolationItemSchema),
    lastViolationAt: nullable(count),
    watch: Type.Object(
      {
        proven: count,
        unproven: count,
        broken: count,
        /** When the one of those not proven was heard that was heard longest ago; null: one never was, or there is none. */
        heardAt: nullable(count),
        /** The first of each state, worst state first, by number. */
        listed: Type.Array(
          Type.Object(
            { agent: id, number: Type.String(), level, watch: ComputerSchema.properties.watch },
            closed,
          ),
        ),
      },
      closed,
    ),
    /** Computers that do not obey their newest policy yet. */
    behind: Type.Object(
      {
        count,
        listed: Type.Array(
          Type.Object(
            {
              agent: id,
              number: Type.String(),
              policyVersion: count,
              appliedPolicyVersion: nullable(count),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  },
  closed,
)
export type Overview = Static<typeof OverviewSchema>

/**
 * GET /api/feed — text/event-stream. Event names: `violation`, `violation-ended` and `violation-changed` (it is handled otherwise; data: ViolationItem),
 * `computer` (data: Computer), `resync` (data: {}): fetch anew. `id:` is `session.number`; a browser sends it back by itself.
 * A comment line every 15 s keeps the connection alive.
 */
export const FEED_EVENTS = [
  'violation',
  'violation-ended',
  'violation-changed',
  'computer',
  'resync',
] as const
export type FeedEventName = (typeof FEED_EVENTS)[number]

/** State-changing requests carry this header: no other origin can set it without asking. */
export const CSRF_HEADER = 'x-shoukou-request'
/**
 * Reads that a page makes by itself (to refresh, after a message of the feed) carry this header: they do not count as
 * use, so that a page that nobody looks at signs out.
 */
export const BACKGROUND_HEADER = 'x-shoukou-background'
