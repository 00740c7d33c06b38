/** The API's contract for the ceiling: what may ever be allowed, who signed it, and which computers hold it. */
import { CeilingSchema, SignedCeilingSchema } from '@shoukou/protocol/ceiling/shapes.ts'
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const keyId = Type.String({ pattern: '^[0-9a-f]{64}$' })

/** One thing beyond the ceiling: `protocol/ceiling/beyond.ts` words it. */
const BeyondSchema = Type.Object(
  { field: Type.String(), rule: Type.String(), found: Type.String(), allowed: Type.String() },
  closed,
)
const BeyondComputerSchema = Type.Object(
  { agent: Type.String(), number: Type.String(), beyond: Type.Array(BeyondSchema) },
  closed,
)
export type BeyondComputer = Static<typeof BeyondComputerSchema>

// GET /api/ceiling
export const CeilingAnswerSchema = Type.Object(
  {
    /** Null: the unit has none; everything that policies say holds. */
    inForce: nullable(
      Type.Object(
        {
          ceiling: CeilingSchema,
          digest: keyId,
          signedBy: Type.Array(Type.Object({ keyId, holder: Type.String() }, closed)),
          broughtBy: Type.String(),
          broughtAt: count,
          reason: Type.String(),
        },
        closed,
      ),
    ),
    /** The daily key of this console, as a ceiling names it; `untilMs` null: no ceiling vouches for it now. */
    dailyKey: Type.Object({ publicKey: Type.String(), keyId, untilMs: nullable(count) }, closed),
    /** Versions of earlier ones. */
    earlier: Type.Array(
      Type.Object(
        { version: count, broughtBy: Type.String(), broughtAt: count, reason: Type.String() },
        closed,
      ),
    ),
    /** Computers that have not recorded the one in force. `refused`: why one of them did not take it. */
    behind: Type.Array(
      Type.Object(
        {
          agent: Type.String(),
          number: Type.String(),
          hostname: Type.String(),
          version: nullable(count),
          refused: nullable(Type.String()),
          lastSeenAt: nullable(count),
        },
        closed,
      ),
    ),
    computers: count,
    /** Computers whose policy allows more than the ceiling: they hold it without that. */
    beyond: Type.Array(BeyondComputerSchema),
  },
  closed,
)
export type CeilingAnswer = Static<typeof CeilingAnswerSchema>

const signed = Type.Object({ signed: SignedCeilingSchema }, closed)

// POST /api/ceiling/preview — what a signed ceiling would change; nothing is brought
export const CeilingPreviewRequestSchema = signed
export const CeilingPreviewSchema = Type.Object(
  {
    ceiling: CeilingSchema,
    signedBy: Type.Array(Type.Object({ keyId, holder: Type.String() }, closed)),
    beyond: Type.Array(BeyondComputerSchema),
  },
  closed,
)
export type CeilingPreview = Static<typeof CeilingPreviewSchema>

// POST /api/ceiling
export const NewCeilingSchema = Type.Object(
  { signed: SignedCeilingSchema, reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }) },
  closed,
)
export type NewCeiling = Static<typeof NewCeilingSchema>
