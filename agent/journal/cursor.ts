/**
 * `cursor.json` of an epoch: what the console has acknowledged, how far the journal reached, where it still begins.
 *
 * It may lag behind by a second. It is why a number is never used twice and a lost tail is noticed even when the
 * segments themselves no longer show either.
 */
import { type Static, Type } from 'typebox'
import { stateFile } from '../base/state-file.ts'

const PlaceSchema = Type.Object(
  {
    seq: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    head: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
)
export type Place = Static<typeof PlaceSchema>

const ReceiptSchema = Type.Object(
  { ...PlaceSchema.properties, mac: Type.String({ pattern: '^[0-9a-f]{64}$' }) },
  { additionalProperties: false },
)

const CursorSchema = Type.Object(
  {
    v: Type.Literal(1),
    acked: Type.Union([PlaceSchema, Type.Null()]),
    end: Type.Union([PlaceSchema, Type.Null()]),
    /**
     * The console's own proof of the highest place that it ever acknowledged. `acked` may fall back behind it, where the
     * console lost what it had; what is deleted here meanwhile is then known to be no tampering.
     */
    receipt: Type.Optional(Type.Union([ReceiptSchema, Type.Null()])),
    /** The first number that has not been deleted for room. */
    retainedFrom: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  },
  { additionalProperties: false },
)
export type Cursor = Static<typeof CursorSchema>

export const cursorFile = stateFile(CursorSchema)

export const EMPTY_CURSOR: Cursor = { v: 1, acked: null, end: null, retainedFrom: 1 }
