/**
 * The fields that an entry of a register may have: how each kind of field is bounded, worded and asked for. Pure, and free of
 * the server's libraries: pages draw their forms by it.
 */
import type { Level } from '@shoukou/protocol/levels.ts'

/** The address of a register, and the name of its kind of entry. */
export const LEDGER_KINDS = ['computers', 'machines', 'people', 'carriers'] as const
export type LedgerKindName = (typeof LEDGER_KINDS)[number]

export interface Words {
  readonly zh: string
  readonly en: string
}

export const PRESENCES = ['present', 'absent', 'not-needed'] as const
/** What a check-list says of one thing, and since which day. */
export interface Presence {
  readonly is: (typeof PRESENCES)[number]
  /** `2026-03-01`; null: not written down. */
  readonly date: string | null
}

/** Null: nothing is written there. Days are `YYYY-MM-DD`; links are numbers of entries. */
export type FieldValue = string | number | boolean | readonly string[] | Presence | null
export type FieldValues = Readonly<Record<string, FieldValue>>

export interface Option {
  readonly value: string
  readonly words: Words
}

export type FieldType =
  | { readonly type: 'text'; readonly max: number; readonly isLong?: boolean; readonly isCode?: boolean }
  | { readonly type: 'choice'; readonly options: readonly Option[] }
  | { readonly type: 'flag' }
  | { readonly type: 'day' }
  | { readonly type: 'count'; readonly min: number; readonly max: number }
  /** `mac`: six pairs of hexadecimal digits, kept in small letters with colons. */
  | {
      readonly type: 'list'
      readonly max: number
      readonly itemsMax: number
      readonly form: 'text' | 'code' | 'mac' | 'day'
    }
  | { readonly type: 'presence' }
  | { readonly type: 'level'; readonly from: Level }
  /** Numbers of entries of another register. */
  | { readonly type: 'link'; readonly to: LedgerKindName; readonly itemsMax: number }

export type Field = FieldType & {
  readonly key: string
  readonly words: Words
  /** Which part of the form it stands in. */
  readonly group: string
  /** States in which it may not be empty; left out: it may always. */
  readonly requiredIn?: 'always' | readonly string[]
  readonly hint?: Words
}

/** What every entry has, beside its kind's own fields. */
export const CORE_FIELDS = ['number', 'level', 'department', 'custodian', 'state'] as const
export type CoreField = (typeof CORE_FIELDS)[number]

export interface Step {
  readonly to: string
  /** Fields, own or core, that must be filled in before it. */
  readonly needs: readonly string[]
  /** Fields that whoever takes the step is asked for. */
  readonly asks: readonly string[]
}

export interface State {
  readonly key: string
  readonly words: Words
  readonly steps: readonly Step[]
  /** Nothing changes any more. */
  readonly isClosed?: boolean
}

/** One column of a spreadsheet: a field, own or core, under the name that offices write. */
export interface Column {
  readonly key: string
  readonly words: Words
}

export interface Kind {
  readonly name: LedgerKindName
  /** The register, and one of its entries. */
  readonly words: Words
  readonly one: Words
  /** What the number is called, the level, the custodian. A register without a level of its own entries says null. */
  readonly coreWords: Readonly<Record<CoreField, Words>>
  readonly groups: readonly { readonly key: string; readonly words: Words }[]
  readonly fields: readonly Field[]
  /** The first is where an entry begins. */
  readonly states: readonly State[]
  /** The pattern of its numbers until the unit sets its own: see `number-pattern.ts`. */
  readonly pattern: string
  /** Levels that an entry may have; null among them: none. */
  readonly levels: readonly (Level | null)[]
  /** The custodian is named by an entry of the people's register, or by name alone; `self`: it is a person itself. */
  readonly custodian: 'person' | 'self'
  /** Fields shown in the list, beside number, level, state, department, custodian. */
  readonly listed: readonly string[]
  /** A spreadsheet's columns, in the order in which offices keep them. */
  readonly columns: readonly Column[]
}

/** An entry as its rules see it. */
export interface Draft {
  readonly number: string
  readonly level: Level | null
  readonly department: string
  readonly custodian: string
  readonly state: string
  readonly fields: FieldValues
}

/** Returns a state of a kind. Throws RangeError where it has no such state. */
export function stateOf(kind: Kind, key: string): State {
  const state = kind.states.find((one) => one.key === key)
  if (state === undefined) throw new RangeError(`${kind.name} have no state ${key}`)
  return state
}

/** Returns the step from one state to another; null where it may not be taken. */
export function stepBetween(kind: Kind, from: string, to: string): Step | null {
  return stateOf(kind, from).steps.find((one) => one.to === to) ?? null
}

/** Reports whether nothing is written there. */
export function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Returns what stands in a field of an entry, own or core. */
export function valueIn(draft: Draft, key: string): FieldValue {
  if (key === 'number' || key === 'level' || key === 'department' || key === 'custodian' || key === 'state')
    return draft[key]
  return draft.fields[key] ?? null
}
