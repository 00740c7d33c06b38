/** An empty spreadsheet of a register: its columns to fill in, and beside it what each may hold, with an example marked as one. */
import { CORE_FIELDS, type Field, type Kind } from '../../ledger/fields.ts'
import { writeSheets } from '../sheets/write-sheet.ts'
import { choicesOf, headerOf, type SheetLanguage } from './sheet-values.ts'

/** Returns the bytes of an .xlsx. What is filled in is the first sheet; the second is only read by people. */
export async function registerTemplate(kind: Kind, language: SheetLanguage): Promise<Uint8Array> {
  const keys = kind.columns.map(({ key }) => key)
  const headers = keys.map((key) => headerOf(kind, key)[language])
  const choices = keys.map((key) => (isPresence(kind, key) ? null : choicesOf(kind, key, language)))
  const w = words[language]
  const help = keys.map((key, at) => [
    headers[at] ?? key,
    isRequired(kind, key) ? w.required : '',
    choicesOf(kind, key, language)?.join(' / ') ?? formOf(kind, key, language),
    exampleOf(kind, key, language),
  ])
  return writeSheets([
    {
      name: kind.words[language].slice(0, 31),
      rows: [headers],
      widths: keys.map(() => 16),
      choices,
    },
    {
      name: w.help,
      rows: [[w.column, w.must, w.allowed, w.example], ...help],
      widths: [24, 12, 60, 28],
    },
  ])
}

const words = {
  zh: {
    help: '填写说明',
    column: '列',
    must: '是否必填',
    required: '必填',
    allowed: '可填内容',
    example: '示例(仅供参考,不导入)',
  },
  en: {
    help: 'How to fill it in',
    column: 'Column',
    must: 'Required',
    required: 'required',
    allowed: 'What may stand there',
    example: 'Example (not imported)',
  },
} as const

function fieldOf(kind: Kind, key: string): Field | undefined {
  return kind.fields.find((one) => one.key === key)
}

function isPresence(kind: Kind, key: string): boolean {
  return fieldOf(kind, key)?.type === 'presence'
}

function isRequired(kind: Kind, key: string): boolean {
  if (key === 'level') return !kind.levels.includes(null)
  if (key === 'department' || key === 'custodian') return true
  return fieldOf(kind, key)?.requiredIn === 'always'
}

function formOf(kind: Kind, key: string, language: SheetLanguage): string {
  const zh = language === 'zh'
  if (key === 'number')
    return zh ? '单元格设为文本;留空由控制台编号' : 'a text cell; left empty, the console gives it'
  if (CORE_FIELDS.some((one) => one === key)) return zh ? '文字' : 'text'
  const field = fieldOf(kind, key)
  if (field === undefined) return zh ? '文字' : 'text'
  switch (field.type) {
    case 'day':
      return zh ? '日期:2026-03-01、2026年3月1日' : 'a date: 2026-03-01'
    case 'count':
      return zh ? `整数,${field.min} 至 ${field.max}` : `a whole number, ${field.min} to ${field.max}`
    case 'list':
      return zh
        ? `至多 ${field.itemsMax} 项,以顿号或换行分开`
        : `up to ${field.itemsMax}, parted by commas or lines`
    case 'link':
      return zh ? '已登记的编号,以顿号分开' : 'registered numbers, parted by commas'
    case 'text':
    case 'choice':
    case 'flag':
    case 'presence':
    case 'level':
      return zh ? '文字' : 'text'
  }
}

function exampleOf(kind: Kind, key: string, language: SheetLanguage): string {
  const zh = language === 'zh'
  if (key === 'number') return kind.pattern.replace(/\{seq:?(\d)?\}/, '0001').replace('{year}', '2026')
  if (key === 'department') return zh ? '办公室' : 'General office'
  if (key === 'custodian' || key === 'name') return zh ? '(姓名或名称)' : '(a name)'
  const field = fieldOf(kind, key)
  if (field?.type === 'presence') return zh ? '有 2026-03-01' : 'present 2026-03-01'
  const choice = choicesOf(kind, key, language)?.[0]
  if (choice !== undefined) return choice
  if (field?.type === 'day') return '2026-03-01'
  if (field?.type === 'count') return String(field.min)
  if (field?.type === 'list')
    return field.form === 'mac' ? '02:aa:bb:cc:dd:ee' : field.form === 'day' ? '2026-03-01' : ''
  return ''
}
