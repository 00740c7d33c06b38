/** The API's contract for signing in beyond name and password: one's own account, second factors, sessions, rules, USB keys. */
import { ROLES } from '@shoukou/protocol'
import { type Static, type TSchema, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const role = Type.Enum([...ROLES])
const password = Type.String({ minLength: 1, maxLength: 256 })
/** Six digits, or a recovery code. */
const code = Type.String({ minLength: 1, maxLength: 32 })
const reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })
const name = Type.String({ minLength: 1, maxLength: 64 })

/** What somebody shows at sign-in. */
export const SignInSchema = Type.Object(
  { name, password, /** Asked of everybody where anybody has one. */ code: Type.Optional(code) },
  closed,
)
export type SignIn = Static<typeof SignInSchema>

// GET /api/sign-in — before anybody is known, and the same for everybody
export const SignInFormSchema = Type.Object(
  {
    /** `none`: nobody here has a code. `all`: everybody must have one. */
    codes: Type.Enum(['none', 'some', 'all']),
    /** Of the shown certificate, where the browser shows one. */
    certificate: nullable(Type.String()),
  },
  closed,
)
export type SignInForm = Static<typeof SignInFormSchema>

/** Part of the session's answer: what is left to mend, and when the page locks. */
export const SignInStateSchema = Type.Object(
  {
    password: Type.Enum(['own', 'one-time', 'expired']),
    passwordEndsAt: count,
    passwordCharactersMin: count,
    /** What no password may hold. */
    passwordWords: Type.Array(Type.String()),
    secondFactor: Type.Enum(['none', 'in-use', 'to-set-up']),
    idleMs: count,
    warningMs: count,
  },
  closed,
)
export type SignInState = Static<typeof SignInStateSchema>

// GET /api/session/ended — why the session of this very cookie is over
export const SessionEndedSchema = Type.Object(
  { ending: nullable(Type.String()), endedAt: nullable(count) },
  closed,
)
export type SessionEnded = Static<typeof SessionEndedSchema>

// GET /api/account
export const OwnSessionSchema = Type.Object(
  {
    /** Begins the session's name: enough to tell two apart. */
    mark: Type.String(),
    isThis: Type.Boolean(),
    createdAt: count,
    lastUsedAt: count,
    address: Type.String(),
    /** As the browser called itself: hostile text. */
    browser: Type.String(),
    factors: Type.Array(Type.String()),
  },
  closed,
)
export type OwnSession = Static<typeof OwnSessionSchema>
export const CertificateItemSchema = Type.Object(
  {
    serial: Type.String(),
    account: Type.String(),
    fingerprint: Type.String(),
    issuedAt: count,
    issuedBy: Type.String(),
    reason: Type.String(),
    expiresAt: count,
    revokedAt: nullable(count),
    revokedBy: nullable(Type.String()),
    revokedWhy: nullable(Type.String()),
  },
  closed,
)
export type CertificateItem = Static<typeof CertificateItemSchema>
export const OwnAccountSchema = Type.Object(
  {
    name: Type.String(),
    role,
    createdAt: count,
    passwordAt: count,
    passwordEndsAt: count,
    passwordHoursMin: count,
    passwordsRemembered: count,
    secondFactor: Type.Object(
      { since: nullable(count), recoveryCodesLeft: count, isDemanded: Type.Boolean() },
      closed,
    ),
    certificates: Type.Array(CertificateItemSchema),
    isCertificateDemanded: Type.Boolean(),
    isOneSession: Type.Boolean(),
    sessions: Type.Array(OwnSessionSchema),
  },
  closed,
)
export type OwnAccount = Static<typeof OwnAccountSchema>

// POST /api/account/sessions/end — one of them, or all but this one; proved anew, as whoever found the page open can't
export const SESSION_MARK_DIGITS = 12
export const EndSessionsSchema = Type.Object(
  {
    password,
    code: Type.Optional(code),
    /** Left out: all but the one that asks. */
    mark: Type.Optional(Type.String({ pattern: '^[0-9a-f]{12}$' })),
  },
  closed,
)
export type EndSessions = Static<typeof EndSessionsSchema>
export const EndedSessionsSchema = Type.Object({ ended: count }, closed)
export type EndedSessions = Static<typeof EndedSessionsSchema>

// POST /api/account/second-factor, …/confirm, …/remove, …/recovery-codes
export const ProveSchema = Type.Object({ password, code: Type.Optional(code) }, closed)
export type Prove = Static<typeof ProveSchema>
export const ConfirmCodeSchema = Type.Object({ code }, closed)
export type ConfirmCode = Static<typeof ConfirmCodeSchema>
export const NewSecretSchema = Type.Object({ secret: Type.String(), address: Type.String() }, closed)
export type NewSecretAnswer = Static<typeof NewSecretSchema>
export const RecoveryCodesSchema = Type.Object({ recoveryCodes: Type.Array(Type.String()) }, closed)
export type RecoveryCodes = Static<typeof RecoveryCodesSchema>

// GET, PUT /api/sign-in-rules
const roles = Type.Array(role, { maxItems: ROLES.length, uniqueItems: true })
const small = Type.Integer({ minimum: 0, maximum: 10_000 })
/** The console checks the values against its level: what is weaker is refused with the setting's name. */
export const SignInRulesShape = Type.Object(
  {
    passwordCharactersMin: small,
    passwordDaysMax: small,
    passwordDaysMaxWithFactor: small,
    passwordHoursMin: small,
    passwordsRemembered: small,
    wrongTriesMax: small,
    lockMinutes: small,
    idleMinutes: small,
    sessionHours: small,
    /** Days that a wall display may last; 0: there are none. */
    wallDaysMax: small,
    isOneSession: Type.Boolean(),
    isAddressKept: Type.Boolean(),
    secondFactorRoles: roles,
    certificateRoles: roles,
  },
  closed,
)
export type SignInRulesValues = Static<typeof SignInRulesShape>
const bound = Type.Object({ key: Type.String(), min: count, max: count, source: Type.String() }, closed)
export const SignInRulesAnswerSchema = Type.Object(
  {
    /** 0 where nobody has set any: those of the level hold. */
    version: count,
    changedAt: nullable(count),
    changedBy: nullable(Type.String()),
    reason: nullable(Type.String()),
    rules: SignInRulesShape,
    /** What the level leaves open, and which rule it comes from. */
    numbers: Type.Array(bound),
    switches: Type.Array(
      Type.Object({ key: Type.String(), isDemanded: Type.Boolean(), source: Type.String() }, closed),
    ),
    roles: Type.Array(
      Type.Object({ key: Type.String(), demanded: Type.Array(role), source: Type.String() }, closed),
    ),
  },
  closed,
)
export type SignInRulesAnswer = Static<typeof SignInRulesAnswerSchema>
export const SignInRulesChangeSchema = Type.Object(
  { baseVersion: count, rules: SignInRulesShape, reason },
  closed,
)
export type SignInRulesChange = Static<typeof SignInRulesChangeSchema>

// GET /api/account-certificates, POST /api/account-certificates, POST /api/account-certificates/:serial/revoke
export const CertificatesAnswerSchema = Type.Object(
  { certificates: Type.Array(CertificateItemSchema) },
  closed,
)
export type CertificatesAnswer = Static<typeof CertificatesAnswerSchema>
export const NewCertificateSchema = Type.Object(
  { account: name, /** PKCS #10, PEM. */ request: Type.String({ minLength: 1, maxLength: 16_384 }), reason },
  closed,
)
export type NewCertificate = Static<typeof NewCertificateSchema>
export const NewCertificateAnswerSchema = Type.Object(
  { item: CertificateItemSchema, /** PEM. */ certificate: Type.String() },
  closed,
)
export type NewCertificateAnswer = Static<typeof NewCertificateAnswerSchema>
export const RevokeCertificateSchema = Type.Object({ reason }, closed)
export type RevokeCertificate = Static<typeof RevokeCertificateSchema>
