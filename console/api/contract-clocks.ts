/** Clocks that the law or the unit sets, as the API speaks of them, and the report form. Part of the contract: see `contract.ts`. */
import { LEVELS, SEVERITIES, VIOLATION_IDS } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const signed = Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const bilingual = Type.Object({ zh: Type.String(), en: Type.String() }, closed)

/**
 * `leak-report`: 24 hours to tell the bureau · `leak-result`: three months to tell what came of it · `missing-carrier`: 10 or
 * 60 days to find a carrier, after which it counts as a leak · `rectification`: a date that was agreed.
 */
export const CLOCK_KINDS = ['leak-report', 'leak-result', 'missing-carrier', 'rectification'] as const
/** `running` and `overdue` still wait for something to be done; `met`: it was done; `stopped`: it has no ground any more. */
export const CLOCK_STATES = ['running', 'overdue', 'met', 'stopped'] as const
/** What the beginning was reckoned from. Those that do not count are shown all the same. */
export const CLOCK_CANDIDATES = ['receipt', 'confirmation', 'incident', 'found-missing', 'agreed'] as const
export const CLOCK_ENDS = [
  'reported',
  'result-reported',
  'found',
  'rectified',
  'closed',
  'false-positive',
  'exception',
  'repeat',
] as const

export const CLOCK_API_LIMITS = { rowsPerState: 100 } as const

export const ClockSchema = Type.Object(
  {
    /** `leak-report:123`: the same over all answers. */
    key: Type.String(),
    kind: Type.Enum([...CLOCK_KINDS]),
    state: Type.Enum([...CLOCK_STATES]),
    violation: count,
    type: Type.Enum([...VIOLATION_IDS]),
    severity: Type.Enum([...SEVERITIES]),
    level: Type.Enum([...LEVELS]),
    headline: bilingual,
    /** Number of the computer; of the medium, where it is about one. */
    computer: nullable(Type.String()),
    medium: nullable(Type.String()),
    department: nullable(Type.String()),
    /** Law and article, or the unit's rule. */
    basis: bilingual,
    /** All that the beginning could be reckoned from, the one that holds with `counts`. */
    candidates: Type.Array(
      Type.Object(
        {
          what: Type.Enum([...CLOCK_CANDIDATES]),
          at: count,
          /** Empty: the console itself. */
          account: Type.String(),
          counts: Type.Boolean(),
        },
        closed,
      ),
    ),
    startedAt: count,
    /** By the console's present clock: where that was set back since the beginning, earlier by as much. */
    dueAt: count,
    /** By how much the console's clock was set back since the beginning, ms. */
    setBackMs: count,
    /** At `at` of the answer; negative: overdue by so much. Of what is over: at its end. */
    leftMs: signed,
    /** What ends it well. */
    endsWith: Type.Enum(['report', 'result', 'finding', 'rectifying']),
    /** Null while it waits. `by`: who; of two people `a, b`. */
    end: nullable(
      Type.Object(
        { how: Type.Enum([...CLOCK_ENDS]), at: count, by: Type.String(), note: Type.String() },
        closed,
      ),
    ),
  },
  closed,
)
export type Clock = Static<typeof ClockSchema>

// GET /api/clocks?violation= — running first (the least time left first), then overdue, then what is over (newest first)
export const ClocksQuerySchema = Type.Object(
  { violation: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })) },
  closed,
)
export type ClocksQuery = Static<typeof ClocksQuerySchema>
export const ClocksAnswerSchema = Type.Object(
  {
    /** The console's clock when it answered: pages count down from `leftMs`, not by their own clock. */
    at: count,
    clocks: Type.Array(ClockSchema),
    /** Of all in one's scope, also where fewer are listed. */
    running: count,
    overdue: count,
  },
  closed,
)
export type ClocksAnswer = Static<typeof ClocksAnswerSchema>
