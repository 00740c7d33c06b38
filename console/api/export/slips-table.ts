/** Slips of bundles as a table to export: which bundle of which computer was brought when, by whom, and what came of it. */
import type { SlipRow, SlipVerdict } from '../../store/bundles-ports.ts'
import type { Store } from '../../store/ports.ts'
import { SHEET_LIMITS } from '../../workflows/sheets/limits.ts'
import { SlipQuerySchema } from '../contract-bundles.ts'
import {
  column,
  type ExportLanguage,
  type ExportTable,
  onePage,
  pagesOf,
  readAll,
  timeText,
} from './table.ts'

export function slipsTable(store: Store): ExportTable {
  return {
    name: 'slips',
    access: 'bundles.read',
    words: { zh: '凭条', en: 'Slips' },
    query: SlipQuerySchema.properties,
    columns: columnsIn,
    find: async ({ query }) => {
      const { agent } = query as { readonly agent?: string }
      const limit = SHEET_LIMITS.exportPageRows
      // One a bundle, brought by hand: they are read to be counted.
      const pages = pagesOf(async (beforeId: number | undefined) => {
        const rows = await store.slips({ agent, beforeId, limit })
        return { rows, next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) }
      })
      const rows = await readAll(pages, SHEET_LIMITS.exportRowsMax)
      return { count: rows.length, pages: onePage(rows) }
    },
  }
}

const verdicts: Readonly<Record<SlipVerdict, readonly [string, string]>> = {
  taken: ['已导入', 'taken'],
  'nothing-new': ['没有新内容', 'nothing new'],
  held: ['暂存待前序数据包', 'held for bundles before it'],
  refused: ['已拒绝', 'refused'],
}

function columnsIn(language: ExportLanguage) {
  const at = language === 'zh' ? 0 : 1
  const make = (key: string, words: readonly [string, string], text: (row: SlipRow) => string) =>
    column<SlipRow>(key, words[at], text)
  const count = (value: number | null): string => (value === null ? '' : String(value))
  return [
    make('id', ['凭条', 'Slip'], ({ id }) => String(id)),
    make('takenAt', ['导入时间', 'Brought'], ({ takenAt }) => timeText(takenAt)),
    make('takenBy', ['导入人', 'By'], ({ takenBy }) => takenBy),
    make('computer', ['计算机', 'Computer'], ({ computer }) => computer ?? ''),
    make('number', ['数据包序号', 'Bundle no.'], ({ number }) => count(number)),
    make('firstSeq', ['首条记录', 'First record'], ({ firstSeq }) => count(firstSeq)),
    make('lastSeq', ['末条记录', 'Last record'], ({ lastSeq }) => count(lastSeq)),
    make('recordsNew', ['新增记录', 'New records'], ({ recordsNew }) => String(recordsNew)),
    make('violations', ['产生违规', 'Violations made'], ({ violations }) => String(violations)),
    make('verdict', ['结论', 'Verdict'], ({ verdict }) => verdicts[verdict][at]),
    make('fault', ['拒绝原因', 'Why refused'], ({ fault }) => fault ?? ''),
    make('fileHash', ['文件 SHA-256', 'SHA-256 of the file'], ({ fileHash }) => fileHash),
  ]
}
