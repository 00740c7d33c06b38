/** The facts of people at a computer: that a session of an account began, and that it is over. Never whose hand it was. */
import { type Static, Type } from 'typebox'
import { RawTextSchema } from '../raw-text.ts'
import { OriginSchema } from './shapes.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

/** How a session ended. `process-gone`: its leader ended and nobody struck it off. `gone`: it is no longer kept, and why is not. */
export const SESSION_ENDINGS = ['logged-out', 'process-gone', 'gone'] as const

export const SessionSchema = Type.Object(
  {
    /** The same in all facts about this one session. */
    id: Type.String({ pattern: '^[0-9a-f]{16}$' }),
    user: RawTextSchema,
    uid: nullable(count),
    /** Terminal or screen: `tty1`, `pts/0`, `:0`. */
    line: nullable(RawTextSchema),
    /** `seat0`: the computer's own screen and keyboard. */
    seat: nullable(RawTextSchema),
    /** The name or address that it came from over a network, empty where that is not kept; null: it did not. */
    remoteHost: nullable(RawTextSchema),
    /** By the computer's clock, as the source has it, Unix ms; null where it does not say. */
    openedWallMs: nullable(count),
    /** Which of the system's own lists has it: /run/utmp, or systemd-logind's. */
    source: Type.Union([Type.Literal('utmp'), Type.Literal('logind')]),
  },
  closed,
)
export type Session = Static<typeof SessionSchema>

export const SESSION_FACTS = {
  /** An account's session, with where it stood when the agent first saw it. */
  'session.opened': { origin: OriginSchema, session: SessionSchema },
  'session.closed': {
    session: SessionSchema,
    /** As the source has it, Unix ms; null where it does not say. */
    closedWallMs: nullable(count),
    ending: Type.Enum([...SESSION_ENDINGS]),
    /** `while-away`: it ended while no agent looked. */
    found: Type.Union([Type.Literal('while-watching'), Type.Literal('while-away')]),
  },
} as const
