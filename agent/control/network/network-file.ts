/** `network.json`: what network control must know after a restart. The picture stands beside it, in a file of its own. */
import { CONDITIONS, LIMITS, PictureSchema } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { stateFile } from '../../base/state-file.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const key = Type.String({ minLength: 1, maxLength: 200 })
const bootId = Type.String({ maxLength: 64 })

const IsolationSchema = Type.Object(
  {
    /** The command's id. */
    order: Type.String({ maxLength: 64 }),
    reason: Type.String({ maxLength: LIMITS.isolationReasonMax }),
    sinceWallMs: count,
  },
  closed,
)
/** The console's order to speak to nobody else. */
export type Isolation = Static<typeof IsolationSchema>

const AddressSchema = Type.Object(
  { address: Type.String({ maxLength: 64 }), port: Type.Integer({ minimum: 1, maximum: 65_535 }) },
  closed,
)

const NetworkStateSchema = Type.Object(
  {
    v: Type.Literal(1),
    bootId,
    /** What was so at enrolment, by lasting keys; null until the first picture after it. */
    baseline: nullable(Type.Array(key, { maxItems: 1_024 })),
    /** What was told as begun and not as ended, in the boot of `bootId`. */
    conditions: Type.Array(
      Type.Object(
        {
          key,
          condition: Type.Enum([...CONDITIONS]),
          sinceWallMs: nullable(count),
          /** The rule that decided, and whether it was allowed: another answer under another policy is told again. */
          rule: Type.String({ maxLength: 100 }),
          isAllowed: Type.Boolean(),
          /** It is why the computer is isolated: that holds over a restart too. */
          isIsolating: Type.Boolean(),
        },
        closed,
      ),
      { maxItems: 1_024 },
    ),
    isolation: nullable(IsolationSchema),
    /** The packet net was set and not taken away: whoever only observes next clears it. */
    hasPacketTable: Type.Boolean(),
    /** Where the console stood when it was last resolved: an agent that cannot ask must still reach it. */
    console: Type.Array(AddressSchema, { maxItems: 16 }),
    /** Events of each net's installation that stand in records: what was taken and not told before a kill is declared. */
    told: Type.Array(
      Type.Object({ netId: Type.String({ maxLength: 200 }), events: count, lost: count }, closed),
      { maxItems: 8 },
    ),
  },
  closed,
)
export type NetworkState = Static<typeof NetworkStateSchema>

export const networkFile = stateFile(NetworkStateSchema)

export const lastPictureFile = stateFile(
  Type.Object({ v: Type.Literal(1), bootId, wallMs: count, picture: PictureSchema }, closed),
)

export function emptyState(ofBoot: string): NetworkState {
  const lists = { conditions: [], console: [], told: [] }
  return { v: 1, bootId: ofBoot, baseline: null, ...lists, isolation: null, hasPacketTable: false }
}
