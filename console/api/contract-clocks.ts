/** Clocks that the law or the unit sets, as the API speaks of them, and the report form. Part of the contract: see `contract.ts`. */
import { LEVELS, SEVERITIES, VIOLATION_IDS } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { ESCALATION_ROLES, RECIPIENTS, REPORT_KINDS } from '../store/clock-ports.ts'
import { LEAK_FIELD_CHARACTERS_MAX, LEAK_FORM_FIELDS } from '../workflows/clocks/leak-form.ts'

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
    /** Of a report that waits: whom it has not reached yet; each of them must be told. */
    owed: Type.Array(Type.Enum([...RECIPIENTS])),
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
  {
    violation: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    /** So many of each state at most. */
    perState: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  },
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

// GET /api/violations/:id/clock-acts — what was told, agreed and printed about one violation
const id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const words = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' })
const said = (maxLength: number) => Type.String({ maxLength })
const recipient = Type.Enum([...RECIPIENTS])
export const EscalationSchema = Type.Object(
  {
    id: count,
    violation: count,
    clock: Type.Enum([...CLOCK_KINDS]),
    at: count,
    role: Type.Enum([...ESCALATION_ROLES]),
    /** Empty: the unit has named nobody. */
    person: Type.String(),
    leftMs: signed,
    dueAt: count,
    seenAt: nullable(count),
    seenBy: nullable(Type.String()),
  },
  closed,
)
export type Escalation = Static<typeof EscalationSchema>
export const ClockActsSchema = Type.Object(
  {
    reports: Type.Array(
      Type.Object(
        {
          ...{ id: count, what: Type.Enum([...REPORT_KINDS]), at: count, account: Type.String() },
          ...{ reportedAt: count, recipient, office: Type.String(), person: Type.String() },
          ...{ number: Type.String(), note: Type.String() },
        },
        closed,
      ),
    ),
    dates: Type.Array(
      Type.Object(
        { id: count, at: count, account: Type.String(), dueAt: count, reason: Type.String() },
        closed,
      ),
    ),
    escalations: Type.Array(EscalationSchema),
  },
  closed,
)
export type ClockActs = Static<typeof ClockActsSchema>

// POST /api/violations/:id/reports — that it was told; the answer is how its clocks stand then
export const NewReportSchema = Type.Object(
  {
    what: Type.Enum([...REPORT_KINDS]),
    recipient,
    office: words(100),
    person: words(100),
    number: said(100),
    reportedAt: count,
    note: said(500),
  },
  closed,
)
export type NewReport = Static<typeof NewReportSchema>

// POST /api/violations/:id/rectification — by the end of a day of the unit's calendar
export const NewRectificationSchema = Type.Object(
  { day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }), reason: words(500) },
  closed,
)
export type NewRectification = Static<typeof NewRectificationSchema>

// GET /api/escalations?before= · POST /api/escalations/:escalation/seen
export const EscalationsQuerySchema = Type.Object({ before: Type.Optional(id) }, closed)
export const EscalationsAnswerSchema = Type.Object(
  { escalations: Type.Array(EscalationSchema), nextBefore: nullable(count) },
  closed,
)
export type EscalationsAnswer = Static<typeof EscalationsAnswerSchema>

// GET /api/clock-settings · PUT /api/clock-settings
const step = Type.Object(
  {
    clock: Type.Enum([...CLOCK_KINDS]),
    leftMinutes: Type.Integer({ minimum: 0, maximum: 525_600 }),
    role: Type.Enum([...ESCALATION_ROLES]),
    person: said(100),
  },
  closed,
)
const settings = {
  zone: words(60),
  /** A superior office is told beside the bureau. */
  hasSuperior: Type.Boolean(),
  handIn: Type.Object(
    {
      isOn: Type.Boolean(),
      month: Type.Integer({ minimum: 1, maximum: 12 }),
      day: Type.Integer({ minimum: 1, maximum: 31 }),
    },
    closed,
  ),
  steps: Type.Array(step, { minItems: 1, maxItems: 40 }),
}
export const ClockSettingsSchema = Type.Object(
  { ...settings, version: count, at: count, account: Type.String() },
  closed,
)
export type ClockSettingsAnswer = Static<typeof ClockSettingsSchema>
export const NewClockSettingsSchema = Type.Object(
  { ...settings, baseVersion: count, reason: words(500) },
  closed,
)
export type NewClockSettings = Static<typeof NewClockSettingsSchema>

// GET /api/hand-ins — the campaign of this year and the one that is over; POST /api/hand-ins
const campaign = Type.Object(
  {
    year: count,
    dueAt: count,
    total: count,
    handedIn: count,
    /** Not handed in yet; no more than are listed on a page. */
    open: Type.Array(
      Type.Object(
        {
          number: Type.String(),
          level: Type.Enum([...LEVELS]),
          custodian: Type.String(),
          department: Type.String(),
          daysLate: count,
        },
        closed,
      ),
    ),
  },
  closed,
)
export const HandInsAnswerSchema = Type.Object({ next: nullable(campaign), last: nullable(campaign) }, closed)
export type HandInsAnswer = Static<typeof HandInsAnswerSchema>
export const NewHandInsSchema = Type.Object(
  {
    year: Type.Integer({ minimum: 2000, maximum: 3000 }),
    numbers: Type.Array(words(64), { minItems: 1, maxItems: 500 }),
    note: words(500),
  },
  closed,
)
export type NewHandIns = Static<typeof NewHandInsSchema>
export const HandInsDoneSchema = Type.Object({ done: Type.Array(Type.String()) }, closed)

// GET /api/violations/:id/leak-form · PUT — the next version · POST …/prints
const field = Type.Enum([...LEAK_FORM_FIELDS])
const written = Type.Object(
  Object.fromEntries(LEAK_FORM_FIELDS.map((one) => [one, said(LEAK_FIELD_CHARACTERS_MAX)])) as Record<
    (typeof LEAK_FORM_FIELDS)[number],
    ReturnType<typeof said>
  >,
  closed,
)
export const LeakFormSchema = Type.Object(
  {
    violation: Type.Object({ id: count, level: Type.Enum([...LEVELS]), headline: bilingual }, closed),
    unit: Type.String(),
    basis: bilingual,
    fields: Type.Array(Type.Object({ key: field, prefilled: bilingual, mustFill: Type.Boolean() }, closed)),
    draft: nullable(
      Type.Object({ version: count, at: count, account: Type.String(), fields: written }, closed),
    ),
    prints: Type.Array(Type.Object({ version: count, at: count, account: Type.String() }, closed)),
  },
  closed,
)
export type LeakForm = Static<typeof LeakFormSchema>
export const NewLeakFormSchema = Type.Object({ baseVersion: count, fields: written }, closed)
export type NewLeakForm = Static<typeof NewLeakFormSchema>
export const LeakFormPrintSchema = Type.Object({ version: id }, closed)
