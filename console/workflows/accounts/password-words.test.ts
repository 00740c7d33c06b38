import { expect, it } from 'vitest'
import { departmentWords, PRODUCT_WORDS, unitWords } from './password-words.ts'

const added = (unit: string, names: readonly string[] = []) =>
  unitWords({ unit, names }).filter((word) => !PRODUCT_WORDS.includes(word))

it('takes the name of the unit, whole and in its parts', () => {
  expect(added('第七研究所 Seventh Institute')).toEqual([
    '第七研究所 seventh institute',
    '第七研究所',
    'seventh',
    'institute',
  ])
})

it('takes names of the console, and no addresses', () => {
  expect(added('', ['console.bureau-nine.example', '10.20.30.40', 'fd00::12', 'cafe'])).toEqual([
    ...['console', 'bureau', 'nine', 'example', 'cafe'],
  ])
})

it('leaves out what stands in a password by chance', () => {
  expect(added('所', ['ab.cde.f'])).toEqual([])
  expect(departmentWords(['一', '2026', 'R&D', '总体部'])).toEqual(['总体部'])
})
