import { describe, expect, it } from 'vitest'
import { missingDemands } from './password-rule.ts'

describe('the password rule', () => {
  it('accepts ten characters with all four classes', () => {
    expect(missingDemands('Ab3!efghij', 'old')).toEqual([])
  })

  it('names exactly what is missing', () => {
    expect(missingDemands('Ab3!efghi', 'old')).toEqual(['length'])
    expect(missingDemands('ab3!efghij', 'old')).toEqual(['upper'])
    expect(missingDemands('AB3!EFGHIJ', 'old')).toEqual(['lower'])
    expect(missingDemands('Abc!efghij', 'old')).toEqual(['digit'])
    expect(missingDemands('Ab3defghij', 'old')).toEqual(['special'])
  })

  it('does not take a space for a special character', () => {
    expect(missingDemands('Ab3 efghij', 'old')).toEqual(['special'])
  })

  it('refuses the password that is being changed', () => {
    expect(missingDemands('Ab3!efghij', 'Ab3!efghij')).toEqual(['different'])
  })

  it('counts characters, not code units', () => {
    expect(missingDemands('Ab3!😀😀😀', 'old')).toEqual(['length'])
  })
})
