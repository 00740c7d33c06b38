import { describe, expect, it } from 'vitest'
import { HOSTILE_TEXTS } from '../fixtures/hostile-texts.ts'
import { rawTextOf } from '../raw-text.ts'
import { isPlaceholderSerial, trimmedSerial } from './placeholder-serials.ts'

describe('a serial that says nothing', () => {
  it.each([
    ['nothing', ''],
    ['padding', '    \0\0'],
    ['one zero', '0'],
    ['zeros', '000000000000'],
    ['the first piece', '000000000001'],
    ['three digits', '001'],
    ['zeros and three digits', '000000000489'],
    ['all f', 'ffffffffffffffff'],
    ['all F', 'FFFFFFFF'],
    ['one letter', 'xxxxxxxx'],
    ['a known bridge', '152D00539000'],
    ['a known bridge, padded', ' 152D00539000   '],
    ['the hex digits', '0123456789ABCDEF'],
    ['the digits', '1234567890'],
    ['the digits with dashes', '1234-5678-90'],
    ['digits from the middle', '3456789'],
    ['control bytes', '\u0001\u0002\u0003\u0004\u0005'],
    ['a generated instance id', '7&1c2d3e4f&0'],
    ['a WWN of zeros', '0x5000000000000000'],
    ['an EUI of zeros', 'eui.0000000000000000'],
    ['a word', 'To Be Filled By O.E.M.'],
  ])('is %s', (_name, serial) => {
    expect(isPlaceholderSerial(serial)).toBe(true)
  })

  it('is two bytes of no text, which 200 sticks of one batch carry', () => {
    expect(isPlaceholderSerial({ b64: Buffer.from([0xd0, 0x89]).toString('base64') })).toBe(true)
  })

  it('is made of the maker number and the chip number', () => {
    expect(isPlaceholderSerial('058F63666433', '058f')).toBe(true)
    expect(isPlaceholderSerial('058F63666433', '0951')).toBe(false)
  })
})

describe('a serial of one piece', () => {
  it.each([
    'E0D55EA573DCF450E97A104B',
    '4C530001230712116543',
    'WD-WX21A6381234',
    'S4EWNX0R123456',
    'REG0001',
    '0x5001b448b6f2c1aa',
    'eui.00253858911b4d1c',
  ])('is %s', (serial) => {
    expect(isPlaceholderSerial(serial)).toBe(false)
  })

  it('loses its padding and nothing else', () => {
    expect(trimmedSerial('  WD 12\0')).toEqual(new TextEncoder().encode('WD 12'))
    expect(trimmedSerial(' \0 ')).toBeNull()
  })
})

it('answers on every hostile text', () => {
  for (const { bytes } of HOSTILE_TEXTS) {
    expect(typeof isPlaceholderSerial(rawTextOf(bytes), '0951')).toBe('boolean')
  }
})
