import { expect, it } from 'vitest'
import { digitsOf, groupDigits } from './digit-groups.ts'

it('takes digits however they were typed', () => {
  expect(digitsOf('１２ 34-5６')).toBe('123456')
  expect(digitsOf('no digit')).toBe('')
})

it('groups them by four from the front, without a blank at the end', () => {
  expect(groupDigits('12345678901')).toBe('1234 5678 901')
  expect(groupDigits('1234')).toBe('1234')
  expect(groupDigits('')).toBe('')
})
