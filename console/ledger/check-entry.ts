/**
 * What is wrong with what somebody filled in, field by field: the same answer in the form and at the server. Pure.
 *
 * What needs a look elsewhere (whether a department exists, who may be given a secret computer) is `workflows/registers`.
 */

import { LEVELS, type Level, levelRank } from '@shoukou/protocol/levels.ts'
import {
  type Draft,
  type Field,
  type FieldValue,
  type FieldValues,
  isEmpty,
  type Kind,
  PRESENCES,
  type Presence,
  stateOf,
  stepBetween,
  valueIn,
} from './fields.ts'

export const FAULT_CODES = [
  'missing',
  'too-long',
  'too-many',
  'control-characters',
  'not-a-day',
  'not-a-choice',
  'not-a-count',
  'not-a-mac',
  'not-a-number',
  'wrong-type',
  'unknown-field',
  'level-not-allowed',
  'unknown-department',
  'unknown-entry',
  'not-serving',
  'tier-too-low',
  'temporary-staff',
  'not-trained',
  'no-undertaking',
  'before-start',
  'still-held',
  'names-itself',
  'custodian-by-handover',
] as const
export type FaultCode = (typeof FAULT_CODES)[number]

export interface Fault {
  /** A field's key, own or core. */
  readonly field: string
  readonly code: FaultCode
}

const coreTextMax = 100
const numberForm = /^[\p{L}\p{N}][\p{L}\p{N}._/()()〔〕-]{0,63}$/u
/** Stand beside the entries' own addresses. */
const takenNumbers = new Set(['next-number', 'template.xlsx', 'export.xlsx', 'import'])
const macForm = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/
// oxlint-disable-next-line no-control-regex
const controlCharacters =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0080-\u009f\u202a-\u202e\u2066-\u2069]/u

/** Returns a number as it is kept: full-width letters and digits, which an input method types, are the plain ones. */
export function plainNumber(text: string): string {
  return text.normalize('NFKC').trim()
}

/** Reports whether a text may be an entry's number. */
export function isEntryNumber(text: string): boolean {
  return numberForm.test(text) && !takenNumbers.has(text.toLowerCase())
}

/**
 * Returns fields as they are kept: without blanks around them, empty ones left out, MAC addresses written one way. What is of a
 * wrong type is left as it is, to be refused.
 */
export function tidyFields(kind: Kind, fields: FieldValues): FieldValues {
  const known = new Map(kind.fields.map((field) => [field.key, field]))
  const tidied = Object.entries(fields).map(([key, value]) => {
    const field = known.get(key)
    return [key, field === undefined ? value : tidy(field, value)] as const
  })
  return Object.fromEntries(tidied.filter(([, value]) => !isEmpty(value) && value !== false))
}

/** Returns everything that is wrong with an entry in its state, in the order of the form. */
export function checkEntry(kind: Kind, draft: Draft): readonly Fault[] {
  const known = new Set(kind.fields.map(({ key }) => key))
  return [
    ...checkCore(kind, draft),
    ...Object.keys(draft.fields)
      .filter((key) => !known.has(key))
      .map((field): Fault => ({ field, code: 'unknown-field' })),
    ...kind.fields.flatMap((field) => checkField(field, draft)),
    ...checkDays(draft),
  ]
}

/** Returns what keeps an entry from a step; null where the kind has no such step. */
export function checkStep(kind: Kind, draft: Draft, to: string): readonly Fault[] | null {
  const step = stepBetween(kind, draft.state, to)
  if (step === null) return null
  const lacking = step.needs
    .filter((key) => isEmpty(valueIn(draft, key)))
    .map((field): Fault => ({ field, code: 'missing' }))
  const after = checkEntry(kind, { ...draft, state: to })
  return [...lacking, ...after.filter((one) => !lacking.some(({ field }) => field === one.field))]
}

/** Reports whether a text is a day of the calendar: `2026-02-29` is none. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

/** Returns what differs between two entries, field by field, with both values: own and core ones. */
export function changesBetween(
  before: Pick<Draft, 'level' | 'department' | 'custodian' | 'fields'> | null,
  after: Pick<Draft, 'level' | 'department' | 'custodian' | 'fields'>,
): Readonly<Record<string, readonly [FieldValue, FieldValue]>> {
  const flat = (of: typeof before): FieldValues =>
    of === null ? {} : { level: of.level, department: of.department, custodian: of.custodian, ...of.fields }
  const [was, is] = [flat(before), flat(after)]
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])]
  return Object.fromEntries(
    keys
      .filter((key) => JSON.stringify(was[key] ?? null) !== JSON.stringify(is[key] ?? null))
      .map((key) => [key, [was[key] ?? null, is[key] ?? null] as const]),
  )
}

function checkCore(kind: Kind, { number, level, department, custodian, state }: Draft): Fault[] {
  const faults: Fault[] = []
  stateOf(kind, state)
  if (number !== '' && !isEntryNumber(number)) faults.push({ field: 'number', code: 'not-a-number' })
  if (!kind.levels.includes(level))
    faults.push({ field: 'level', code: level === null ? 'missing' : 'level-not-allowed' })
  for (const [field, text] of [
    ['department', department],
    ['custodian', custodian],
  ] as const) {
    if (text.length > coreTextMax) faults.push({ field, code: 'too-long' })
    else if (controlCharacters.test(text)) faults.push({ field, code: 'control-characters' })
  }
  if (department === '') faults.push({ field: 'department', code: 'missing' })
  if (custodian === '' && kind.custodian === 'person') faults.push({ field: 'custodian', code: 'missing' })
  return faults
}

function checkField(field: Field, draft: Draft): Fault[] {
  const value = draft.fields[field.key] ?? null
  const { requiredIn } = field
  if (isEmpty(value)) {
    const isRequired = requiredIn === 'always' || requiredIn?.includes(draft.state) === true
    return isRequired ? [{ field: field.key, code: 'missing' }] : []
  }
  const code = faultOf(field, value)
  return code === null ? [] : [{ field: field.key, code }]
}

function faultOf(field: Field, value: FieldValue): FaultCode | null {
  switch (field.type) {
    case 'text':
      return typeof value === 'string' ? textFault(value, field.max) : 'wrong-type'
    case 'choice':
      return field.options.some((one) => one.value === value) ? null : 'not-a-choice'
    case 'flag':
      return typeof value === 'boolean' ? null : 'wrong-type'
    case 'day':
      return typeof value === 'string' && isDay(value) ? null : 'not-a-day'
    case 'count':
      return typeof value === 'number' && Number.isInteger(value) && value >= field.min && value <= field.max
        ? null
        : 'not-a-count'
    case 'list':
      return listFault(field, value)
    case 'presence':
      return presenceFault(value)
    case 'level':
      return LEVELS.some((one) => one === value) && levelRank(value as Level) >= levelRank(field.from)
        ? null
        : 'not-a-choice'
    case 'link':
      if (!isTexts(value)) return 'wrong-type'
      if (value.length > field.itemsMax) return 'too-many'
      return value.every(isEntryNumber) ? null : 'not-a-number'
  }
}

function textFault(text: string, max: number): FaultCode | null {
  if (text.length > max) return 'too-long'
  return controlCharacters.test(text) ? 'control-characters' : null
}

function listFault(field: Extract<Field, { type: 'list' }>, value: FieldValue): FaultCode | null {
  if (!isTexts(value)) return 'wrong-type'
  if (value.length > field.itemsMax) return 'too-many'
  if (field.form === 'mac') return value.every((one) => macForm.test(one)) ? null : 'not-a-mac'
  if (field.form === 'day') return value.every(isDay) ? null : 'not-a-day'
  return value.map((one) => textFault(one, field.max)).find((code) => code !== null) ?? null
}

function presenceFault(value: FieldValue): FaultCode | null {
  if (!isPresence(value)) return 'wrong-type'
  if (!PRESENCES.includes(value.is)) return 'not-a-choice'
  return value.date === null || isDay(value.date) ? null : 'not-a-day'
}

/** Days that may not lie before others. */
const dayOrder: readonly (readonly [string, string])[] = [
  ['leftOn', 'coolingOffUntil'],
  ['onPostSince', 'departedOn'],
  ['startedOn', 'endedOn'],
  ['receivedOn', 'endedOn'],
]

function checkDays({ fields }: Draft): Fault[] {
  return dayOrder.flatMap(([first, then]): Fault[] => {
    const [a, b] = [fields[first], fields[then]]
    return typeof a === 'string' && typeof b === 'string' && isDay(a) && isDay(b) && b < a
      ? [{ field: then, code: 'before-start' }]
      : []
  })
}

function tidy(field: Field, value: FieldValue): FieldValue {
  switch (field.type) {
    case 'text':
    case 'day':
      return typeof value === 'string' ? value.normalize('NFC').trim() : value
    case 'list': {
      if (!isTexts(value)) return value
      const items = value.map((one) => one.normalize('NFC').trim()).filter((one) => one !== '')
      return unique(field.form === 'mac' ? items.map(plainMac) : items)
    }
    case 'link':
      return isTexts(value) ? unique(value.map(plainNumber).filter((one) => one !== '')) : value
    case 'choice':
    case 'flag':
    case 'count':
    case 'presence':
    case 'level':
      return value
  }
}

/** Returns a MAC address as it is kept; what is none stays as it is. */
export function plainMac(text: string): string {
  const digits = text
    .normalize('NFKC')
    .replaceAll(/[\s:.-]/g, '')
    .toLowerCase()
  if (!/^[0-9a-f]{12}$/.test(digits)) return text
  return (digits.match(/../g) ?? []).join(':')
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)]
}

export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

export function isPresence(value: unknown): value is Presence {
  return typeof value === 'object' && value !== null && 'is' in value && 'date' in value
}
