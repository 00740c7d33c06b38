import { expect, it } from 'vitest'
import {
  emptyMediaFilter,
  isEmptyMediaFilter,
  type MediaFilter,
  mediaFilterFromAddress,
  mediaFilterToAddress,
} from './media-address.ts'

it('goes to the address and back, whatever the order of the choices', () => {
  const filter: MediaFilter = {
    state: ['missing', 'issued'],
    level: ['secret'],
    computer: 'JM-0001',
    search: ' 张 & co ',
  }
  const address = mediaFilterToAddress(filter)
  expect(address.get('state')).toBe('issued,missing')
  expect(mediaFilterFromAddress(address)).toEqual({
    ...filter,
    state: ['issued', 'missing'],
    search: '张 & co',
  })
})

it('leaves out what it does not know', () => {
  const address = new URLSearchParams('state=eaten,lent&level=ultra&search=')
  expect(mediaFilterFromAddress(address)).toEqual({ ...emptyMediaFilter, state: ['lent'] })
})

it('is empty where nothing is asked for, blanks included', () => {
  expect(isEmptyMediaFilter({ ...emptyMediaFilter, search: '  ' })).toBe(true)
  expect(isEmptyMediaFilter({ ...emptyMediaFilter, computer: 'JM-0001' })).toBe(false)
})
