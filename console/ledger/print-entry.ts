/** What labels and forms take from an entry of a register or from a medium: values as words. Pure. */
import { LEVEL_NAMES, type Level } from '@shoukou/protocol/levels.ts'
import type { FieldValue, FieldValues, Kind, Presence } from './fields.ts'
import type { FormEntry } from './form-parts.ts'
import type { LabelContent } from './label-content.ts'
import type { PrintKind } from './print-mark.ts'

/** An entry or a medium, alike. */
export interface PrintSource {
  readonly kind: PrintKind
  readonly number: string
  readonly level: Level | null
  readonly department: string
  readonly custodian: string
  readonly name: string
  readonly state: string
  readonly fields: Readonly<Record<string, string>>
}

const presences: Readonly<Record<Presence['is'], string>> = {
  present: '有',
  absent: '无',
  'not-needed': '不需要',
}
const mediumKinds: Readonly<Record<string, string>> = {
  'usb-stick': 'U盘',
  'portable-disk': '移动硬盘',
  'memory-card': '存储卡',
  'optical-disc': '光盘',
  floppy: '软盘',
  tape: '磁带',
  other: '其他介质',
}

/** Returns an entry of a register in words. */
export function sourceOfEntry(
  kind: Kind & { readonly name: Exclude<PrintKind, 'media'> },
  entry: Omit<PrintSource, 'kind' | 'name' | 'fields'> & { readonly fields: FieldValues },
): PrintSource {
  const fields = Object.fromEntries(
    kind.fields.map((field) => [field.key, wordsOf(kind, field.key, entry.fields[field.key] ?? null)]),
  )
  const called =
    kind.name === 'carriers' ? [fields['name']] : [fields['kind'], fields['brand'], fields['model']]
  const { number, level, department, custodian, state } = entry
  const name = called.filter(Boolean).join(' ')
  return { kind: kind.name, number, level, department, custodian, name, state, fields }
}

/** Returns a medium in words. */
export function sourceOfMedium(medium: {
  readonly number: string
  readonly level: Level
  readonly kind: string
  readonly custodian: string
  readonly department: string
  readonly state: string
  readonly serial: string
  readonly product: string
}): PrintSource {
  const { number, level, department, custodian, state, serial, product } = medium
  const name = [mediumKinds[medium.kind] ?? '', product].filter(Boolean).join(' ')
  return { kind: 'media', number, level, department, custodian, name, state, fields: { serial } }
}

export function labelOf({ kind, number, level, custodian, department, name }: PrintSource): LabelContent {
  return { kind, number, level, custodian, department, name }
}

export function formEntryOf({ level, ...source }: PrintSource): FormEntry {
  return { ...source, level: level === null ? '' : LEVEL_NAMES[level].zh }
}

/** Returns a day as an office writes it: `2026年3月1日`. Anything else stays as it is. */
export function officeDay(day: string): string {
  const [year, month, date] = day.split('-')
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return day
  return `${year}年${Number(month)}月${Number(date)}日`
}

function wordsOf(kind: Kind, key: string, value: FieldValue): string {
  const field = kind.fields.find((one) => one.key === key)
  if (field === undefined || value === null) return ''
  const text = typeof value === 'object' ? '' : `${value}`
  switch (field.type) {
    case 'choice':
      return field.options.find((one) => one.value === value)?.words.zh ?? text
    case 'flag':
      return value === true ? '是' : '否'
    case 'day':
      return officeDay(text)
    case 'presence': {
      const { is, date } = value as Presence
      return date === null ? presences[is] : `${presences[is]}（${officeDay(date)}）`
    }
    case 'level':
      return LEVEL_NAMES[value as Level].zh
    case 'list':
    case 'link':
      return Array.isArray(value) ? value.join('、') : ''
    case 'count':
    case 'text':
      return text
  }
}
