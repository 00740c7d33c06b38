/** Violations as a table to export: what the list shows, with its times written out. */
import { LEVEL_NAMES } from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'
import { SHEET_LIMITS } from '../../workflows/sheets/limits.ts'
import { type ViolationItem, ViolationsQuerySchema } from '../contract.ts'
import { filterOf } from '../routes/violations.ts'
import { departmentFilter } from '../scope.ts'
import { catalogueView, violationItem } from '../view/violation-view.ts'
import { column, type ExportLanguage, type ExportTable, pagesOf, timeText } from './table.ts'

export function violationsTable(store: Store): ExportTable {
  return {
    name: 'violations',
    access: 'violations.read',
    words: { zh: '违规', en: 'Violations' },
    query: ViolationsQuerySchema.properties,
    columns: columnsIn,
    find: async ({ query, scope, account }) => {
      const filter = { ...filterOf(query, account), ...departmentFilter(scope) }
      const limit = SHEET_LIMITS.exportPageRows
      const isGrouped = filter.isGrouped === true
      const counts = await store.countViolations(filter)
      return {
        count: counts.reduce((sum, { count }) => sum + count, 0),
        pages: pagesOf(async (beforeId: number | undefined) => {
          const rows = await store.violations({
            ...filter,
            limit,
            ...(beforeId === undefined ? {} : { beforeId }),
          })
          const last = rows.at(-1)
          const place = isGrouped ? (last?.standing?.place ?? last?.id) : last?.id
          return { rows: rows.map(violationItem), next: rows.length < limit ? null : (place ?? null) }
        }),
      }
    },
  }
}

const severities: Readonly<Record<ViolationItem['severity'], readonly [string, string]>> = {
  critical: ['特别严重', 'critical'],
  high: ['严重', 'high'],
  medium: ['一般', 'medium'],
  low: ['轻微', 'low'],
}
const states: Readonly<Record<ViolationItem['standing']['state'], readonly [string, string]>> = {
  detected: ['未处置', 'Not handled yet'],
  acknowledged: ['已受理', 'Acknowledged'],
  confirmed: ['已核实', 'Confirmed'],
  'false-positive': ['误报', 'False positive'],
  incident: ['泄密事件', 'Leak incident'],
  remedied: ['已补救', 'Remedied'],
  rectified: ['已整改', 'Rectified'],
  closed: ['已结案', 'Closed'],
}

function columnsIn(language: ExportLanguage) {
  const at = language === 'zh' ? 0 : 1
  const make = (key: string, words: readonly [string, string], text: (row: ViolationItem) => string) =>
    column<ViolationItem>(key, words[at], text)
  return [
    make('id', ['序号', 'No.'], ({ id }) => String(id)),
    make('severity', ['严重程度', 'Severity'], ({ severity }) => severities[severity][at]),
    make('headline', ['违规', 'Violation'], ({ headline }) => headline[language]),
    make('type', ['类型', 'Type'], ({ type }) => catalogueView(type).name[language]),
    make('number', ['计算机', 'Computer'], ({ number }) => number),
    make('level', ['密级', 'Level'], ({ level }) => LEVEL_NAMES[level][language]),
    make('state', ['处置状态', 'State'], ({ standing }) => states[standing.state][at]),
    make('assignee', ['承办人', 'Assigned to'], ({ standing }) => standing.assignee ?? ''),
    make('repeats', ['次数', 'Repeats'], ({ standing }) => String(standing.repeats)),
    make('occurredAt', ['发生时间', 'Occurred at'], ({ occurredAt }) => timeText(occurredAt)),
    make('receivedAt', ['收到时间', 'Received at'], ({ receivedAt }) => timeText(receivedAt)),
    make('endedAt', ['结束时间', 'Ended at'], ({ endedAt }) => timeText(endedAt)),
  ]
}
