/** The API's contract for watched minutes: days of a computer by cause, and one day minute by minute. */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })

export const CoverageQuerySchema = Type.Object({ from: day, to: day }, closed)
export const CoverageDayParamsSchema = Type.Object(
  { agent: Type.String({ minLength: 1, maxLength: 64 }), day },
  closed,
)

/** `exempt`: not proven while it is in repair. `outside`: before its enrolment, behind its end, or not come yet. */
export const CoverageMinutesSchema = Type.Object(
  { proven: count, unproven: count, broken: count, exempt: count, outside: count },
  closed,
)

export const CoverageDaySchema = Type.Object(
  {
    /** Of the console's calendar: `2026-11-22`. */
    day,
    fromMs: count,
    toMs: count,
    minutes: CoverageMinutesSchema,
    /** Each cause with its minutes, the most first. */
    causes: Type.Array(Type.Object({ cause: Type.String(), minutes: count }, closed)),
  },
  closed,
)
export type CoverageDay = Static<typeof CoverageDaySchema>

// GET /api/computers/:agent/coverage
export const CoverageAnswerSchema = Type.Object({ days: Type.Array(CoverageDaySchema) }, closed)
export type CoverageAnswer = Static<typeof CoverageAnswerSchema>

/** On what an interval rests; `none`: on nothing. */
export const CoverageRestSchema = Type.Union([
  Type.Object({ kind: Type.Literal('none') }, closed),
  Type.Object({ kind: Type.Literal('register') }, closed),
  Type.Object(
    { kind: Type.Literal('records'), epoch: Type.String(), firstSeq: count, lastSeq: count },
    closed,
  ),
  Type.Object({ kind: Type.Literal('violation'), violation: count }, closed),
])

export const CoverageIntervalSchema = Type.Object(
  {
    fromMs: count,
    toMs: count,
    state: Type.Enum(['proven', 'unproven', 'broken', 'exempt', 'outside']),
    cause: Type.String(),
    /** The sensor or layer that it is about. */
    name: Type.Union([Type.String(), Type.Null()]),
    rest: CoverageRestSchema,
  },
  closed,
)
export type CoverageIntervalItem = Static<typeof CoverageIntervalSchema>

// GET /api/computers/:agent/coverage/:day
export const CoverageDayAnswerSchema = Type.Object(
  { day: CoverageDaySchema, intervals: Type.Array(CoverageIntervalSchema) },
  closed,
)
export type CoverageDayAnswer = Static<typeof CoverageDayAnswerSchema>
