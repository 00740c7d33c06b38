/** `control.json`: what media control must still know after a restart: temporary rights, and the counter of spoken codes. */
import { Type } from 'typebox'
import { stateFile } from '../base/state-file.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const ms = Type.Number({ minimum: 0 })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const bootId = Type.String({ maxLength: 64 })
const instance = Type.String({ maxLength: 200 })

const GrantBookSchema = Type.Object(
  {
    counter: count,
    grants: Type.Array(
      Type.Object(
        {
          id: Type.String({ maxLength: 64 }),
          instance,
          right: Type.Union([Type.Literal('read-only'), Type.Literal('read-write')]),
          minutes: count,
          source: Type.Union([Type.Literal('console'), Type.Literal('spoken')]),
          counter: nullable(count),
          bootId,
          untilBootMs: ms,
        },
        closed,
      ),
      { maxItems: 64 },
    ),
    challenges: Type.Array(
      Type.Object({ instance, text: Type.String({ maxLength: 64 }), counter: count }, closed),
      { maxItems: 32 },
    ),
    wrongTries: count,
    locked: nullable(Type.Object({ bootId, untilBootMs: ms }, closed)),
  },
  closed,
)

export const controlFile = stateFile(
  Type.Object({ v: Type.Literal(1), bootId, book: GrantBookSchema }, closed),
)
