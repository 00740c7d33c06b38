/** Which computers the table shows: pure. */
import type { Computer } from '../../api/contract.ts'
import { COMPUTER_SORTS } from '../../api/contract-computer-order.ts'
import type { TableShape } from '../show/table-view.ts'

export interface ComputerFilter {
  /** Part of a number or a host name. */
  readonly text: string
  readonly watch: Computer['watch']['state'] | null
}

const states = ['proven', 'unproven', 'broken'] as const

/** Beside the number, which is always shown; `hasViolations`: whoever may not read them has no such column. */
export function computersShape(hasViolations: boolean): TableShape {
  const columns = ['level', 'network-mode', 'status', 'watch', 'last-seen', 'policy']
  return {
    columns: [...columns, ...(hasViolations ? ['violations'] : [])],
    sortable: COMPUTER_SORTS.filter((one) => hasViolations || one !== 'violations'),
    ownSort: 'number',
  }
}

/** What the columns are called in an export. */
export const exportedComputerColumns: Readonly<Record<string, readonly string[]>> = {
  level: ['level'],
  'network-mode': ['networkMode'],
  status: ['status'],
  watch: ['watch'],
  'last-seen': ['lastSeenAt'],
  policy: ['policyVersion'],
  violations: ['violations'],
}

export function computerFilterFromAddress(address: URLSearchParams): ComputerFilter {
  return {
    text: (address.get('text') ?? '').slice(0, 64),
    watch: states.find((one) => one === address.get('watch')) ?? null,
  }
}

export function computerFilterToAddress(filter: ComputerFilter): URLSearchParams {
  const address = new URLSearchParams()
  if (filter.text !== '') address.set('text', filter.text)
  if (filter.watch !== null) address.set('watch', filter.watch)
  return address
}
