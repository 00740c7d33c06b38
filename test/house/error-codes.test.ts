/** Error codes are append-only: logs of five years name them, and agents of an older version obey them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERROR_CODES } from '@shoukou/protocol'
import { expect, it } from 'vitest'

const recorded = readFileSync(join(import.meta.dirname, 'fixtures/error-codes.txt'), 'utf8')
  .trimEnd()
  .split('\n')
const current = Object.entries(ERROR_CODES).map(
  ([code, { retryable, closes }]) => code + (retryable ? ' retryable' : '') + (closes ? ' closes' : ''),
)

it('no error code was taken away, renamed, moved or given another meaning', () => {
  expect(current.slice(0, recorded.length)).toEqual(recorded)
})

it('every new error code is recorded in test/house/fixtures/error-codes.txt', () => {
  expect(current.slice(recorded.length)).toEqual([])
})
