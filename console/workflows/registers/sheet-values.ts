/**
 * What a field of a register looks like in a cell, and what a cell says of a field: words in Chinese and English. Pure.
 *
 * What is written can be read again, and is then what it was. What is not known is refused and never guessed.
 */
import { LEVEL_NAMES, LEVELS, type Level } from '@shoukou/protocol/levels.ts'
import { isPresence, isTexts } from '../../ledger/check-entry.ts'
import {
  CORE_FIELDS,
  type Draft,
  type Field,
  type FieldValue,
  isEmpty,
  type Kind,
  type Presence,
  valueIn,
  type Words,
} from '../../ledger/fields.ts'
import {
  codeFault,
  dayOf,
  dayOfCell,
  faultOfKind,
  folded,
  hasControls,
  isoDay,
  textOf,
} from '../sheets/cells.ts'
import type { SheetCell } from '../sheets/spreadsheet.ts'

export type SheetLanguage = 'zh' | 'en'

export type ReadValue = { readonly value: FieldValue } | { readonly code: string }

/** Returns the keys that a register's sheet may have columns for: those that offices keep first. */
export function sheetKeys(kind: Kind): readonly string[] {
  const core = CORE_FIELDS.filter((key) => key !== 'custodian' || kind.custodian !== 'self')
  return [...new Set([...kind.columns.map(({ key }) => key), ...core, ...kind.fields.map(({ key }) => key)])]
}

/** Returns what a column is headed by. */
export function headerOf(kind: Kind, key: string): Words {
  const core = CORE_FIELDS.find((one) => one === key)
  return (
    kind.columns.find((one) => one.key === key)?.words ??
    (core === undefined ? kind.fields.find((one) => one.key === key)?.words : kind.coreWords[core]) ?? {
      zh: key,
      en: key,
    }
  )
}

/** Returns a function from a header to the key that it names, in either language. */
export function columnsOf(kind: Kind): (header: string) => string | null {
  const keys = sheetKeys(kind)
  const known = new Map<string, string>()
  const add = (words: string, key: string) => {
    if (!known.has(folded(words))) known.set(folded(words), key)
  }
  for (const key of keys) for (const words of Object.values(headerOf(kind, key))) add(words, key)
  // The form's own words for the same field, where the sheet's are shorter.
  for (const { key, words } of kind.fields) for (const one of Object.values(words)) add(one, key)
  for (const key of CORE_FIELDS) {
    if (!keys.includes(key)) continue
    for (const one of Object.values(kind.coreWords[key])) add(one, key)
  }
  return (header) => known.get(folded(header)) ?? null
}

/** Returns what stands in a cell for a value. */
export function textOfValue(kind: Kind, key: string, value: FieldValue, language: SheetLanguage): string {
  if (key === 'level') return LEVELS.some((one) => one === value) ? LEVEL_NAMES[value as Level][language] : ''
  if (key === 'state') return kind.states.find((one) => one.key === value)?.words[language] ?? written(value)
  const field = kind.fields.find((one) => one.key === key)
  // Of a flag that is not set nothing is kept: it is a no.
  if (field?.type === 'flag') return flagWords[value === true ? 1 : 0][language]
  if (value === null || isEmpty(value)) return ''
  if (field === undefined) return written(value)
  switch (field.type) {
    case 'choice':
      return field.options.find((one) => one.value === value)?.words[language] ?? written(value)
    case 'level':
      return LEVELS.some((one) => one === value) ? LEVEL_NAMES[value as Level][language] : written(value)
    case 'presence':
      return isPresence(value) ? presenceText(value, language) : ''
    case 'list':
    case 'link':
      return isTexts(value) ? joined(value, language) : written(value)
    case 'text':
    case 'day':
    case 'count':
      return written(value)
  }
}

/** What a field holds that its definition no longer has: never lost, and never said to be something else. */
function written(value: FieldValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Returns what stands in a cell for a field of an entry. */
export function cellText(kind: Kind, draft: Draft, key: string, language: SheetLanguage): string {
  return textOfValue(kind, key, valueIn(draft, key), language)
}

/** Returns the texts that a cell of this field is chosen from; null where anything may stand there. */
export function choicesOf(kind: Kind, key: string, language: SheetLanguage): readonly string[] | null {
  if (key === 'level') return kind.levels.flatMap((one) => (one === null ? [] : [LEVEL_NAMES[one][language]]))
  if (key === 'state') return kind.states.map(({ words }) => words[language])
  const field = kind.fields.find((one) => one.key === key)
  if (field?.type === 'flag') return [flagWords[1][language], flagWords[0][language]]
  if (field?.type === 'choice') return field.options.map(({ words }) => words[language])
  if (field?.type === 'presence') return Object.values(presenceWords).map((one) => one[language])
  if (field?.type === 'level') return LEVELS.map((one) => LEVEL_NAMES[one][language])
  return null
}

/** Reads a cell as a value of a field, or says what keeps it from being one. */
export function readValue(kind: Kind, key: string, cell: SheetCell): ReadValue {
  const unreadable = faultOfKind(cell)
  if (unreadable !== null) return { code: unreadable }
  const field = kind.fields.find((one) => one.key === key)
  const text = textOf(cell)
  if (text.trim() === '') return { value: key === 'level' || field !== undefined ? null : '' }
  if (hasControls(text, true)) return { code: 'control-characters' }
  if (key === 'level') return found(LEVELS, (one) => levelWords[one], text, 'unknown-level')
  if (key === 'state') {
    const state = kind.states.find((one) => isOneOf(text, [one.key, one.words.zh, one.words.en]))
    return state === undefined ? { code: 'unknown-state' } : { value: state.key }
  }
  return field === undefined
    ? readText(cell, { isCode: key === 'number', isLong: false })
    : readField(field, cell)
}

function readField(field: Field, cell: SheetCell): ReadValue {
  const text = textOf(cell)
  switch (field.type) {
    case 'text':
      return readText(cell, { isCode: field.isCode === true, isLong: field.isLong === true })
    case 'choice': {
      const option = field.options.find((one) => isOneOf(text, [one.value, one.words.zh, one.words.en]))
      return option === undefined ? { code: 'not-a-choice' } : { value: option.value }
    }
    case 'flag': {
      const at = flagTexts.findIndex((words) => isOneOf(text, words))
      return at === -1 ? { code: 'not-a-flag' } : { value: at === 1 }
    }
    case 'day': {
      const day = dayOfCell(cell)
      return day === null ? { code: 'not-a-date' } : { value: isoDay(day) }
    }
    case 'count': {
      const plain = text.normalize('NFKC').replaceAll(/[\s,]/g, '')
      return /^\d{1,9}$/.test(plain) ? { value: Number(plain) } : { code: 'not-a-count' }
    }
    case 'presence':
      return readPresence(text)
    case 'level':
      return found(LEVELS, (one) => levelWords[one], text, 'unknown-level')
    case 'list':
      return readList(cell, field.form)
    case 'link':
      return readList(cell, 'code')
  }
}

function readText(cell: SheetCell, { isCode, isLong }: { isCode: boolean; isLong: boolean }): ReadValue {
  if (cell.kind === 'date' || cell.kind === 'boolean') return { code: 'not-text' }
  const code = isCode ? codeFault(cell) : null
  if (code !== null) return { code }
  const text = textOf(cell).trim()
  return hasControls(text, isLong) ? { code: 'control-characters' } : { value: text }
}

function readList(cell: SheetCell, form: 'text' | 'code' | 'mac' | 'day'): ReadValue {
  if (form === 'day') {
    const one = dayOfCell(cell)
    const days = one === null ? itemsOf(textOf(cell)).map(dayOf) : [one]
    return days.includes(null)
      ? { code: 'not-a-date' }
      : { value: days.flatMap((day) => (day === null ? [] : [isoDay(day)])) }
  }
  if (cell.kind === 'date' || cell.kind === 'boolean') return { code: 'not-text' }
  const code = form === 'text' ? null : codeFault(cell)
  return code === null ? { value: itemsOf(textOf(cell)) } : { code }
}

/** What is written line by line is parted by its lines alone; else by what people put between two names. */
function itemsOf(text: string): string[] {
  const parts = /[\r\n]/.test(text) ? text.split(/[\r\n]+/) : text.split(/[,,;;、]+/)
  return [...new Set(parts.map((one) => one.trim()).filter((one) => one !== ''))]
}

function joined(items: readonly string[], language: SheetLanguage): string {
  const isParted = items.some((one) => /[,,;;、]/.test(one))
  if (!isParted) return items.join(language === 'zh' ? '、' : ', ')
  return items.length === 1 ? `${items[0]}\n` : items.join('\n')
}

function readPresence(text: string): ReadValue {
  const plain = text.normalize('NFKC').trim()
  const parts = /^(.*?)[\s,((]*(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)?\)?$/u.exec(plain)
  const [, word = '', date] = parts ?? []
  const day = date === undefined ? null : dayOf(date)
  const is = presences.find((one) => isOneOf(word, presenceTexts[one]))
  if (is === undefined) return { code: 'not-a-presence' }
  if (date !== undefined && day === null) return { code: 'not-a-date' }
  return { value: { is, date: day === null ? null : isoDay(day) } }
}

function presenceText({ is, date }: Presence, language: SheetLanguage): string {
  const word = presenceWords[is][language]
  return date === null ? word : `${word} ${date}`
}

const presences = ['present', 'absent', 'not-needed'] as const
const presenceWords: Readonly<Record<Presence['is'], Words>> = {
  present: { zh: '有', en: 'present' },
  absent: { zh: '无', en: 'absent' },
  'not-needed': { zh: '不需要', en: 'not needed' },
}
const presenceTexts: Readonly<Record<Presence['is'], readonly string[]>> = {
  present: ['有', '已配', '已配备', '已安装', '是', '√', '✓', 'present', 'yes', 'y'],
  absent: ['无', '没有', '未配', '未配备', '未安装', '否', '×', 'absent', 'no', 'n'],
  'not-needed': ['不需要', '不适用', '无需', 'notneeded', 'not-needed', 'n/a'],
}
const flagWords: readonly [Words, Words] = [
  { zh: '否', en: 'no' },
  { zh: '是', en: 'yes' },
]
const flagTexts: readonly (readonly string[])[] = [
  ['否', '无', '不是', '×', 'no', 'n', 'false', '0'],
  ['是', '有', '√', '✓', 'yes', 'y', 'true', '1'],
]
const levelWords: Readonly<Record<Level, readonly string[]>> = {
  unclassified: ['非密', '非涉密', 'unclassified', 'u'],
  internal: ['内部', 'internal', 'i'],
  confidential: ['秘密', 'confidential', 'c'],
  secret: ['机密', 'secret', 's'],
  'top-secret': ['绝密', 'topsecret', 'top-secret', 'ts'],
}

function found<T extends string>(
  values: readonly T[],
  wordsOf: (value: T) => readonly string[],
  text: string,
  code: string,
): ReadValue {
  const value = values.find((one) => isOneOf(text, wordsOf(one)))
  return value === undefined ? { code } : { value }
}

function isOneOf(text: string, words: readonly string[]): boolean {
  const plain = folded(text)
  return words.some((one) => folded(one) === plain)
}
