/** The violations' filter in the page's address and in the API's query: pure, and each way back. */
import type { Level } from '@shoukou/protocol/levels.ts'
import type { SEVERITIES, ViolationItem } from '../../api/contract.ts'

export type Severity = (typeof SEVERITIES)[number]

export const severities = ['critical', 'high', 'medium', 'low'] as const satisfies readonly Severity[]
export const levels = [
  'top-secret',
  'secret',
  'confidential',
  'internal',
  'unclassified',
] as const satisfies readonly Level[]
/** Spans that end now, in ms. */
export const spans = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000, '30d': 2_592_000_000 } as const
export type Span = keyof typeof spans

export interface ViolationFilter {
  readonly severity: readonly Severity[]
  readonly type: readonly string[]
  readonly level: readonly Level[]
  /** Agent id. */
  readonly computer: string | null
  readonly span: Span | null
}

export const emptyFilter: ViolationFilter = { severity: [], type: [], level: [], computer: null, span: null }

/** Reads a filter from the page's address; what it does not know is left out. */
export function filterFromAddress(address: URLSearchParams): ViolationFilter {
  const list = (name: string) => (address.get(name) ?? '').split(',')
  const time = address.get('time')
  return {
    severity: severities.filter((one) => list('severity').includes(one)),
    type: list('type').filter((one) => /^[a-z][a-z-]{0,63}$/.test(one)),
    level: levels.filter((one) => list('level').includes(one)),
    computer: address.get('computer') || null,
    span: time !== null && Object.hasOwn(spans, time) ? (time as Span) : null,
  }
}

/** Writes a filter for the page's address: equal filters make equal addresses. */
export function filterToAddress(filter: ViolationFilter): URLSearchParams {
  const address = new URLSearchParams()
  if (filter.severity.length > 0)
    address.set('severity', severities.filter((one) => filter.severity.includes(one)).join(','))
  if (filter.type.length > 0) address.set('type', filter.type.toSorted().join(','))
  if (filter.level.length > 0)
    address.set('level', levels.filter((one) => filter.level.includes(one)).join(','))
  if (filter.computer !== null) address.set('computer', filter.computer)
  if (filter.span !== null) address.set('time', filter.span)
  return address
}

/** Writes a filter for the API; `now` is the console's clock, Unix ms. */
export function filterToQuery(filter: ViolationFilter, now: number): URLSearchParams {
  const query = filterToAddress(filter)
  query.delete('computer')
  query.delete('time')
  if (filter.computer !== null) query.set('agent', filter.computer)
  if (filter.span !== null) query.set('from', String(Math.max(0, now - spans[filter.span])))
  return query
}

/** Reports whether a violation that just arrived belongs into a list with this filter. */
export function matchesFilter(filter: ViolationFilter, item: ViolationItem): boolean {
  return (
    (filter.severity.length === 0 || filter.severity.includes(item.severity)) &&
    (filter.type.length === 0 || filter.type.includes(item.type)) &&
    (filter.level.length === 0 || filter.level.includes(item.level)) &&
    (filter.computer === null || filter.computer === item.agent)
  )
}

/** Reports whether a filter lets everything pass. */
export function isEmptyFilter(filter: ViolationFilter): boolean {
  return filterToAddress(filter).size === 0
}
