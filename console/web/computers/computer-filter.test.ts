import { describe, expect, it } from 'vitest'
import type { Computer } from '../../api/contract.ts'
import { computerFilterFromAddress, computerFilterToAddress, filterComputers } from './computer-filter.ts'

const computer = (number: string, hostname: string, state: Computer['watch']['state'] = 'proven') =>
  ({ number, hostname, watch: { state, reasons: [] } }) as unknown as Computer

const all = [computer('JM-10', 'alpha'), computer('JM-9', 'Beta', 'broken'), computer('JM-11', 'gamma')]
const numbers = (text: string, watch: Computer['watch']['state'] | null = null) =>
  filterComputers(all, { text, watch }).map((one) => one.number)

describe('the computers in the table', () => {
  it('are found by part of their number or name, whatever the case', () => {
    expect(numbers('jm-1')).toEqual(['JM-10', 'JM-11'])
    expect(numbers('BETA')).toEqual(['JM-9'])
    expect(numbers('')).toEqual(['JM-9', 'JM-10', 'JM-11'])
  })

  it('are narrowed by their watch', () => {
    expect(numbers('', 'broken')).toEqual(['JM-9'])
  })

  it('have their filter in the address, both ways', () => {
    const filter = { text: '机要 1', watch: 'unproven' } as const
    expect(computerFilterFromAddress(computerFilterToAddress(filter))).toEqual(filter)
    expect(computerFilterFromAddress(new URLSearchParams('watch=green'))).toEqual({ text: '', watch: null })
  })
})
