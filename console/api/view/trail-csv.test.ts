import { expect, it } from 'vitest'
import { csvCell } from './trail-csv.ts'

it('gives a spreadsheet no formula, no control character and no text that turns around', () => {
  expect(['=1+1', '+1', '-1', '@a', '  =1'].map(csvCell)).toEqual([
    '"\'=1+1"',
    '"\'+1"',
    '"\'-1"',
    '"\'@a"',
    '"\'  =1"',
  ])
  expect(csvCell('a"b,c')).toBe('"a""b,c"')
  expect(csvCell('a\r\n\u0000\u202Eb\u2028')).toBe('"a\\u000d\\u000a\\u0000\\u202eb\\u2028"')
  expect(csvCell('秘密')).toBe('"秘密"')
})
