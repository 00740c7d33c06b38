/** What forms to be signed are made of, as the page lays them out and as they are kept. Pure. */
import type { Words } from './fields.ts'
import type { PrintKind } from './print-mark.ts'

export const FORM_NAMES = ['filing', 'loan', 'repair', 'inspection', 'destruction', 'hand-over'] as const
export type FormName = (typeof FORM_NAMES)[number]

/** A value is printed; null is a blank to be filled in by hand; a choice is ticked by hand. */
export type FormCell =
  | { readonly words: Words; readonly value: string | null; readonly isWide?: boolean }
  | { readonly words: Words; readonly options: readonly Words[]; readonly isWide?: boolean }

export type FormPart =
  /** Pairs of name and value, two in a row. */
  | { readonly part: 'cells'; readonly title: Words | null; readonly cells: readonly FormCell[] }
  /** One row an entry, then rows to be filled in by hand. `shares`: of the width, together 100. */
  | {
      readonly part: 'table'
      readonly title: Words
      readonly columns: readonly { readonly words: Words; readonly share: number }[]
      readonly rows: readonly (readonly string[])[]
      readonly blankRows: number
    }
  /** Room to write in. */
  | { readonly part: 'lines'; readonly title: Words; readonly lines: number }
  /** Places to sign, each with its date; two or three in a row. `opinion`: with room for what is said. */
  | {
      readonly part: 'signatures'
      readonly title: Words
      readonly isOpinion: boolean
      readonly places: readonly Words[]
    }

/** A form as it was printed: kept whole, so that it is printed again as it was. Its number stands beside it. */
export interface FormContent {
  readonly form: FormName
  readonly title: Words
  readonly unit: string
  /** `2026年3月1日`. */
  readonly date: string
  readonly parts: readonly FormPart[]
  /** By which law and article, and the unit's own rule. */
  readonly basis: string
  /** What whoever signs has to know. */
  readonly notes: readonly Words[]
}

/** An entry of a register, or a medium, as forms see it. Values are words already. */
export interface FormEntry {
  readonly kind: PrintKind
  readonly number: string
  readonly level: string
  readonly department: string
  readonly custodian: string
  /** What it is: kind, brand and model, or a carrier's name. */
  readonly name: string
  readonly state: string
  /** Own fields by key, as text. */
  readonly fields: Readonly<Record<string, string>>
}

/** Entries of one form: more go on the next one. */
export const FORM_ENTRIES_MAX = 100
