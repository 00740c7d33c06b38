/** The API's contract for people's sessions on a computer, as its timeline tells them. */
import { RawTextSchema } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { SESSION_SPAN_ENDS } from '../rules/session-spans.ts'

const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const TimelineSessionSchema = Type.Object(
  {
    user: RawTextSchema,
    uid: nullable(count),
    line: nullable(RawTextSchema),
    seat: nullable(RawTextSchema),
    /** Over a network, from there; empty where that is not kept; null: at the computer itself. */
    remoteHost: nullable(RawTextSchema),
    /** By the computer's clock; `toMs` null: it has not ended, as far as was told. */
    fromMs: count,
    toMs: nullable(count),
    end: Type.Enum([...SESSION_SPAN_ENDS]),
    /** The record that first told of it. */
    epoch: Type.String(),
    seq: count,
  },
  { additionalProperties: false },
)
export type TimelineSession = Static<typeof TimelineSessionSchema>
