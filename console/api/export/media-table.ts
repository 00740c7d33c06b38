/** The media register as a table to export: under the headers that an import takes. */
import { LEVEL_NAMES, type MediumState } from '@shoukou/protocol'
import type { MediumRow } from '../../store/media-ports.ts'
import type { Store } from '../../store/ports.ts'
import { COLUMN_WORDS, IMPORT_COLUMNS, type ImportColumn } from '../../workflows/media/import-columns.ts'
import { SHEET_LIMITS } from '../../workflows/sheets/limits.ts'
import { MediaQuerySchema } from '../contract-media.ts'
import { filterOf } from '../routes/media.ts'
import { departmentFilter } from '../scope.ts'
import { column, dayText, type ExportLanguage, type ExportTable, pagesOf } from './table.ts'

const kinds: Readonly<Record<string, readonly [string, string]>> = {
  'usb-stick': ['U盘', 'USB stick'],
  'portable-disk': ['移动硬盘', 'portable disk'],
  'memory-card': ['存储卡', 'memory card'],
  'optical-disc': ['光盘', 'optical disc'],
  floppy: ['软盘', 'floppy'],
  tape: ['磁带', 'tape'],
  other: ['其他', 'other'],
}
const states: Readonly<Record<MediumState, readonly [string, string]>> = {
  issued: ['已发放', 'issued'],
  lent: ['借出', 'lent'],
  'carried-out': ['外带', 'carried out'],
  suspended: ['暂停使用', 'suspended'],
  missing: ['下落不明', 'missing'],
  retired: ['停用', 'retired'],
  destroyed: ['已销毁', 'destroyed'],
}
const english: Readonly<Record<ImportColumn, string>> = {
  number: 'Number',
  level: 'Level',
  kind: 'Kind',
  custodian: 'Custodian',
  department: 'Department',
  computers: 'Computers',
  users: 'Users',
  right: 'Right',
  validFrom: 'Valid from',
  validUntil: 'Valid until',
  note: 'Note',
}

export function mediaTable(store: Store): ExportTable {
  return {
    name: 'media',
    access: 'media.read',
    words: { zh: '介质', en: 'Media' },
    query: MediaQuerySchema.properties,
    columns: (language) => [
      ...IMPORT_COLUMNS.map((key) =>
        column<MediumRow>(
          key,
          language === 'zh' ? (COLUMN_WORDS[key].headers[0] ?? key) : english[key],
          (row) => textOf(key, row, language),
        ),
      ),
      // Beyond what an import takes: no cell changes a state.
      column<MediumRow>('state', language === 'zh' ? '状态' : 'State', (row) => {
        const [zh, words] = states[row.state]
        return language === 'zh' ? zh : words
      }),
    ],
    find: async ({ query, scope }) => {
      const filter = { ...filterOf(query), ...departmentFilter(scope) }
      const limit = SHEET_LIMITS.exportPageRows
      return {
        count: await store.countMedia(filter),
        pages: pagesOf(async (beforeId: number | undefined) => {
          const rows = await store.media({
            ...filter,
            limit,
            ...(beforeId === undefined ? {} : { beforeId }),
          })
          return { rows, next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) }
        }),
      }
    },
  }
}

function textOf(key: ImportColumn, row: MediumRow, language: ExportLanguage): string {
  const zh = language === 'zh'
  switch (key) {
    case 'level':
      return LEVEL_NAMES[row.level][language]
    case 'kind':
      return kinds[row.kind]?.[zh ? 0 : 1] ?? row.kind
    case 'computers':
    case 'users': {
      const list = row[key]
      return list === null ? (zh ? '全部' : 'all') : list.join(zh ? '、' : ', ')
    }
    case 'right':
      return row.right === 'read-only' ? (zh ? '只读' : 'read-only') : zh ? '读写' : 'read-write'
    case 'validFrom':
      return dayText(row.validFromMs)
    case 'validUntil':
      return dayText(row.validUntilMs)
    case 'number':
    case 'custodian':
    case 'department':
    case 'note':
      return row[key]
  }
}
