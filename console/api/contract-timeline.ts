/** The API's contract for timelines: of a computer by lanes, and of a medium by the computers where it was. */
import { LevelSchema, RawTextSchema } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { CoverageIntervalSchema } from './contract-coverage.ts'
import { TimelineSessionSchema } from './contract-sessions.ts'
import { TIMELINE_LANES } from './contract-timeline-lanes.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

// GET /api/computers/:agent/timeline
export const TimelineQuerySchema = Type.Object({ from: count, to: count }, closed)

export const TimelineItemSchema = Type.Object(
  {
    lane: Type.Enum([...TIMELINE_LANES]),
    atMs: count,
    /** Of what lasts; null where it is a moment, or has not ended. */
    endMs: nullable(count),
    /** A record's kind, a violation's type, a register's event. */
    what: Type.String(),
    /** Where it stands; all null where it is in none of these. */
    epoch: nullable(Type.String()),
    seq: nullable(count),
    violation: nullable(count),
    severity: nullable(Type.String()),
    /** Who did it, with which reason: of the register and of policies. */
    account: nullable(Type.String()),
    detail: nullable(Type.String()),
  },
  closed,
)
export type TimelineItem = Static<typeof TimelineItemSchema>

export const TimelineAnswerSchema = Type.Object(
  {
    /** The span as it was answered: whole steps. */
    fromMs: count,
    toMs: count,
    stepMs: count,
    buckets: Type.Array(Type.Object({ lane: Type.Enum([...TIMELINE_LANES]), atMs: count, count }, closed)),
    /** Each thing by itself, oldest first; null where they are too many. */
    items: nullable(Type.Array(TimelineItemSchema)),
    /** Who was logged on meanwhile; null where they are too many, or may not be seen: then `buckets` alone tell of them. */
    sessions: nullable(Type.Array(TimelineSessionSchema)),
    /** What was watched meanwhile, joined to steps where the span is long. */
    coverage: Type.Array(CoverageIntervalSchema),
  },
  closed,
)
export type TimelineAnswer = Static<typeof TimelineAnswerSchema>

// GET /api/media/:number/timeline
export const MediumStaySchema = Type.Object(
  {
    agent: Type.String(),
    computer: Type.String(),
    computerLevel: nullable(LevelSchema),
    /** By the computer's clock; `toMs` null: it is there now. */
    fromMs: count,
    toMs: nullable(count),
    right: Type.String(),
    epoch: Type.String(),
    seq: count,
    /** Why it was out of place there: `level`, `network-mode`, `not-assigned`. */
    crossings: Type.Array(Type.Enum(['level', 'network-mode', 'not-assigned'])),
  },
  closed,
)
export type MediumStay = Static<typeof MediumStaySchema>
export const MediumTimelineSchema = Type.Object(
  {
    stays: Type.Array(MediumStaySchema),
    /** More than are told. */
    isCut: Type.Boolean(),
  },
  closed,
)
export type MediumTimeline = Static<typeof MediumTimelineSchema>

// GET /api/media/:number/files
export const MediumFilesQuerySchema = Type.Object(
  { stays: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })) },
  closed,
)
export const MediumFilesSchema = Type.Object(
  {
    files: Type.Array(
      Type.Object(
        {
          agent: Type.String(),
          computer: Type.String(),
          atMs: count,
          operation: Type.String(),
          path: RawTextSchema,
          renamedFrom: nullable(RawTextSchema),
          sizeBytes: nullable(count),
          epoch: Type.String(),
          seq: count,
        },
        closed,
      ),
    ),
    isCut: Type.Boolean(),
  },
  closed,
)
export type MediumFiles = Static<typeof MediumFilesSchema>
