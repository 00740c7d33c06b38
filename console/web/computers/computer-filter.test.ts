import { expect, it } from 'vitest'
import { computerFilterFromAddress, computerFilterToAddress } from './computer-filter.ts'

it('has the filter of the table in the address, both ways', () => {
  const filter = { text: '机要 1', watch: 'unproven' } as const
  expect(computerFilterFromAddress(computerFilterToAddress(filter))).toEqual(filter)
  expect(computerFilterFromAddress(new URLSearchParams('watch=green'))).toEqual({ text: '', watch: null })
})
