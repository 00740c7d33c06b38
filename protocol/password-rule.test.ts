import { describe, expect, it } from 'vitest'
import { missingPasswordDemands } from './password-rule.ts'

const missing = (next: string, current = 'old', charactersMin = 10) =>
  missingPasswordDemands(next, { name: 'li', current, charactersMin, words: ['shoukou', '研究所'] })

describe('the password rule', () => {
  it('accepts ten characters with all four classes', () => {
    expect(missing('Tv3!rkuqyj')).toEqual([])
  })

  it('names exactly what is missing', () => {
    expect(missing('Tv3!rkuqy')).toEqual(['length'])
    expect(missing('tv3!rkuqyj')).toEqual(['upper'])
    expect(missing('TV3!RKUQYJ')).toEqual(['lower'])
    expect(missing('Tvx!rkuqyj')).toEqual(['digit'])
    expect(missing('Tv3xrkuqyj')).toEqual(['special'])
    expect(missing('Tv3!rku-LI')).toEqual(['name'])
  })

  it('refuses the words of the unit, and what everybody tries first', () => {
    expect(missing('My-5h0ukou-7q')).toEqual(['word'])
    expect(missing('Xr4!研究所-abQ')).toEqual(['word'])
    expect(missing('Password123!')).toEqual(['common'])
  })

  it('is as long as the unit asks', () => {
    expect(missing('Tv3!rkuqyj', 'old', 11)).toEqual(['length'])
    expect(missing('Tv3!rkuqyjk', 'old', 11)).toEqual([])
  })

  it('does not take a space or a Chinese character for a special one', () => {
    expect(missing('Tv3 rkuqyj')).toEqual(['special'])
    expect(missing('Tv3口令rkuqyj')).toEqual(['special'])
  })

  it('refuses the password that is being changed, however its accents were typed', () => {
    expect(missing('Tv3!rkuqyj', 'Tv3!rkuqyj')).toEqual(['different'])
    expect(missing('Tv3!caf\u00e9rku', 'Tv3!cafe\u0301rku')).toEqual(['different'])
  })

  it('counts characters, not code units', () => {
    expect(missing('Tv3!x😀🙂😎')).toEqual(['length'])
  })

  it('lacks everything where nothing is typed', () => {
    expect(missing('')).toEqual([
      ...['length', 'upper', 'lower', 'digit', 'special', 'name', 'word', 'common', 'different'],
    ])
  })
})
