/** Labels and forms in print, as the API speaks of them. Part of the contract: see `contract.ts`. */
import { LEVELS } from '@shoukou/protocol'
import { type Static, Type } from 'typebox'
import { FORM_ENTRIES_MAX, FORM_NAMES } from '../ledger/form-parts.ts'
import { LABEL_SIZE_KEYS, LABELS_MAX } from '../ledger/label-layout.ts'
import { PRINT_KINDS } from '../ledger/print-mark.ts'

const closed = { additionalProperties: false } as const
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const number = Type.String({ minLength: 1, maxLength: 64 })
const reason = Type.String({ maxLength: 500 })
const kind = Type.Enum([...PRINT_KINDS])
const form = Type.Enum([...FORM_NAMES])
const what = Type.Enum(['labels', ...FORM_NAMES])

// GET /api/printable/:kind — entries to choose from: by numbers, or by the register's own filter
export const PrintableQuerySchema = Type.Object(
  {
    /** Comma-separated; instead of a filter. */
    numbers: Type.Optional(Type.String({ maxLength: 65 * LABELS_MAX })),
    state: Type.Optional(Type.String({ maxLength: 200 })),
    level: Type.Optional(Type.String({ maxLength: 100 })),
    department: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    custodian: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    computer: Type.Optional(number),
    search: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  closed,
)
export const PrintableSchema = Type.Object(
  {
    kind,
    number,
    level: nullable(Type.Enum([...LEVELS])),
    custodian: Type.String(),
    department: Type.String(),
    name: Type.String(),
    /** Labels of it that were printed so far. */
    copies: count,
  },
  closed,
)
export type Printable = Static<typeof PrintableSchema>
export const PrintableAnswerSchema = Type.Object(
  {
    entries: Type.Array(PrintableSchema),
    /** There are more than one printing takes. */
    isCut: Type.Boolean(),
    /** Numbers that were asked for and are in no register that is reached. */
    unknown: Type.Array(Type.String()),
  },
  closed,
)
export type PrintableAnswer = Static<typeof PrintableAnswerSchema>

const numbers = (maxItems: number) => Type.Array(number, { minItems: 1, maxItems, uniqueItems: true })

// POST /api/prints/labels — the answer is PrintAnswer
export const NewLabelsSchema = Type.Object(
  {
    kind,
    numbers: numbers(LABELS_MAX),
    size: Type.Enum([...LABEL_SIZE_KEYS]),
    start: Type.Integer({ minimum: 1, maximum: 100 }),
    /** Why once more: asked for where one of them was printed before. */
    reason,
  },
  closed,
)
export type NewLabels = Static<typeof NewLabelsSchema>

// POST /api/prints/forms/preview, POST /api/prints/forms
export const NewFormSchema = Type.Object({ form, kind, numbers: numbers(FORM_ENTRIES_MAX) }, closed)
export type NewForm = Static<typeof NewFormSchema>
export const FormPreviewSchema = Type.Object(
  {
    /** JSON: FormContent. */
    content: Type.String(),
  },
  closed,
)
export type FormPreview = Static<typeof FormPreviewSchema>

const item = Type.Object({ kind, number }, closed)
// GET /api/prints?kind=&number=&before=
export const PrintsQuerySchema = Type.Object(
  {
    kind: Type.Optional(kind),
    number: Type.Optional(number),
    before: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  closed,
)
export const PrintListItemSchema = Type.Object(
  {
    id: count,
    what,
    number: nullable(Type.String()),
    at: count,
    account: Type.String(),
    runs: count,
    lastAt: count,
    items: Type.Array(item),
    itemsTotal: count,
    isReturned: Type.Boolean(),
  },
  closed,
)
export type PrintListItem = Static<typeof PrintListItemSchema>
export const PrintsAnswerSchema = Type.Object(
  { prints: Type.Array(PrintListItemSchema), before: nullable(count) },
  closed,
)
export type PrintsAnswer = Static<typeof PrintsAnswerSchema>

// GET /api/prints/:id
export const PrintAnswerSchema = Type.Object(
  {
    id: count,
    what,
    number: nullable(Type.String()),
    /** JSON: LabelJob or FormContent, as it was printed. */
    content: Type.String(),
    /** Oldest first. */
    runs: Type.Array(
      Type.Object(
        {
          id: count,
          at: count,
          account: Type.String(),
          person: nullable(Type.String()),
          reason: Type.String(),
          items: Type.Array(Type.Object({ kind, number, copy: count }, closed)),
        },
        closed,
      ),
    ),
    returns: Type.Array(Type.Object({ at: count, account: Type.String(), place: Type.String() }, closed)),
    mayPrint: Type.Boolean(),
  },
  closed,
)
export type PrintAnswer = Static<typeof PrintAnswerSchema>

// POST /api/prints/:id/runs, POST /api/prints/:id/returns
export const PrintAgainSchema = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) }, closed)
export type PrintAgain = Static<typeof PrintAgainSchema>
export const PrintReturnSchema = Type.Object({ place: Type.String({ minLength: 1, maxLength: 200 }) }, closed)
export type PrintReturned = Static<typeof PrintReturnSchema>

// GET /api/prints/find?text= — what a scanner typed, or a number
export const FindQuerySchema = Type.Object({ text: Type.String({ minLength: 1, maxLength: 200 }) }, closed)
export const FoundAnswerSchema = Type.Object({ print: nullable(count), entries: Type.Array(item) }, closed)
export type FoundAnswer = Static<typeof FoundAnswerSchema>

// GET /api/form-numbers, PUT /api/form-numbers
export const FormPatternSchema = Type.Object({ pattern: Type.String(), version: count }, closed)
export type FormPatternAnswer = Static<typeof FormPatternSchema>
export const FormPatternChangeSchema = Type.Object(
  {
    baseVersion: count,
    pattern: Type.String({ minLength: 1, maxLength: 64 }),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  },
  closed,
)
