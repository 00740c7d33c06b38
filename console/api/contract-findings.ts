/** The ledger against reality, as the API speaks of it: a work list. Part of the contract: see `contract.ts`. */
import { type Static, Type } from 'typebox'
import { FINDING_KINDS } from '../ledger/reality.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const name = Type.String({ minLength: 1, maxLength: 300 })

export const FINDING_STATES = ['open', 'snoozed', 'resolved'] as const
export const FINDING_SEVERITIES = ['high', 'medium', 'low'] as const
export const FINDING_PLACES = [
  'computers',
  'machines',
  'people',
  'carriers',
  'media',
  'agents',
  'sightings',
] as const

// GET /api/findings
export const FindingsQuerySchema = Type.Object(
  {
    /** Left out: open. */
    state: Type.Optional(Type.Enum([...FINDING_STATES])),
    /** Comma-separated. */
    kind: Type.Optional(Type.String({ maxLength: 500 })),
    severity: Type.Optional(Type.String({ maxLength: 50 })),
    place: Type.Optional(Type.String({ maxLength: 100 })),
    /** A department's name; with all below it. */
    department: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    /** `me`, `nobody`, or an account. */
    taken: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    search: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    /** Left out: the gravest first, then the oldest. */
    sort: Type.Optional(Type.Enum(['since', 'number', 'department'])),
    order: Type.Optional(Type.Enum(['asc', 'desc'])),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  closed,
)
export const FindingSchema = Type.Object(
  {
    id: name,
    kind: Type.Enum([...FINDING_KINDS]),
    severity: Type.Enum([...FINDING_SEVERITIES]),
    place: Type.Enum([...FINDING_PLACES]),
    number: Type.String(),
    department: nullable(Type.String()),
    since: count,
    /** What the sentence needs: names, numbers, days. */
    told: Type.Record(Type.String(), Type.String()),
    firstAt: count,
    resolvedAt: nullable(count),
    takenBy: nullable(Type.String()),
    takenAt: nullable(count),
    note: Type.String(),
    snoozedUntil: nullable(count),
    snoozeReason: Type.String(),
    reopened: count,
    version: count,
  },
  closed,
)
export type Finding = Static<typeof FindingSchema>
export const FindingsAnswerSchema = Type.Object(
  {
    findings: Type.Array(FindingSchema),
    total: count,
    countedTo: count,
    /** Of what the rest of the filter finds, by kind. */
    kinds: Type.Array(Type.Object({ kind: Type.String(), count }, closed)),
    unseenDays: count,
    mayAct: Type.Boolean(),
    mayKeep: Type.Boolean(),
  },
  closed,
)
export type FindingsAnswer = Static<typeof FindingsAnswerSchema>

// GET /api/findings/:id/events
export const FindingEventsAnswerSchema = Type.Object(
  {
    events: Type.Array(
      Type.Object(
        { at: count, account: nullable(Type.String()), kind: Type.String(), text: Type.String() },
        closed,
      ),
    ),
  },
  closed,
)
export type FindingEventsAnswer = Static<typeof FindingEventsAnswerSchema>

// POST /api/findings/acts
export const FindingActsSchema = Type.Object(
  {
    findings: Type.Array(Type.Object({ id: name, version: count }, closed), { minItems: 1, maxItems: 200 }),
    act: Type.Union([
      Type.Object({ kind: Type.Literal('take') }, closed),
      Type.Object({ kind: Type.Literal('release') }, closed),
      Type.Object({ kind: Type.Literal('note'), text: Type.String({ maxLength: 500 }) }, closed),
      Type.Object(
        { kind: Type.Literal('snooze'), until: nullable(count), text: Type.String({ maxLength: 500 }) },
        closed,
      ),
    ]),
  },
  closed,
)
export type FindingActs = Static<typeof FindingActsSchema>
export const FindingActsAnswerSchema = Type.Object({ done: count }, closed)

// PUT /api/findings/days
export const FindingDaysSchema = Type.Object(
  {
    days: Type.Integer({ minimum: 1, maximum: 730 }),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  },
  closed,
)
export type FindingDays = Static<typeof FindingDaysSchema>
