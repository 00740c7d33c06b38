/** `notice.json`: what everybody at the computer may know of media control. Shape alone; writing is the notice board's. */
import { MediumRightSchema } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const closed = { additionalProperties: false } as const

export const NoticeSchema = Type.Object(
  {
    v: Type.Literal(1),
    computer: Type.String({ maxLength: 64 }),
    isEnforcing: Type.Boolean(),
    /** Whom to ask: a line that the security office set; empty where it set none. */
    contact: Type.String({ maxLength: 200 }),
    media: Type.Array(
      Type.Object(
        {
          /** As the device calls itself: hostile text. */
          name: Type.String(),
          right: MediumRightSchema,
          /** What to open or mount: of a read-only medium its view, `loop3`. Null where it is refused. */
          device: nullable(Type.String({ maxLength: 64 })),
          rule: Type.String({ maxLength: 100 }),
          number: nullable(Type.String({ maxLength: 64 })),
          /** To be read out over the telephone; null where no code can be asked for. */
          challenge: nullable(Type.String({ maxLength: 64 })),
        },
        closed,
      ),
    ),
    /** What became of the last code that was handed in. */
    lastCode: nullable(
      Type.Object({ outcome: Type.String({ maxLength: 64 }), atMs: Type.Integer({ minimum: 0 }) }, closed),
    ),
  },
  closed,
)
export type Notice = Static<typeof NoticeSchema>

/** Names inside the folder that everybody may enter. */
export const NOTICE_FILE = 'notice.json'
export const CODES_FOLDER = 'codes'
