/** Which computers the table shows: pure. */
import type { Computer } from '../../api/contract.ts'

export interface ComputerFilter {
  /** Part of a number or a host name. */
  readonly text: string
  readonly watch: Computer['watch']['state'] | null
}

const states = ['proven', 'unproven', 'broken'] as const

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

/** Returns those that match, by number as people count. */
export function filterComputers(computers: readonly Computer[], filter: ComputerFilter): Computer[] {
  const wanted = filter.text.trim().toLowerCase()
  return computers
    .filter(
      (one) =>
        (filter.watch === null || one.watch.state === filter.watch) &&
        (wanted === '' ||
          one.number.toLowerCase().includes(wanted) ||
          one.hostname.toLowerCase().includes(wanted)),
    )
    .toSorted((a, b) => a.number.localeCompare(b.number, 'en', { numeric: true }))
}
