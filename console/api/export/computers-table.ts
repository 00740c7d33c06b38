/** Enrolled computers as a table to export. */
import { LEVEL_NAMES } from '@shoukou/protocol'
import { Type } from 'typebox'
import type { Computer } from '../contract.ts'
import { COMPUTER_SORTS } from '../contract-computer-order.ts'
import type { ComputerReader } from '../read-computers.ts'
import { column, type ExportLanguage, type ExportTable, onePage, timeText } from './table.ts'

const statuses: Readonly<Record<Computer['status'], readonly [string, string]>> = {
  pending: ['待连接', 'pending'],
  online: ['在线', 'online'],
  offline: ['离线', 'offline'],
  stopped: ['已停止', 'stopped'],
  standalone: ['单机', 'standalone'],
  silent: ['失联', 'silent'],
}

const watches: Readonly<Record<Computer['watch']['state'], readonly [string, string]>> = {
  proven: ['已证实', 'proven'],
  unproven: ['未证实', 'unproven'],
  broken: ['已中断', 'broken'],
}

export function computersTable(computers: ComputerReader): ExportTable {
  return {
    name: 'computers',
    access: 'computers.read',
    words: { zh: '计算机', en: 'Computers' },
    // What the page asks, without its pages.
    query: {
      text: Type.Optional(Type.String({ maxLength: 64 })),
      watch: Type.Optional(Type.Enum(['proven', 'unproven', 'broken'])),
      sort: Type.Optional(Type.Enum([...COMPUTER_SORTS])),
      order: Type.Optional(Type.Enum(['asc', 'desc'])),
    },
    columns: columnsIn,
    find: async ({ query, scope, mayReadViolations }) => {
      const found = await computers.page(query, mayReadViolations, scope)
      return { count: found.total, pages: onePage(found.computers) }
    },
  }
}

function columnsIn(language: ExportLanguage) {
  const at = language === 'zh' ? 0 : 1
  const make = (key: string, words: readonly [string, string], text: (row: Computer) => string) =>
    column<Computer>(key, words[at], text)
  return [
    make('number', ['编号', 'Number'], ({ number }) => number),
    make('hostname', ['主机名', 'Host name'], ({ hostname }) => hostname),
    make('level', ['密级', 'Level'], ({ level }) => LEVEL_NAMES[level][language]),
    make('networkMode', ['联网方式', 'Network mode'], ({ networkMode }) =>
      networkMode === 'standalone' ? (['单机', 'standalone'] as const)[at] : networkMode,
    ),
    make('department', ['部门', 'Department'], ({ department }) => department ?? ''),
    make('status', ['状态', 'Status'], ({ status }) => statuses[status][at]),
    make('watch', ['监控', 'Watched'], ({ watch }) => watches[watch.state][at]),
    make('lastSeenAt', ['最后联系', 'Last heard'], ({ lastSeenAt }) => timeText(lastSeenAt)),
    make('agentVersion', ['代理版本', 'Agent version'], ({ agentVersion }) => agentVersion ?? ''),
    make('policyVersion', ['策略版本', 'Policy version'], ({ policyVersion }) => String(policyVersion)),
    make('violations', ['未结违规', 'Open violations'], ({ violations }) =>
      String(violations.reduce((sum, { count }) => sum + count, 0)),
    ),
    make('enrolledAt', ['接入时间', 'Enrolled at'], ({ enrolledAt }) => timeText(enrolledAt)),
  ]
}
