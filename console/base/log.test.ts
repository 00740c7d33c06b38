import { expect, it } from 'vitest'
import { createLog } from './log.ts'

it('writes one line without a byte that a terminal obeys, and loses nothing of the text', () => {
  const lines: string[] = []
  const log = createLog('info', { write: (line) => lines.push(line) })
  const hostile =
    'a\n\r\u0000\u001b[2J\u007f\u0085\u009b31m\u061c\u200f\u202egpj.exe\u2028\u2029\u2066\ufeff"\\'
  log.warn({ text: hostile, long: hostile.repeat(20), err: new Error(hostile) }, 'hostile')
  const [line = ''] = lines
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that they are not there is what is tested
  expect(line).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]*\n$/)
  expect(JSON.parse(line)).toMatchObject({
    text: hostile,
    long: hostile.repeat(20),
    err: { message: hostile },
  })
})
