/** Accounts, departments and acts of two people, as the API speaks of them. Part of the contract: see `contract.ts`. */
import { ROLES, TWO_PERSON_ACTS } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const words = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' })
const role = Type.Enum([...ROLES])
const bilingual = Type.Object({ zh: Type.String(), en: Type.String() }, closed)
/** Why: part of every act's history. */
const reason = words(500)
const department = words(100)
export const ACT_KINDS = Object.keys(TWO_PERSON_ACTS) as (keyof typeof TWO_PERSON_ACTS)[]

// GET /api/accounts
export const AccountItemSchema = Type.Object(
  {
    name: Type.String(),
    role,
    /** The human being; null: not named yet, so no second person. */
    person: nullable(Type.String()),
    department: nullable(Type.String()),
    /** `waiting`: a second person must agree to its role. */
    state: Type.Enum(['active', 'disabled', 'waiting']),
    mustChangePassword: Type.Boolean(),
    lockedUntil: nullable(count),
    createdAt: count,
  },
  closed,
)
export type AccountItem = Static<typeof AccountItemSchema>
export const AccountsAnswerSchema = Type.Object({ accounts: Type.Array(AccountItemSchema) }, closed)
export type AccountsAnswer = Static<typeof AccountsAnswerSchema>

// GET /api/accounts/:name/history
export const AccountHistorySchema = Type.Object(
  {
    events: Type.Array(
      Type.Object(
        {
          at: count,
          /** Empty: the console itself, at its first start. */
          by: Type.String(),
          kind: Type.Enum(['made', 'disabled', 'enabled', 'role', 'person']),
          /** JSON of what differed: field → [before, after]. */
          changes: Type.String(),
          reason: Type.String(),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type AccountHistory = Static<typeof AccountHistorySchema>

// POST /api/accounts
export const NewAccountSchema = Type.Object(
  {
    name: Type.String({ minLength: 2, maxLength: 64, pattern: '^[\\p{L}\\p{N}][\\p{L}\\p{N}._-]*$' }),
    role,
    /** Name or staff number of the human being. */
    person: words(100),
    /** Where the role sees one department alone. */
    department: nullable(department),
    reason,
  },
  closed,
)
export type NewAccount = Static<typeof NewAccountSchema>
/** `password` is one-time, and in no other answer ever. `proposal`: what a second person must agree to first. */
export const NewAccountAnswerSchema = Type.Object(
  { account: AccountItemSchema, password: Type.String(), proposal: nullable(count) },
  closed,
)
export type NewAccountAnswer = Static<typeof NewAccountAnswerSchema>

// POST /api/accounts/:name/disable, POST /api/accounts/:name/enable
export const ReasonSchema = Type.Object({ reason }, closed)
// POST /api/accounts/:name/person — once, where nobody is named
export const PersonSchema = Type.Object({ person: words(100), reason }, closed)
// POST /api/accounts/:name/role — asks; the answer is a ProposalAnswer
export const RoleChangeSchema = Type.Object({ role, department: nullable(department), reason }, closed)
export type RoleChange = Static<typeof RoleChangeSchema>

// GET /api/departments — those that computers and media are given to
export const DepartmentsAnswerSchema = Type.Object({ departments: Type.Array(Type.String()) }, closed)
// PUT /api/computers/:agent/department — the answer is a Computer
export const DepartmentSchema = Type.Object({ department: nullable(department), reason }, closed)

// GET /api/acts?state=open|decided&before=&limit=
export const ActsQuerySchema = Type.Object(
  {
    state: Type.Optional(Type.Enum(['open', 'decided'])),
    before: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  closed,
)
export const ActItemSchema = Type.Object(
  {
    id: count,
    act: Type.Enum([...ACT_KINDS]),
    /** What will happen, and to whom. */
    words: bilingual,
    object: Type.String(),
    /** JSON, as it was asked and will be carried out. */
    payload: Type.String(),
    /** SHA-256 of all that is agreed to: an agreement names it. */
    hash: Type.String(),
    reason: Type.String(),
    askedBy: Type.String(),
    person: Type.String(),
    askedAt: count,
    expiresAt: count,
    decision: nullable(
      Type.Object(
        {
          kind: Type.Enum(['agreed', 'refused', 'withdrawn', 'expired', 'outdated']),
          at: count,
          /** Empty: the console itself. */
          by: Type.String(),
          person: Type.String(),
          reason: Type.String(),
        },
        closed,
      ),
    ),
    outcome: nullable(
      Type.Object({ at: count, result: Type.Enum(['done', 'failed']), detail: Type.String() }, closed),
    ),
    /** What whoever asks may do with it now, and why not agree. */
    may: Type.Object({ agree: Type.Boolean(), refuse: Type.Boolean(), withdraw: Type.Boolean() }, closed),
    whyNot: nullable(Type.Enum(['not-permitted', 'own-wish', 'no-person', 'same-person', 'decided'])),
  },
  closed,
)
export type ActItem = Static<typeof ActItemSchema>
/** `waiting`: how many wait for whoever asks. */
export const ActsAnswerSchema = Type.Object(
  { acts: Type.Array(ActItemSchema), nextBefore: nullable(count), waiting: count },
  closed,
)
export type ActsAnswer = Static<typeof ActsAnswerSchema>

// POST /api/acts/:id/agree — the answer is the act, with what came of it
export const AgreementSchema = Type.Object(
  {
    hash: Type.String({ minLength: 64, maxLength: 64, pattern: '^[0-9a-f]{64}$' }),
    reason: Type.String({ maxLength: 500 }),
  },
  closed,
)
export type Agreement = Static<typeof AgreementSchema>
// POST /api/acts/:id/refuse, POST /api/acts/:id/withdraw take a ReasonSchema

/** What was asked for, by number; where it waits for a second person. */
export const ProposalAnswerSchema = Type.Object({ proposal: count, expiresAt: count }, closed)
export type ProposalAnswer = Static<typeof ProposalAnswerSchema>
