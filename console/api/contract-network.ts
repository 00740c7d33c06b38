/** The API's contract for the network of a computer: its picture, what is open, hardware, traces, and isolation. */
import {
  CONDITIONS,
  ConfidenceSchema,
  HardwareSchema,
  LIMITS,
  NetSchema,
  NetTotalsSchema,
  PictureSchema,
  TraceSchema,
} from '@shoukou/protocol'
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const id = Type.String({ minLength: 1, maxLength: 64 })
/** Where the record stands that says so. */
const at = { epoch: id, seq: count, wallMs: count, receivedAt: count }

/**
 * `ordered`: the order waits for the computer. `in-force`: the computer has said that it holds. `partly`: it has said
 * that a step failed. `release-ordered`, `released`: the way back. `refused`: the agent could not.
 */
export const ISOLATION_STATES = [
  'ordered',
  'in-force',
  'partly',
  'release-ordered',
  'released',
  'refused',
] as const
export const IsolationSchema = Type.Object(
  {
    state: Type.Enum([...ISOLATION_STATES]),
    orderedAt: count,
    /** Empty where the computer isolated itself; then `reason` is the condition that it did it for. */
    orderedBy: Type.String(),
    reason: Type.String(),
    /** When the computer said what came of it; null while it has not. */
    effectAt: nullable(count),
    /** The failed step, or why it was refused. */
    detail: nullable(Type.String()),
  },
  closed,
)
export type Isolation = Static<typeof IsolationSchema>

// GET /api/computers/:agent/network
export const NetworkAnswerSchema = Type.Object(
  {
    /** The newest; null where the agent has told none. */
    picture: nullable(Type.Object({ ...at, picture: PictureSchema }, closed)),
    /** Began, and not ended since. */
    conditions: Type.Array(
      Type.Object(
        {
          ...at,
          key: Type.String(),
          condition: Type.Enum([...CONDITIONS]),
          interfaceName: nullable(Type.Unknown()),
          text: nullable(Type.Unknown()),
          confidence: ConfidenceSchema,
          /** As the agent decided by its policy: `allowed`, `detected`, `blocked`. */
          outcome: nullable(Type.String()),
        },
        closed,
      ),
    ),
    hardware: Type.Array(Type.Object({ ...at, hardware: HardwareSchema }, closed)),
    totals: Type.Array(Type.Object({ ...at, net: NetSchema, totals: NetTotalsSchema }, closed)),
    traces: Type.Array(Type.Object({ ...at, trace: TraceSchema }, closed)),
    isolation: nullable(IsolationSchema),
  },
  closed,
)
export type NetworkAnswer = Static<typeof NetworkAnswerSchema>

// POST /api/isolations — one computer or a group; answers what came of each, or the number under which a release waits
export const IsolationOrderSchema = Type.Object(
  {
    agents: Type.Array(id, { minItems: 1, maxItems: 1_000, uniqueItems: true }),
    act: Type.Union([Type.Literal('isolate'), Type.Literal('release')]),
    reason: Type.String({ minLength: 1, maxLength: LIMITS.isolationReasonMax }),
  },
  closed,
)
export type IsolationOrder = Static<typeof IsolationOrderSchema>
export const IsolationOrderAnswerSchema = Type.Object(
  {
    orders: Type.Array(
      Type.Object(
        {
          agent: id,
          /** `sent`: on its way. `waiting`: sent when the computer connects. `not-found`, `not-needed`. */
          result: Type.Union([
            Type.Literal('sent'),
            Type.Literal('waiting'),
            Type.Literal('not-found'),
            Type.Literal('not-needed'),
          ]),
        },
        closed,
      ),
    ),
    /** A release waits for a second person under this number; null where isolation was ordered. */
    proposal: nullable(count),
  },
  closed,
)
export type IsolationOrderAnswer = Static<typeof IsolationOrderAnswerSchema>
