/** What a form of an entry holds, and what is sent of it; and how two fillings-in of one entry become one. Pure. */
import type { Level } from '@shoukou/protocol/levels.ts'
import { tidyFields } from '../../ledger/check-entry.ts'
import type { Field, FieldValue, FieldValues, Kind } from '../../ledger/fields.ts'

export interface EntryForm {
  readonly number?: string
  readonly level: Level | null
  readonly department: string
  readonly custodian: string
  readonly officer?: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly reason: string
}

export interface EntryCore {
  readonly level: Level | null
  readonly department: string
  readonly custodian: string
  readonly fields: FieldValues
}

/** Returns what a form shows of an entry: lists as lines. */
export function formOf(kind: Kind, entry: EntryCore): Omit<EntryForm, 'reason'> {
  const { level, department, custodian, fields } = entry
  const shown = kind.fields.map((field) => [field.key, shownValue(field, fields[field.key] ?? null)])
  return { level, department, custodian, fields: Object.fromEntries(shown) as Record<string, unknown> }
}

/** Returns what is sent of a form, as it would be kept. */
export function coreOf(kind: Kind, form: EntryForm): EntryCore {
  const fields = Object.fromEntries(
    kind.fields.map((field) => [field.key, sentValue(field, form.fields[field.key])]),
  ) as Record<string, FieldValue>
  return {
    level: form.level ?? null,
    department: (form.department ?? '').trim(),
    custodian: (form.custodian ?? '').trim(),
    fields: tidyFields(kind, fields),
  }
}

/** A field that two people changed to two values since one of them began. */
export interface Clash {
  readonly key: string
  readonly mine: unknown
  readonly theirs: unknown
}

/**
 * Joins what I typed with what somebody else saved meanwhile: what only one of us changed is taken; where both did, mine stays
 * and is told.
 */
export function joinEntries(
  base: EntryCore,
  mine: EntryCore,
  theirs: EntryCore,
): { readonly joined: EntryCore; readonly clashes: readonly Clash[]; readonly taken: readonly Clash[] } {
  const clashes: Clash[] = []
  const taken: Clash[] = []
  const join = (key: string, [was, me, they]: readonly [unknown, unknown, unknown]): unknown => {
    if (isSame(they, was) || isSame(they, me)) return me
    const told = { key, mine: me ?? null, theirs: they ?? null }
    if (isSame(me, was)) {
      taken.push(told)
      return they
    }
    clashes.push(told)
    return me
  }
  const keys = new Set([base, mine, theirs].flatMap(({ fields }) => Object.keys(fields)))
  const fields = [...keys].map((key) => [
    key,
    join(key, [base.fields[key], mine.fields[key], theirs.fields[key]]),
  ])
  return {
    joined: {
      level: join('level', [base.level, mine.level, theirs.level]) as Level | null,
      department: join('department', [base.department, mine.department, theirs.department]) as string,
      custodian: join('custodian', [base.custodian, mine.custodian, theirs.custodian]) as string,
      fields: Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as FieldValues,
    },
    clashes,
    taken,
  }
}

function shownValue(field: Field, value: FieldValue): unknown {
  switch (field.type) {
    case 'list':
      return Array.isArray(value) ? value.join('\n') : ''
    case 'link':
      return Array.isArray(value) ? value : []
    case 'flag':
      return value === true
    case 'presence':
      return value ?? { is: undefined, date: null }
    case 'count':
      return value
    case 'text':
    case 'choice':
    case 'day':
    case 'level':
      return value ?? undefined
  }
}

function sentValue(field: Field, value: unknown): FieldValue {
  if (value === undefined || value === null) return null
  switch (field.type) {
    case 'list':
      return typeof value === 'string' ? value.split('\n') : []
    case 'link':
      return Array.isArray(value) ? value.map(String) : []
    case 'presence': {
      const { is, date } = value as { is?: 'present' | 'absent' | 'not-needed'; date?: string | null }
      return is === undefined ? null : { is, date: date === undefined || date === '' ? null : date }
    }
    case 'flag':
      return value === true
    case 'count':
      return typeof value === 'number' ? value : null
    case 'text':
    case 'choice':
    case 'day':
    case 'level':
      return typeof value === 'string' ? value : null
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}
