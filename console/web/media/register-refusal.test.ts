import { expect, it } from 'vitest'
import { ApiError } from '../server/request.ts'
import { registerRefusal } from './register-refusal.ts'

const refused = (message: string, code = 'invalid-request') =>
  registerRefusal(new ApiError(code, 400, message, false))

it('names the medium that it is, or that it only says to be', () => {
  expect(refused('This medium is registered as YM-0007 (missing); open that number instead.')).toEqual({
    kind: 'registered',
    number: 'YM-0007',
    state: 'missing',
  })
  expect(
    refused('This medium says of itself what 机-7 (carried-out) does, and is another one: two media …'),
  ).toEqual({ kind: 'clone', number: '机-7', state: 'carried-out' })
})

it('knows a number that is taken', () => {
  expect(refused('The number U-1 is taken; choose another.')).toEqual({ kind: 'number-taken' })
})

it('leaves every other refusal to the words of its own', () => {
  expect(refused('No computer X is enrolled; see the list of computers.')).toBeNull()
  expect(refused('This medium is registered as A (eaten); open that number instead.')).toBeNull()
  expect(refused('The number U-1 is taken; choose another.', 'not-permitted')).toBeNull()
  expect(registerRefusal(new Error('The number U-1 is taken; choose another.'))).toBeNull()
})
