/** The API's contract for archives of what is out of its period, and for its removal by two people. */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })

export const ArchiveSchema = Type.Object(
  {
    name: Type.String(),
    folder: Type.String(),
    digest: Type.String(),
    bytes: count,
    records: count,
    madeAt: count,
    madeBy: Type.String(),
    beforeMs: count,
    /** Records of it that are no longer in the database. */
    removed: count,
    removedAt: nullable(count),
    askedBy: nullable(Type.String()),
    agreedBy: nullable(Type.String()),
    reason: nullable(Type.String()),
  },
  closed,
)
export type Archive = Static<typeof ArchiveSchema>

export const ArchivesAnswerSchema = Type.Object(
  {
    preview: Type.Object(
      {
        /** Why nothing may go; null: something may. */
        nothing: nullable(
          Type.Union([
            Type.Literal('all-within-period'),
            Type.Literal('clocks-differ'),
            Type.Literal('no-computer-heard'),
            Type.Literal('held-back'),
          ]),
        ),
        retentionYears: count,
        beforeMs: nullable(count),
        records: count,
        bytes: count,
        computers: count,
        journals: count,
        firstReceivedAt: nullable(count),
        lastReceivedAt: nullable(count),
        /** Journals of which less goes, since a violation's evidence stays, or something that others rest on. */
        heldByViolations: count,
        heldByStanding: count,
        isPart: Type.Boolean(),
        /** Steps between checkpoints of more than three days: the console was off, or its clock was set. */
        clockSteps: count,
      },
      closed,
    ),
    archives: Type.Array(ArchiveSchema),
  },
  closed,
)
export type ArchivesAnswer = Static<typeof ArchivesAnswerSchema>

export const ArchiveOrderSchema = Type.Object({ reason }, closed)
export const RemovalOrderSchema = Type.Object(
  { name: Type.String({ pattern: '^shoukou-archive-\\d{8}T\\d{9}Z\\.db$' }), reason },
  closed,
)
export const RemovalAskedSchema = Type.Object({ proposal: count, name: Type.String() }, closed)
export type RemovalAsked = Static<typeof RemovalAskedSchema>
