/** What the auditor looks for, in the page's address. Pure. */
import type { TableShape } from '../show/table-view.ts'

export interface AuditFilter {
  readonly account: string
  readonly acts: readonly string[]
  readonly object: string
  /** Unix ms; null: from the beginning, until now. */
  readonly fromMs: number | null
  readonly toMs: number | null
}

/** Beside an entry's number, which is always shown. The log has one order, in which it is chained. */
export const auditShape: TableShape = {
  columns: ['at', 'account', 'action', 'object', 'detail', 'outcome', 'address'],
  sortable: [],
  ownSort: null,
}
export type AuditColumn = 'at' | 'account' | 'action' | 'object' | 'detail' | 'outcome' | 'address'

export const emptyAuditFilter: AuditFilter = { account: '', acts: [], object: '', fromMs: null, toMs: null }

/** Reads it from the address; what is not understood is left out. */
export function auditFilterOf(address: URLSearchParams): AuditFilter {
  const acts = (address.get('acts') ?? '').split(',').filter((act) => /^[a-z][a-z-]{0,63}$/.test(act))
  return {
    account: (address.get('account') ?? '').slice(0, 256),
    acts: acts.slice(0, 64),
    object: (address.get('object') ?? '').slice(0, 256),
    fromMs: msOf(address.get('from')),
    toMs: msOf(address.get('to')),
  }
}

/** Writes it, for the address and for the question alike. */
export function auditQueryOf(filter: AuditFilter): URLSearchParams {
  const query = new URLSearchParams()
  if (filter.account !== '') query.set('account', filter.account)
  if (filter.acts.length > 0) query.set('acts', filter.acts.join(','))
  if (filter.object !== '') query.set('object', filter.object)
  if (filter.fromMs !== null) query.set('from', String(filter.fromMs))
  if (filter.toMs !== null) query.set('to', String(filter.toMs))
  return query
}

/** Returns the name of a local day for a field that takes days, and back: from its first moment, or to its last. */
export function dayOf(ms: number | null): string {
  if (ms === null) return ''
  const day = new Date(ms)
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}
export function msOfDay(day: string, isLast: boolean): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)
  if (match === null) return null
  const [, year, month, date] = match.map(Number)
  const time = new Date(year ?? 0, (month ?? 1) - 1, (date ?? 1) + (isLast ? 1 : 0)).getTime()
  return Number.isFinite(time) ? time - (isLast ? 1 : 0) : null
}

function msOf(text: string | null): number | null {
  if (text === null || !/^\d{1,15}$/.test(text)) return null
  return Number(text)
}
