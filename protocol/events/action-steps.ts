/** What was done to the kernel, step by step; a failed step stays visible. */
import { type Static, Type } from 'typebox'
import { LIMITS } from '../limits.ts'

const closed = { additionalProperties: false } as const

export const actionSteps = Type.Array(
  Type.Object(
    {
      step: Type.String({ maxLength: 100, pattern: '^[a-zA-Z0-9][a-zA-Z0-9._:-]*$' }),
      result: Type.Union([Type.Literal('done'), Type.Literal('failed'), Type.Literal('skipped')]),
      detail: Type.Union([Type.String({ maxLength: 1_000 }), Type.Null()]),
    },
    closed,
  ),
  { maxItems: LIMITS.actionStepsMax },
)
export type ActionStep = Static<typeof actionSteps>[number]
