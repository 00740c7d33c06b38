/** Exceptions as a table to export: what is allowed, where, until when, by whom and why. */
import type { Store } from '../../store/ports.ts'
import { SHEET_LIMITS } from '../../workflows/sheets/limits.ts'
import { type Exception, ExceptionsQuerySchema } from '../contract-handling.ts'
import { exceptionView } from '../routes/exceptions.ts'
import { departmentFilter } from '../scope.ts'
import { catalogueView } from '../view/violation-view.ts'
import {
  column,
  type ExportLanguage,
  type ExportTable,
  onePage,
  pagesOf,
  readAll,
  timeText,
} from './table.ts'

export function exceptionsTable(store: Store, now: () => number): ExportTable {
  return {
    name: 'exceptions',
    access: 'violations.read',
    words: { zh: '例外', en: 'Exceptions' },
    query: ExceptionsQuerySchema.properties,
    columns: (language) => columnsIn(language, now),
    find: async ({ query, scope }) => {
      const { state = 'in-force' } = query as { readonly state?: string }
      const filter = {
        ...departmentFilter(scope),
        ...(state === 'in-force' ? { inForceAt: now() } : {}),
        limit: SHEET_LIMITS.exportPageRows,
      }
      // An office has dozens of them, and nothing counts them: they are read to be counted.
      const pages = pagesOf(async (beforeId: number | undefined) => {
        const rows = await store.exceptions({ ...filter, ...(beforeId === undefined ? {} : { beforeId }) })
        return {
          rows: rows.map(exceptionView),
          next: rows.length < filter.limit ? null : (rows.at(-1)?.id ?? null),
        }
      })
      const rows = await readAll(pages, SHEET_LIMITS.exportRowsMax)
      return { count: rows.length, pages: onePage(rows) }
    },
  }
}

function columnsIn(language: ExportLanguage, now: () => number) {
  const at = language === 'zh' ? 0 : 1
  const make = (key: string, words: readonly [string, string], text: (row: Exception) => string) =>
    column<Exception>(key, words[at], text)
  const stateOf = ({ revokedAt, until }: Exception): string => {
    if (revokedAt !== null) return (['已撤销', 'revoked'] as const)[at]
    return until <= now() ? (['已到期', 'over'] as const)[at] : (['有效', 'in force'] as const)[at]
  }
  return [
    make('type', ['违规类型', 'Violation'], ({ type }) => catalogueView(type).name[language]),
    make('number', ['计算机', 'Computer'], ({ number }) => number),
    make('subject', ['对象', 'Of what'], ({ subject }) => subject),
    make('state', ['状态', 'State'], stateOf),
    make('from', ['自', 'From'], ({ from }) => timeText(from)),
    make('until', ['至', 'Until'], ({ until }) => timeText(until)),
    make('account', ['设立人', 'Made by'], ({ account }) => account),
    make('reason', ['理由', 'Reason'], ({ reason }) => reason),
    make('revokedBy', ['撤销人', 'Revoked by'], ({ revokedBy }) => revokedBy ?? ''),
    make('revokeReason', ['撤销理由', 'Reason of it'], ({ revokeReason }) => revokeReason ?? ''),
    make('covered', ['涉及违规数', 'Violations under it'], ({ covered }) => String(covered)),
  ]
}
