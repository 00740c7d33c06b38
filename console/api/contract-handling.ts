/** How violations are handled, as the API speaks of it: steps, repeats, papers, exceptions, saved views. Part of the contract: see `contract.ts`. */
import { LEVELS, RawTextSchema, TWO_PERSON_ACTS } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { DISPOSITIONS, HANDLING_STATES, NOTED_KINDS, STEP_KINDS } from '../store/handling-ports.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const words = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' })
const reason = words(2_000)
const state = Type.Enum([...HANDLING_STATES])
const disposition = Type.Enum([...DISPOSITIONS])
const step = Type.Enum([...STEP_KINDS])

export const HANDLING_API_LIMITS = {
  attachmentBytesMax: 10_485_760,
  attachmentsMax: 20,
  statementRequestsMax: 20,
  bulkMax: 200,
  savedViewsMax: 50,
  exceptionDaysMax: 90,
  /** Of what may be a leak. */
  criticalExceptionDaysMax: 30,
  rowsPerPage: 100,
} as const

/** What a row of the list says of its handling; in every ViolationItem. */
export const StandingSchema = Type.Object(
  {
    state,
    disposition: nullable(disposition),
    isIncident: Type.Boolean(),
    assignee: nullable(Type.String()),
    subject: nullable(Type.String()),
    /** The violation that this one repeats. */
    repeatOf: nullable(count),
    /** How many are shown as this one row, and when the newest arrived. */
    repeats: count,
    lastAt: count,
    /** Any of them still lasts. */
    isOngoing: Type.Boolean(),
    /** The exception that it falls under: no clock runs, no sound is made. */
    exception: nullable(Type.Object({ id: count, until: count }, closed)),
    /** Clocks run and sounds are made for it: `isLive` of `workflows/handling/handling-state.ts`. */
    isLive: Type.Boolean(),
  },
  closed,
)
export type Standing = Static<typeof StandingSchema>

// GET /api/violations/:id/handling
export const AttachmentSchema = Type.Object(
  {
    id: count,
    at: count,
    account: Type.String(),
    name: RawTextSchema,
    /** By its first bytes, never by its name. */
    type: Type.String(),
    bytes: count,
    hash: Type.String(),
    note: Type.String(),
  },
  closed,
)
export type Attachment = Static<typeof AttachmentSchema>
export const StatementRequestSchema = Type.Object(
  {
    id: count,
    at: count,
    account: Type.String(),
    person: Type.String(),
    question: Type.String(),
    code: Type.String(),
    dueAt: count,
    answeredAt: nullable(count),
  },
  closed,
)
export type StatementRequest = Static<typeof StatementRequestSchema>
export const StatementSchema = Type.Object(
  {
    id: count,
    request: count,
    at: count,
    writer: Type.String(),
    writtenAt: count,
    /** Who entered it. */
    account: Type.String(),
    text: Type.String(),
  },
  closed,
)
export type Statement = Static<typeof StatementSchema>
export const HandlingAnswerSchema = Type.Object(
  {
    state,
    disposition: nullable(disposition),
    isIncident: Type.Boolean(),
    assignee: nullable(Type.String()),
    /** It is a repeat, and handled as this one. */
    repeatOf: nullable(count),
    repeats: count,
    /** Oldest first. */
    steps: Type.Array(
      Type.Object(
        {
          id: count,
          at: count,
          account: Type.String(),
          kind: Type.Enum([...STEP_KINDS, ...NOTED_KINDS]),
          reason: Type.String(),
          detail: Type.String(),
          /** The act that two people wanted. */
          proposal: nullable(count),
        },
        closed,
      ),
    ),
    /** Steps that may follow; the first is the one to propose. With whether two people must want them. */
    next: Type.Array(Type.Object({ kind: step, needsTwo: Type.Boolean() }, closed)),
    /** Asked for, and waiting for a second person. */
    open: Type.Array(
      Type.Object(
        {
          id: count,
          act: Type.Enum(Object.keys(TWO_PERSON_ACTS) as (keyof typeof TWO_PERSON_ACTS)[]),
          askedBy: Type.String(),
          askedAt: count,
          expiresAt: count,
          reason: Type.String(),
        },
        closed,
      ),
    ),
    attachments: Type.Array(AttachmentSchema),
    requests: Type.Array(StatementRequestSchema),
    statements: Type.Array(StatementSchema),
    /** What an exception for the like of it takes; null: it is about nothing that could be told from another. */
    exception: nullable(Type.Object({ needsTwo: Type.Boolean(), daysMax: count }, closed)),
  },
  closed,
)
export type HandlingAnswer = Static<typeof HandlingAnswerSchema>

// POST /api/violations/:id/handling — the answer is how it stands afterwards
export const HandlingStepSchema = Type.Object(
  {
    kind: step,
    reason: Type.String({ maxLength: 2_000 }),
    /** The newest step that was seen; null: there is none. */
    after: nullable(count),
    /** Of `dispose`, and of `close` where none was told before. */
    disposition: Type.Optional(disposition),
  },
  closed,
)
export type HandlingStep = Static<typeof HandlingStepSchema>

// POST /api/violations/steps — many at once; each is done or left, with why
export const BulkStepSchema = Type.Object(
  {
    kind: Type.Enum(['acknowledge', 'unacknowledge']),
    reason: Type.String({ maxLength: 2_000 }),
    violations: Type.Array(Type.Object({ id, after: nullable(count) }, closed), {
      minItems: 1,
      maxItems: HANDLING_API_LIMITS.bulkMax,
    }),
  },
  closed,
)
export type BulkStep = Static<typeof BulkStepSchema>
export const BulkAnswerSchema = Type.Object(
  {
    /** With the step that was taken: what undoing it names as the newest seen. */
    done: Type.Array(Type.Object({ id: count, step: count }, closed)),
    left: Type.Array(Type.Object({ id: count, code: Type.String() }, closed)),
  },
  closed,
)
export type BulkAnswer = Static<typeof BulkAnswerSchema>

// POST /api/violations/:id/assignee — empty account: nobody
export const AssignSchema = Type.Object(
  {
    account: Type.String({ maxLength: 64 }),
    reason: Type.String({ maxLength: 2_000 }),
    after: nullable(count),
  },
  closed,
)
export type Assign = Static<typeof AssignSchema>
// GET /api/handlers — accounts that a violation may be given to
export const HandlersAnswerSchema = Type.Object(
  { handlers: Type.Array(Type.Object({ name: Type.String(), person: nullable(Type.String()) }, closed)) },
  closed,
)

// POST /api/violations/:id/repeats — makes :id a repeat of `lead`; POST /api/violations/:id/repeats/end — lets it stand alone
export const MergeSchema = Type.Object({ lead: id, reason }, closed)
export type Merge = Static<typeof MergeSchema>
export const HandlingReasonSchema = Type.Object({ reason }, closed)

// POST /api/violations/:id/attachments?name=&note= — the body is the file
export const AttachmentQuerySchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 255 }),
    note: Type.Optional(Type.String({ maxLength: 500 })),
  },
  closed,
)

// POST /api/violations/:id/statement-requests
export const AskStatementSchema = Type.Object(
  { person: words(100), question: words(2_000), dueAt: count },
  closed,
)
export type AskStatement = Static<typeof AskStatementSchema>
// POST /api/statements — by the code on the form, of whatever violation it is; in the scope of whoever enters it
export const EnterStatementSchema = Type.Object(
  {
    code: Type.String({ pattern: '^\\d{4}-?\\d{4}$' }),
    writer: words(100),
    writtenAt: count,
    text: words(20_000),
  },
  closed,
)
export type EnterStatement = Static<typeof EnterStatementSchema>
// GET /api/statement-requests — those that nobody answered, in one's own scope
export const OpenRequestsSchema = Type.Object(
  {
    requests: Type.Array(
      Type.Object({ ...StatementRequestSchema.properties, violation: count, number: Type.String() }, closed),
    ),
  },
  closed,
)
export type OpenRequests = Static<typeof OpenRequestsSchema>

// GET /api/statement-requests/:form
const bilingual = Type.Object({ zh: Type.String(), en: Type.String() }, closed)
export const FormSchema = Type.Object(
  {
    request: StatementRequestSchema,
    violation: Type.Object(
      {
        id: count,
        number: Type.String(),
        level: Type.Enum([...LEVELS]),
        occurredAt: count,
        headline: bilingual,
      },
      closed,
    ),
  },
  closed,
)
export type Form = Static<typeof FormSchema>

// GET /api/exceptions?state=in-force|all&before= · POST /api/violations/:id/exception · POST /api/exceptions/:exception/revoke
export const ExceptionSchema = Type.Object(
  {
    id: count,
    type: Type.String(),
    agent: Type.String(),
    number: Type.String(),
    subject: Type.String(),
    violation: count,
    from: count,
    until: count,
    reason: Type.String(),
    account: Type.String(),
    revokedAt: nullable(count),
    revokedBy: nullable(Type.String()),
    revokeReason: nullable(Type.String()),
    covered: count,
  },
  closed,
)
export type Exception = Static<typeof ExceptionSchema>
export const ExceptionsQuerySchema = Type.Object(
  {
    state: Type.Optional(Type.Enum(['in-force', 'all'])),
    before: Type.Optional(id),
  },
  closed,
)
export const ExceptionsAnswerSchema = Type.Object(
  { exceptions: Type.Array(ExceptionSchema), nextBefore: nullable(count) },
  closed,
)
export type ExceptionsAnswer = Static<typeof ExceptionsAnswerSchema>
export const NewExceptionSchema = Type.Object({ until: count, reason }, closed)
export type NewException = Static<typeof NewExceptionSchema>
/** `proposal`: what a second person must agree to first. */
export const NewExceptionAnswerSchema = Type.Object(
  { exception: nullable(ExceptionSchema), proposal: nullable(count) },
  closed,
)
export type NewExceptionAnswer = Static<typeof NewExceptionAnswerSchema>

// GET /api/saved-views · POST /api/saved-views · DELETE /api/saved-views/:id — one's own
export const SavedViewSchema = Type.Object(
  { id: count, name: Type.String(), address: Type.String(), at: count },
  closed,
)
export type SavedView = Static<typeof SavedViewSchema>
export const SavedViewsAnswerSchema = Type.Object({ views: Type.Array(SavedViewSchema) }, closed)
export const NewSavedViewSchema = Type.Object(
  { name: words(60), address: Type.String({ maxLength: 2_000, pattern: '^[A-Za-z0-9=&%._~+*,-]*$' }) },
  closed,
)
export type NewSavedView = Static<typeof NewSavedViewSchema>
