/**
 * The registers, departments and patterns of numbers, as the API speaks of them. Part of the contract: see `contract.ts`.
 *
 * What fields an entry of a kind has is in `console/ledger`: page and server read the same definition.
 */
import { LEVELS } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { LEDGER_KINDS } from '../ledger/fields.ts'
import { PATTERN_KINDS } from '../ledger/number-pattern.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const number = Type.String({ minLength: 1, maxLength: 64 })
const words = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const level = Type.Enum([...LEVELS])
const name = Type.String({ maxLength: 100 })
/** Why: part of every change's history. */
const reason = words(500)
const code = Type.String({ minLength: 1, maxLength: 16, pattern: '^[A-Za-z0-9]+$' })

export const LedgerKindSchema = Type.Enum([...LEDGER_KINDS])

/** One value of a kind's own field: which of these a field takes, its definition says. */
const value = Type.Union([
  Type.String({ maxLength: 4_000 }),
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  Type.Boolean(),
  Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 }),
  Type.Object(
    {
      is: Type.Enum(['present', 'absent', 'not-needed']),
      date: nullable(Type.String({ maxLength: 10 })),
    },
    closed,
  ),
  Type.Null(),
])
export const LedgerFieldsSchema = Type.Record(Type.String({ pattern: '^[a-zA-Z]{1,40}$' }), value, {
  maxProperties: 60,
})
export type LedgerFieldsAnswer = Static<typeof LedgerFieldsSchema>

// GET /api/registers/:kind
export const RegisterQuerySchema = Type.Object(
  {
    /** Comma-separated. */
    state: Type.Optional(Type.String({ maxLength: 200 })),
    level: Type.Optional(Type.String({ maxLength: 100 })),
    /** A department's name; with all below it. */
    department: Type.Optional(words(100)),
    /** Exactly. */
    custodian: Type.Optional(words(100)),
    search: Type.Optional(words(100)),
    sort: Type.Optional(Type.Enum(['number', 'changed'])),
    order: Type.Optional(Type.Enum(['asc', 'desc'])),
    /** `next` of the page before. */
    after: Type.Optional(Type.String({ maxLength: 200 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  },
  closed,
)
export const LedgerEntrySchema = Type.Object(
  {
    kind: LedgerKindSchema,
    number,
    state: Type.String(),
    level: nullable(level),
    department: Type.String(),
    custodian: Type.String(),
    fields: LedgerFieldsSchema,
    version: count,
    createdAt: count,
    createdBy: Type.String(),
    changedAt: count,
  },
  closed,
)
export type LedgerEntry = Static<typeof LedgerEntrySchema>
export const RegisterAnswerSchema = Type.Object(
  {
    entries: Type.Array(LedgerEntrySchema),
    /** Null: that was the last page. */
    next: nullable(Type.String()),
    /** Of all that the filter finds; counted no further than `countedTo`. */
    total: count,
    countedTo: count,
  },
  closed,
)
export type RegisterAnswer = Static<typeof RegisterAnswerSchema>

// GET /api/registers/:kind/:number
export const LedgerEventSchema = Type.Object(
  {
    at: count,
    account: Type.String(),
    kind: Type.Enum(['registered', 'imported', 'changed', 'state-changed', 'handed-over']),
    /** JSON of what differed: field → [before, after]. */
    changes: Type.String(),
    reason: Type.String(),
  },
  closed,
)
export type LedgerEvent = Static<typeof LedgerEventSchema>
const signature = nullable(
  Type.Object(
    { at: count, account: Type.String(), person: Type.String(), paper: nullable(Type.String()) },
    closed,
  ),
)
export const HandoverSchema = Type.Object(
  {
    id: count,
    giver: Type.String(),
    receiver: Type.String(),
    department: Type.String(),
    reason: Type.String(),
    askedAt: count,
    askedBy: Type.String(),
    given: signature,
    received: signature,
    endedAt: nullable(count),
    end: nullable(Type.Enum(['done', 'withdrawn'])),
  },
  closed,
)
export type Handover = Static<typeof HandoverSchema>
/** One printing of an entry's label, or of a form with it. */
export const PrintingSchema = Type.Object(
  {
    print: count,
    /** `labels`, or a form's name. */
    what: Type.String(),
    number: nullable(Type.String()),
    copy: count,
    at: count,
    account: Type.String(),
    reason: Type.String(),
  },
  closed,
)
export type Printing = Static<typeof PrintingSchema>
export const LedgerEntryAnswerSchema = Type.Object(
  {
    entry: LedgerEntrySchema,
    history: Type.Array(LedgerEventSchema),
    /** Newest first; none for whoever may not see what was printed. */
    printings: Type.Array(PrintingSchema),
    /** Entries that name this one. */
    namedBy: Type.Array(
      Type.Object({ kind: LedgerKindSchema, number, field: Type.String(), state: Type.String() }, closed),
    ),
    handovers: Type.Array(HandoverSchema),
    /** Of a computer: the agent that runs on it, by number or as a person said. */
    agent: nullable(Type.String()),
    /** Whether whoever asks may change it, and may take its steps. */
    mayChange: Type.Boolean(),
    mayKeep: Type.Boolean(),
  },
  closed,
)
export type LedgerEntryAnswer = Static<typeof LedgerEntryAnswerSchema>

// POST /api/registers/:kind — registers one; the answer is LedgerEntryAnswer
const core = { level: nullable(level), department: name, custodian: name, fields: LedgerFieldsSchema }
export const NewLedgerEntrySchema = Type.Object(
  {
    /** Left out: the next by the unit's pattern. */
    number: Type.Optional(number),
    ...core,
    reason,
  },
  closed,
)
export type NewLedgerEntry = Static<typeof NewLedgerEntrySchema>

// PUT /api/registers/:kind/:number
export const LedgerEntryChangeSchema = Type.Object(
  {
    baseVersion: count,
    ...core,
    /** Number of the classification officer who set another level; left out: whoever is signed in. */
    officer: Type.Optional(number),
    reason,
  },
  closed,
)
export type LedgerEntryChange = Static<typeof LedgerEntryChangeSchema>

// POST /api/registers/:kind/:number/state
export const LedgerStepSchema = Type.Object(
  {
    baseVersion: count,
    state: Type.String({ minLength: 1, maxLength: 40 }),
    /** What the step asks for. */
    fields: LedgerFieldsSchema,
    reason,
  },
  closed,
)
export type LedgerStep = Static<typeof LedgerStepSchema>

// GET /api/registers/:kind/next-number?level=&department=
export const NextNumberQuerySchema = Type.Object(
  { level: Type.Optional(level), department: Type.Optional(words(100)) },
  closed,
)
export const NextNumberAnswerSchema = Type.Object({ number: Type.String() }, closed)
export type NextNumberAnswer = Static<typeof NextNumberAnswerSchema>

// POST /api/registers/carriers/:number/handovers, …/handovers/:id/sign, …/handovers/:id/withdraw
export const NewHandoverSchema = Type.Object({ receiver: words(100), department: words(100), reason }, closed)
export type NewHandover = Static<typeof NewHandoverSchema>
export const HandoverSignSchema = Type.Object(
  {
    side: Type.Enum(['given', 'received']),
    /** Signed on paper: the form's number, kept by who writes it down here. Null: signed in this session. */
    paper: nullable(words(64)),
  },
  closed,
)
export type HandoverSign = Static<typeof HandoverSignSchema>

// GET /api/registers/computers/:number/measured
export const DIFFERENCE_KINDS = [
  'disk-missing',
  'disk-unknown',
  'card-missing',
  'card-unknown',
  'level',
  'network-mode',
  'os',
  'hardware-changed',
] as const
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number]
export const MeasuredAnswerSchema = Type.Object(
  {
    number,
    /** Null: no agent runs under this number. */
    agent: nullable(Type.String()),
    /** How the agent was found: by its number, or because a person said so. */
    linkedBy: nullable(Type.Enum(['number', 'person'])),
    /** When the computer last told of itself. */
    measuredAt: nullable(count),
    rows: Type.Array(
      Type.Object(
        {
          /** A field's key. */
          field: Type.String(),
          registered: Type.Array(Type.String()),
          /** Null: the agent tells nothing of it. */
          measured: nullable(Type.Array(Type.String())),
        },
        closed,
      ),
    ),
    differences: Type.Array(
      Type.Object(
        {
          kind: Type.Enum([...DIFFERENCE_KINDS]),
          field: Type.String(),
          registered: nullable(Type.String()),
          measured: nullable(Type.String()),
          /** Since when it is known to be so. */
          since: nullable(count),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type MeasuredAnswer = Static<typeof MeasuredAnswerSchema>

// GET /api/registers/unfiled — computers with an agent and without a filing
export const UnfiledAnswerSchema = Type.Object(
  {
    computers: Type.Array(
      Type.Object(
        {
          agent: Type.String(),
          number: Type.String(),
          hostname: Type.String(),
          enrolledAt: count,
          /** `none`: no entry; else the entry's state. */
          state: Type.String(),
          /** Enrolled before the register had its first entry: a finding, and no violation. */
          isBefore: Type.Boolean(),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type UnfiledAnswer = Static<typeof UnfiledAnswerSchema>

// GET /api/computers/:agent/register-entry
export const AgentRegisterAnswerSchema = Type.Object(
  {
    /** Null: the register has no entry of it. */
    number: nullable(Type.String()),
    state: nullable(Type.String()),
    linkedBy: Type.Enum(['number', 'person']),
    isFiled: Type.Boolean(),
  },
  closed,
)
export type AgentRegisterAnswer = Static<typeof AgentRegisterAnswerSchema>

// POST /api/computers/:agent/register-link
export const RegisterLinkSchema = Type.Object({ number: nullable(number), reason }, closed)
export type RegisterLink = Static<typeof RegisterLinkSchema>
export const RegisterLinkAnswerSchema = Type.Object({ number: nullable(Type.String()) }, closed)
export type RegisterLinkAnswer = Static<typeof RegisterLinkAnswerSchema>

// GET /api/department-tree, POST /api/department-tree, PUT|DELETE /api/department-tree/:department
export const DepartmentSchema = Type.Object(
  {
    code,
    name: words(100),
    parent: nullable(code),
    isKey: Type.Boolean(),
    head: name,
    version: count,
    changedAt: count,
  },
  closed,
)
export type Department = Static<typeof DepartmentSchema>
export const DepartmentTreeAnswerSchema = Type.Object(
  {
    departments: Type.Array(DepartmentSchema),
    /** Names that computers, media or accounts are given to, and the tree does not have. */
    unlisted: Type.Array(Type.String()),
  },
  closed,
)
export type DepartmentTreeAnswer = Static<typeof DepartmentTreeAnswerSchema>
const department = { name: words(100), parent: nullable(code), isKey: Type.Boolean(), head: name, reason }
export const NewDepartmentSchema = Type.Object({ code, ...department }, closed)
export type NewDepartment = Static<typeof NewDepartmentSchema>
export const DepartmentChangeSchema = Type.Object({ baseVersion: count, ...department }, closed)
export type DepartmentChange = Static<typeof DepartmentChangeSchema>
export const DepartmentRemovalSchema = Type.Object({ baseVersion: count, reason }, closed)
export type DepartmentRemoval = Static<typeof DepartmentRemovalSchema>

// GET /api/number-patterns, PUT /api/number-patterns/:kind
export const NumberPatternsAnswerSchema = Type.Object(
  {
    patterns: Type.Array(
      Type.Object(
        {
          kind: Type.Enum([...PATTERN_KINDS]),
          pattern: Type.String(),
          /** Not the unit's own: what the register begins with. */
          isDefault: Type.Boolean(),
          version: count,
          next: Type.String(),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type NumberPatternsAnswer = Static<typeof NumberPatternsAnswerSchema>
export const NumberPatternChangeSchema = Type.Object(
  { baseVersion: count, pattern: words(64), reason },
  closed,
)
export type NumberPatternChange = Static<typeof NumberPatternChangeSchema>
