/**
 * What a spreadsheet's headers and words mean, in Chinese and English. Pure.
 *
 * The words are those of units' own ledgers. What is not known is refused and never guessed: a wrong level is worse than a
 * question.
 */
import type { Level } from '@shoukou/protocol'
import type { MediumKind } from '../../ledger/medium-details.ts'
import { folded } from '../sheets/cells.ts'

export const IMPORT_COLUMNS = [
  'number',
  'level',
  'kind',
  'custodian',
  'department',
  'computers',
  'users',
  'right',
  'validFrom',
  'validUntil',
  'note',
] as const
export type ImportColumn = (typeof IMPORT_COLUMNS)[number]

interface ColumnWords {
  /** The first is the template's. */
  readonly headers: readonly string[]
  readonly isRequired: boolean
  readonly charactersMax: number
}

export const COLUMN_WORDS: Readonly<Record<ImportColumn, ColumnWords>> = {
  number: column(['编号', '介质编号', '统一编号', 'number', 'no', 'no.'], { max: 64, isRequired: false }),
  level: column(['密级', '涉密等级', 'level', 'classification']),
  kind: column(['类型', '介质类型', '种类', '类别', 'type', 'kind']),
  custodian: column(['责任人', '保管人', '负责人', 'custodian', 'responsible']),
  department: column(['部门', '科室', '使用部门', '所属部门', 'department']),
  computers: column(['使用计算机', '计算机编号', '计算机', '绑定计算机', 'computers', 'computer'], {
    max: 500,
  }),
  users: column(['使用账户', '账户', '用户', 'users', 'accounts'], { max: 500, isRequired: false }),
  right: column(['权限', '使用权限', '读写权限', 'right', 'rights', 'access']),
  validFrom: column(['启用日期', '启用时间', 'validfrom', 'from'], { isRequired: false }),
  validUntil: column(['有效期', '有效期至', '到期日期', 'validuntil', 'until', 'expires'], {
    isRequired: false,
  }),
  note: column(['备注', '说明', 'note', 'notes', 'remarks'], { max: 500, isRequired: false }),
}

const levels = words<Level>({
  unclassified: ['非密', '非涉密', 'unclassified', 'u'],
  internal: ['内部', 'internal', 'i'],
  confidential: ['秘密', 'confidential', 'c'],
  secret: ['机密', 'secret', 's'],
  'top-secret': ['绝密', 'topsecret', 'top-secret', 'ts'],
})

const kinds = words<MediumKind>({
  'usb-stick': ['u盘', '优盘', '闪存盘', 'usb', 'usbstick', 'usb-stick', 'stick'],
  'portable-disk': ['移动硬盘', '可移动硬盘', 'portabledisk', 'portable-disk', 'harddisk'],
  'memory-card': ['存储卡', 'sd卡', 'tf卡', 'cf卡', 'memorycard', 'memory-card'],
  'optical-disc': ['光盘', 'opticaldisc', 'optical-disc', 'cd', 'dvd', 'disc'],
  floppy: ['软盘', 'floppy'],
  tape: ['磁带', '数据磁带', 'tape'],
  other: ['其他', '其它', 'other'],
})

const rights = words<'read-only' | 'read-write'>({
  'read-only': ['只读', 'readonly', 'read-only', 'ro', 'r'],
  'read-write': ['读写', '可读写', 'readwrite', 'read-write', 'rw'],
})

const everyWord = new Set(['全部', '所有', '全单位', '不限', 'all', '*'])
const headers = new Map(
  IMPORT_COLUMNS.flatMap((name) =>
    COLUMN_WORDS[name].headers.map((header) => [folded(header), name] as const),
  ),
)

/** Returns the column that a header names; null where it names none. */
export function columnOf(header: string): ImportColumn | null {
  return headers.get(folded(header)) ?? null
}

export function levelOf(text: string): Level | null {
  return levels.get(folded(text)) ?? null
}

export function kindOf(text: string): MediumKind | null {
  return kinds.get(folded(text)) ?? null
}

export function rightOf(text: string): 'read-only' | 'read-write' | null {
  return rights.get(folded(text)) ?? null
}

/** Returns what is listed; null where the words mean every one. */
export function listOf(text: string): string[] | null {
  if (everyWord.has(folded(text))) return null
  return [
    ...new Set(
      text
        .normalize('NFKC')
        .split(/[,;、\s]+/u)
        .filter((part) => part !== ''),
    ),
  ]
}

function column(
  named: readonly string[],
  { max = 100, isRequired = true }: { readonly max?: number; readonly isRequired?: boolean } = {},
): ColumnWords {
  return { headers: named, isRequired, charactersMax: max }
}

function words<Value extends string>(table: Readonly<Record<Value, readonly string[]>>): Map<string, Value> {
  const entries = Object.entries(table) as [Value, readonly string[]][]
  return new Map(entries.flatMap(([value, texts]) => texts.map((text) => [folded(text), value] as const)))
}
