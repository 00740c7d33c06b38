/** The work list's filter in the page's address and in the API's query: pure, and each way back. */
import { FINDING_KINDS, FINDING_SEVERITY, type FindingKind } from '../../ledger/reality.ts'

export const findingStates = ['open', 'snoozed', 'resolved'] as const
export const findingSeverities = ['high', 'medium', 'low'] as const

export const findingSorts = ['gravity', 'since', 'number', 'department'] as const

export interface FindingsView {
  readonly state: (typeof findingStates)[number]
  readonly kind: readonly FindingKind[]
  readonly severity: readonly (typeof findingSeverities)[number][]
  readonly department: string | null
  readonly taken: 'me' | 'nobody' | null
  readonly search: string
  /** `gravity`: the gravest first, then the oldest; the console's own order. */
  readonly sort: (typeof findingSorts)[number]
  readonly isDescending: boolean
}

export const plainFindings: FindingsView = {
  ...{ state: 'open', kind: [], severity: [], department: null, taken: null, search: '' },
  ...{ sort: 'gravity', isDescending: false },
}
const textMax = 100

/** Reads a view from the page's address; what it does not know is left out. */
export function findingsViewFromAddress(address: URLSearchParams): FindingsView {
  const list = (name: string) => (address.get(name) ?? '').split(',')
  const text = (name: string) => address.get(name)?.slice(0, textMax) || null
  const taken = address.get('taken')
  return {
    state: findingStates.find((one) => one === address.get('state')) ?? 'open',
    kind: FINDING_KINDS.filter((one) => list('kind').includes(one)),
    severity: findingSeverities.filter((one) => list('severity').includes(one)),
    department: text('department'),
    taken: taken === 'me' || taken === 'nobody' ? taken : null,
    search: text('search') ?? '',
    sort: findingSorts.find((one) => one === address.get('sort')) ?? 'gravity',
    isDescending: address.has('sort') && address.get('order') === 'desc',
  }
}

/** Writes a view for the address, and for the API: equal views make equal addresses. */
export function findingsViewToAddress(view: FindingsView): URLSearchParams {
  const address = new URLSearchParams()
  if (view.state !== 'open') address.set('state', view.state)
  if (view.kind.length > 0) address.set('kind', view.kind.join(','))
  if (view.severity.length > 0) address.set('severity', view.severity.join(','))
  if (view.department !== null) address.set('department', view.department)
  if (view.taken !== null) address.set('taken', view.taken)
  if (view.search.trim() !== '') address.set('search', view.search.trim())
  if (view.sort !== 'gravity') {
    address.set('sort', view.sort)
    if (view.isDescending) address.set('order', 'desc')
  }
  return address
}

/** Reports whether a view leaves something out; which state is looked at does not, nor does the order. */
export function isFindingsFiltered(view: FindingsView): boolean {
  return findingsViewToAddress({ ...view, state: 'open', sort: 'gravity' }).size > 0
}

/** Kinds in the order of their gravity, as they are offered. */
export const kindsInOrder: readonly FindingKind[] = findingSeverities.flatMap((severity) =>
  FINDING_KINDS.filter((kind) => FINDING_SEVERITY[kind] === severity),
)
