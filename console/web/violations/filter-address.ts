/** The violations' filter in the page's address and in the API's query: pure, and each way back. */
import type { Level } from '@shoukou/protocol/levels.ts'
import type { SEVERITIES, ViolationItem } from '../../api/contract.ts'

export type HandlingState = ViolationItem['standing']['state']
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

export const handlingStates = [
  'detected',
  'acknowledged',
  'confirmed',
  'incident',
  'remedied',
  'rectified',
  'closed',
  'false-positive',
] as const satisfies readonly HandlingState[]

export interface ViolationFilter {
  readonly severity: readonly Severity[]
  readonly type: readonly string[]
  readonly level: readonly Level[]
  /** Agent id. */
  readonly computer: string | null
  readonly span: Span | null
  readonly state: readonly HandlingState[]
  /** Those that whoever looks sees to. */
  readonly isMine: boolean
  /** Those that an exception allows alone, or none of them. */
  readonly excepted: 'yes' | 'no' | null
  readonly department: string | null
  /** Repeats are rows of their own. */
  readonly isEach: boolean
}

export const emptyFilter: ViolationFilter = {
  ...{ severity: [], type: [], level: [], computer: null, span: null },
  ...{ state: [], isMine: false, excepted: null, department: null, isEach: false },
}

/** Reads a filter from the page's address; what it does not know is left out. */
export function filterFromAddress(address: URLSearchParams): ViolationFilter {
  const list = (name: string) => (address.get(name) ?? '').split(',')
  const time = address.get('time')
  const excepted = address.get('excepted')
  return {
    severity: severities.filter((one) => list('severity').includes(one)),
    type: list('type').filter((one) => /^[a-z][a-z-]{0,63}$/.test(one)),
    level: levels.filter((one) => list('level').includes(one)),
    computer: address.get('computer') || null,
    span: time !== null && Object.hasOwn(spans, time) ? (time as Span) : null,
    state: handlingStates.filter((one) => list('state').includes(one)),
    isMine: address.get('assignee') === 'me',
    excepted: excepted === 'yes' || excepted === 'no' ? excepted : null,
    department: address.get('department') || null,
    isEach: address.get('repeats') === 'each',
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
  if (filter.state.length > 0)
    address.set('state', handlingStates.filter((one) => filter.state.includes(one)).join(','))
  if (filter.isMine) address.set('assignee', 'me')
  if (filter.excepted !== null) address.set('excepted', filter.excepted)
  if (filter.department !== null) address.set('department', filter.department)
  if (filter.isEach) address.set('repeats', 'each')
  return address
}

/** Writes a filter for the API; `now` is the console's clock, Unix ms. */
export function filterToQuery(filter: ViolationFilter, now: number): URLSearchParams {
  const query = filterToAddress(filter)
  query.delete('computer')
  query.delete('time')
  query.delete('repeats')
  if (!filter.isEach) query.set('repeats', 'one')
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
    (filter.computer === null || filter.computer === item.agent) &&
    (filter.state.length === 0 || filter.state.includes(item.standing.state)) &&
    (filter.excepted === null || (filter.excepted === 'yes') === (item.standing.exception !== null)) &&
    (filter.isEach || item.standing.repeatOf === null)
  )
}

/** Reports whether only the console can say what belongs into a list: an arrival is no reason to guess. */
export function needsAsking(filter: ViolationFilter): boolean {
  return filter.isMine || filter.department !== null
}

/** Reports whether a filter lets everything pass. */
export function isEmptyFilter(filter: ViolationFilter): boolean {
  return filterToAddress(filter).size === 0
}
