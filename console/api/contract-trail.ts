/** The administrators' log over the API: its entries, its checkpoints, what its verification found. For the auditor. */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const place = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const shortText = Type.String({ maxLength: 256 })

export const TrailQuerySchema = Type.Object(
  {
    before: Type.Optional(place),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    account: Type.Optional(shortText),
    /** Names of acts, joined by commas. */
    acts: Type.Optional(Type.String({ maxLength: 2_000 })),
    object: Type.Optional(shortText),
    from: Type.Optional(count),
    to: Type.Optional(count),
  },
  closed,
)
export type TrailQuery = Static<typeof TrailQuerySchema>

const outcome = Type.Union([Type.Literal('intended'), Type.Literal('done'), Type.Literal('refused')])

const ActionSchema = Type.Object(
  {
    id: count,
    at: count,
    account: Type.String(),
    role: nullable(Type.String()),
    person: nullable(Type.String()),
    action: Type.String(),
    object: Type.String(),
    detail: Type.String(),
    reason: nullable(Type.String()),
    address: Type.String(),
    /** What came of it; `intended`: nobody wrote that down. */
    outcome,
    /** Why it was refused. */
    code: nullable(Type.String()),
    hasValues: Type.Boolean(),
    isEarlier: Type.Boolean(),
  },
  closed,
)
export type Action = Static<typeof ActionSchema>

// GET /api/actions
export const ActionsAnswerSchema = Type.Object(
  { actions: Type.Array(ActionSchema), nextBefore: nullable(count) },
  closed,
)
export type ActionsAnswer = Static<typeof ActionsAnswerSchema>

// GET /api/actions/:id
export const ActionDetailSchema = Type.Object(
  {
    action: ActionSchema,
    before: nullable(Type.Unknown()),
    after: nullable(Type.Unknown()),
    session: nullable(Type.String()),
    head: Type.String(),
    /** The entry's very bytes, as text. */
    raw: Type.String(),
    /** The entry that says what came of it; null where it stands in this one, or nowhere. */
    endedBy: nullable(Type.Object({ id: count, at: count, head: Type.String() }, closed)),
  },
  closed,
)
export type ActionDetail = Static<typeof ActionDetailSchema>

export const CheckpointSchema = Type.Object(
  {
    id: count,
    origin: Type.String(),
    seq: count,
    head: Type.String(),
    atMs: count,
    kept: count,
    keptHead: Type.String(),
    journals: count,
    journalsRoot: Type.String(),
    signature: Type.String(),
    cause: Type.String(),
    /** The one line that proves it: what the QR code holds. */
    text: Type.String(),
  },
  closed,
)
export type CheckpointItem = Static<typeof CheckpointSchema>

export const CheckpointsAnswerSchema = Type.Object(
  { checkpoints: Type.Array(CheckpointSchema), keyName: Type.String() },
  closed,
)
export type CheckpointsAnswer = Static<typeof CheckpointsAnswerSchema>

const FindingSchema = Type.Object(
  {
    kind: Type.String(),
    table: Type.String(),
    agent: Type.Optional(Type.String()),
    epoch: Type.Optional(Type.String()),
    seq: Type.Optional(Type.Integer()),
    lastSeq: Type.Optional(Type.Integer()),
    what: Type.String(),
  },
  closed,
)

// GET /api/trail
export const TrailStateSchema = Type.Object(
  {
    seq: count,
    head: Type.String(),
    origin: Type.String(),
    keyName: Type.String(),
    acts: Type.Array(Type.String()),
    /** Agents hold heads of a longer or another log: the database was set back. Null: nothing stands. */
    setBack: nullable(Type.Object({ at: count, seq: count, how: Type.String(), entry: count }, closed)),
    progress: nullable(Type.Object({ stage: Type.String(), done: count, total: count }, closed)),
    failed: nullable(Type.String()),
    verified: nullable(
      Type.Object(
        {
          at: count,
          isWhole: Type.Boolean(),
          entries: count,
          records: count,
          journals: count,
          violations: count,
          policies: count,
          checkpoints: count,
          tookMs: Type.Number(),
          findings: Type.Array(FindingSchema),
          findingsTotal: count,
        },
        closed,
      ),
    ),
  },
  closed,
)
export type TrailState = Static<typeof TrailStateSchema>

// GET /api/warnings: for whoever runs, guards or audits the console
export const WarningsAnswerSchema = Type.Object(
  { setBack: nullable(Type.Object({ at: count }, closed)) },
  closed,
)
export type WarningsAnswer = Static<typeof WarningsAnswerSchema>

export const SetBackSeenSchema = Type.Object(
  { reason: Type.String({ minLength: 4, maxLength: 500 }) },
  closed,
)
export const DoneSchema = Type.Object({}, closed)
