/** What the API says of an agent's own protection: codes for its removal, and spans that are not proved. */
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

export const REMOVAL_REASON_MAX = 500

export const RemovalRequestSchema = Type.Object(
  {
    /** As the computer shows it: 16 digits, spaces do not matter. */
    challenge: Type.String({ minLength: 1, maxLength: 80 }),
    reason: Type.String({ minLength: 1, maxLength: REMOVAL_REASON_MAX, pattern: '\\S' }),
  },
  closed,
)
export type RemovalRequest = Static<typeof RemovalRequestSchema>

export const RemovalAnswerSchema = Type.Object({ code: Type.String(), counter: count }, closed)
export type RemovalAnswer = Static<typeof RemovalAnswerSchema>

export const UnprovenSpansSchema = Type.Object(
  {
    spans: Type.Array(
      Type.Object(
        {
          cause: Type.Enum(['paused', 'seals-not-proved', 'program-changed']),
          /** By the computer's clock. */
          fromMs: count,
          toMs: count,
          detail: Type.String(),
          epoch: Type.String(),
          seq: count,
        },
        closed,
      ),
    ),
  },
  closed,
)
export type UnprovenSpans = Static<typeof UnprovenSpansSchema>
