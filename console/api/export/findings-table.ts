/** The work list of the ledger against reality as a table to export. */
import { LEVEL_NAMES, LEVELS } from '@shoukou/protocol'
import { kindOf } from '../../ledger/kinds.ts'
import type { Store } from '../../store/ports.ts'
import { SHEET_LIMITS } from '../../workflows/sheets/limits.ts'
import { type Finding, FindingsQuerySchema } from '../contract-findings.ts'
import { findingFilter, findingView } from '../routes/findings.ts'
import { column, type ExportLanguage, type ExportTable, pagesOf, timeText } from './table.ts'

export function findingsTable(store: Store, now: () => number): ExportTable {
  const { offset: _offset, ...query } = FindingsQuerySchema.properties
  return {
    name: 'findings',
    access: 'registers.read',
    words: { zh: '对账', en: 'Ledger against reality' },
    query,
    columns: columnsIn,
    find: async ({ query: asked, scope, account }) => {
      const filter = await findingFilter(store, asked, { scope, account, at: now() })
      const limit = SHEET_LIMITS.exportPageRows
      return {
        count: await store.countFindings(filter, SHEET_LIMITS.exportRowsMax + 1),
        pages: pagesOf(async (offset: number | undefined) => {
          const rows = await store.findings(filter, { offset: offset ?? 0, limit })
          return {
            rows: rows.map(findingView),
            next: rows.length < limit ? null : (offset ?? 0) + rows.length,
          }
        }),
      }
    },
  }
}

type Pair = readonly [string, string]
const kinds: Readonly<Record<Finding['kind'], Pair>> = {
  'computer-unseen': ['在用计算机长期未见', 'Computer not seen for long'],
  'computer-never-seen': ['在用计算机从未接入', 'Computer never seen'],
  'computer-unregistered': ['未备案的计算机', 'Computer not filed'],
  'computer-ended-seen': ['已报废计算机仍在使用', 'Retired computer seen'],
  'disk-differs': ['硬盘与登记不符', 'Disk differs from the register'],
  'card-differs': ['网卡与登记不符', 'Network card differs from the register'],
  'setup-differs': ['配置与登记不符', 'Set-up differs from the register'],
  'medium-unseen': ['介质长期未见', 'Medium not seen for long'],
  'medium-unregistered': ['未登记的介质', 'Medium not registered'],
  'medium-ended-seen': ['已报废介质仍在使用', 'Retired medium seen'],
  'medium-missing-seen': ['下落不明的介质出现', 'Missing medium seen'],
  'medium-expired': ['介质超过有效期', 'Medium past its validity'],
  'medium-overdue': ['介质逾期未还', 'Medium overdue'],
  'mark-differs': ['密级标识与登记不符', 'Mark differs from the register'],
  'person-cooling-over': ['脱密期已满', 'Cooling-off is over'],
  'custodian-left': ['责任人已离岗', 'Custodian has left'],
  'duplicate-disk': ['硬盘序列号重复', 'Disk in two entries'],
  'duplicate-mac': ['MAC 地址重复', 'MAC address in two entries'],
  'duplicate-serial': ['设备序列号重复', 'Serial number in two entries'],
}
const severities: Readonly<Record<Finding['severity'], Pair>> = {
  high: ['严重', 'high'],
  medium: ['一般', 'medium'],
  low: ['轻微', 'low'],
}

/** What is told under these names is one of the console's own words; all else is a number, a name or a day. */
const worded = new Set(['state', 'personState', 'registered', 'marked', 'measured', 'by', 'seen', 'what'])
const wordsOf = new Map<string, Pair>([
  ...LEVELS.map((one): [string, Pair] => [one, [LEVEL_NAMES[one].zh, LEVEL_NAMES[one].en]]),
  ...[kindOf('computers'), kindOf('people')].flatMap(({ states }) =>
    states.map(({ key, words: { zh, en } }): [string, Pair] => [key, [zh, en]]),
  ),
  ...kindOf('computers').fields.flatMap((field) =>
    field.key === 'networkMode' && field.type === 'choice'
      ? field.options.map(({ value, words: { zh, en } }): [string, Pair] => [value, [zh, en]])
      : [],
  ),
  ['none', ['无登记', 'no entry']],
  ['seal', ['电子封签', 'seal']],
  ['case', ['外壳标识', 'label on the case']],
  ['document', ['文件内标志', 'mark in a document']],
  ['never', ['从未见过', 'never seen']],
  ['once', ['曾见过', 'seen before']],
  ['disk-missing', ['登记的硬盘不在机内', 'registered disk is missing']],
  ['disk-unknown', ['机内硬盘未登记', 'disk is not registered']],
  ['card-missing', ['登记的网卡不在机内', 'registered network card is missing']],
  ['card-unknown', ['机内网卡未登记', 'network card is not registered']],
  ['level', ['密级不符', 'level differs']],
  ['network-mode', ['联网方式不符', 'network mode differs']],
  ['os', ['操作系统不符', 'operating system differs']],
  ['hardware-changed', ['主机部件与接入时不同', 'parts are others than at enrolment']],
])

function toldText(told: Finding['told'], at: 0 | 1): string {
  const texts = Object.entries(told).flatMap(([key, value]) =>
    // The agent is shown nowhere: its computer's number is.
    value === '' || key === 'agent' ? [] : [worded.has(key) ? (wordsOf.get(value)?.[at] ?? value) : value],
  )
  return texts.join('; ')
}

function columnsIn(language: ExportLanguage) {
  const at = language === 'zh' ? 0 : 1
  const make = (key: string, words: Pair, text: (row: Finding) => string) =>
    column<Finding>(key, words[at], text)
  return [
    make('severity', ['严重程度', 'Severity'], ({ severity }) => severities[severity][at]),
    make('kind', ['问题', 'Finding'], ({ kind }) => kinds[kind][at]),
    make('number', ['编号', 'Number'], ({ number }) => number),
    make('department', ['部门', 'Department'], ({ department }) => department ?? ''),
    make('since', ['自何时', 'Since'], ({ since }) => timeText(since)),
    make('told', ['详情', 'Details'], ({ told }) => toldText(told, at)),
    make('takenBy', ['承办人', 'Taken by'], ({ takenBy }) => takenBy ?? ''),
    make('note', ['备注', 'Note'], ({ note }) => note),
    make('snoozedUntil', ['暂缓至', 'Rests until'], ({ snoozedUntil }) => timeText(snoozedUntil)),
    make('resolvedAt', ['消除时间', 'Resolved at'], ({ resolvedAt }) => timeText(resolvedAt)),
  ]
}
