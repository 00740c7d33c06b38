import { describe, expect, it } from 'vitest'
import { missingPasswordDemands } from './password-rule.ts'

const missing = (next: string, current = 'old', charactersMin = 10) =>
  missingPasswordDemands(next, { name: 'li', current, charactersMin })

describe('the password rule', () => {
  it('accepts ten characters with all four classes', () => {
    expect(missing('Ab3!efghij')).toEqual([])
  })

  it('names exactly what is missing', () => {
    expect(missing('Ab3!efghi')).toEqual(['length'])
    expect(missing('ab3!efghij')).toEqual(['upper'])
    expect(missing('AB3!EFGHIJ')).toEqual(['lower'])
    expect(missing('Abc!efghij')).toEqual(['digit'])
    expect(missing('Ab3defghij')).toEqual(['special'])
    expect(missing('Ab3!efg-LI')).toEqual(['name'])
  })

  it('is as long as the unit asks', () => {
    expect(missing('Ab3!efghij', 'old', 11)).toEqual(['length'])
    expect(missing('Ab3!efghijk', 'old', 11)).toEqual([])
  })

  it('does not take a space or a Chinese character for a special one', () => {
    expect(missing('Ab3 efghij')).toEqual(['special'])
    expect(missing('Ab3口令efghij')).toEqual(['special'])
  })

  it('refuses the password that is being changed, however its accents were typed', () => {
    expect(missing('Ab3!efghij', 'Ab3!efghij')).toEqual(['different'])
    expect(missing('Ab3!caf\u00e9ghi', 'Ab3!cafe\u0301ghi')).toEqual(['different'])
  })

  it('counts characters, not code units', () => {
    expect(missing('Ab3!😀😀😀')).toEqual(['length'])
  })

  it('lacks everything where nothing is typed', () => {
    expect(missing('')).toEqual(['length', 'upper', 'lower', 'digit', 'special', 'name', 'different'])
  })
})
