/** The API's contract for who a computer is: its certificates, its machine, revocation, enrolling it anew; the console's clock. */
import { HARDWARE_PARTS } from '@shoukou/protocol/identity/hardware-parts.ts'
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const IDENTITY_REASON_MAX = 500

/** `expired`: by its dates, and renewed by itself within a year. */
export const CERTIFICATE_STATES = ['issued', 'current', 'expired', 'superseded', 'revoked'] as const
export const CertificateSchema = Type.Object(
  {
    serial: Type.String(),
    state: Type.Enum([...CERTIFICATE_STATES]),
    origin: Type.Union([
      Type.Literal('enrolment'),
      Type.Literal('renewal'),
      Type.Literal('bundle'),
      Type.Literal('adopted'),
    ]),
    issuedAt: count,
    /** Null where it is not known. */
    notAfter: nullable(count),
    firstUsedAt: nullable(count),
    endedAt: nullable(count),
  },
  closed,
)
export type CertificateView = Static<typeof CertificateSchema>

/** `matched`: as at enrolment. `missing`: there then, not told last. `added`: not there then. */
export const HARDWARE_STANDINGS = ['matched', 'missing', 'added'] as const
export const HardwareViewSchema = Type.Object(
  {
    part: Type.Enum([...HARDWARE_PARTS]),
    /** The first signs of its hash: enough to tell two apart on a page. */
    mark: Type.String(),
    standing: Type.Enum([...HARDWARE_STANDINGS]),
  },
  closed,
)

// GET /api/computers/:agent/identity
export const IdentityAnswerSchema = Type.Object(
  {
    /** Newest first. */
    certificates: Type.Array(CertificateSchema),
    /** Null where the agent has told none. */
    machine: nullable(
      Type.Object(
        {
          baselineAt: count,
          baselineFrom: Type.Union([Type.Literal('enrolment'), Type.Literal('first-hello')]),
          toldAt: count,
          facts: Type.Array(HardwareViewSchema),
        },
        closed,
      ),
    ),
    revocation: nullable(Type.Object({ at: count, account: Type.String(), reason: Type.String() }, closed)),
    /** Of this computer, newest first; the first one is in force. */
    enrolments: Type.Array(
      Type.Object({ agent: Type.String(), enrolledAt: count, retiredAt: nullable(count) }, closed),
    ),
  },
  closed,
)
export type IdentityAnswer = Static<typeof IdentityAnswerSchema>

// POST /api/computers/:agent/revocation
export const RevocationSchema = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: IDENTITY_REASON_MAX, pattern: '\\S' }) },
  closed,
)
export const RevocationAnswerSchema = Type.Object({ wasConnected: Type.Boolean() }, closed)
export type RevocationAnswer = Static<typeof RevocationAnswerSchema>

// POST /api/computers/:agent/enrolment: a token for this computer alone
export const EnrolAnewSchema = RevocationSchema

// GET /api/console-clock
export const ConsoleClockAnswerSchema = Type.Object(
  {
    nowMs: count,
    /** Newest first. */
    jumps: Type.Array(
      Type.Object(
        {
          at: count,
          byMs: Type.Integer(),
          found: Type.Union([Type.Literal('while-running'), Type.Literal('at-start')]),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type ConsoleClockAnswer = Static<typeof ConsoleClockAnswerSchema>
