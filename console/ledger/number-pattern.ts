/**
 * A unit's own pattern of numbers: `JM-{level}-{dept}-{seq:4}`. Pure.
 *
 * `{level}` is the level's letter (TS, S, C, I, U), `{dept}` the department's code, `{year}` the year of registration, `{seq:4}`
 * the count, with so many digits at least. Each text around the count is counted for itself.
 */
import { LEVEL_NAMES, type Level } from '@shoukou/protocol/levels.ts'
import { isEntryNumber } from './check-entry.ts'
import { LEDGER_KINDS } from './fields.ts'

/** What is numbered by a pattern that the unit may set: the registers, and media. */
export const PATTERN_KINDS = [...LEDGER_KINDS, 'media'] as const
export type PatternKind = (typeof PATTERN_KINDS)[number]

/** Of media, until the unit sets its own. */
export const FIRST_MEDIA_PATTERN = 'YM-{seq:4}'

export interface PatternParts {
  readonly level: Level | null
  readonly departmentCode: string
  readonly year: number
}

export interface Stem {
  readonly before: string
  readonly after: string
  readonly digits: number
}

/** `no-count`: there is no `{seq}`, or more than one. `unknown-part`: braces around something else. `bad-characters`. */
export type PatternFault = 'no-count' | 'unknown-part' | 'bad-characters' | 'too-long'

const patternCharactersMax = 40
const digitsMax = 9
const digitsDefault = 4
const seq = /\{seq(?::([1-9]))?\}/g
const parts = /\{(?:level|dept|year|seq(?::[1-9])?)\}/g

/** Returns what is wrong with a pattern; null where numbers can be made by it. */
export function patternFault(pattern: string): PatternFault | null {
  if (pattern.length > patternCharactersMax) return 'too-long'
  if ([...pattern.matchAll(seq)].length !== 1) return 'no-count'
  if (/[{}]/.test(pattern.replaceAll(parts, ''))) return 'unknown-part'
  const { before, after } = stemOf(pattern, { level: 'secret', departmentCode: 'A', year: 2026 })
  return isEntryNumber(`${before}1${after}`) ? null : 'bad-characters'
}

/** Returns what stands around the count. A part that is not known yet is left out, with the dash before it. */
export function stemOf(pattern: string, { level, departmentCode, year }: PatternParts): Stem {
  const filled = pattern
    .replaceAll('{level}', level === null ? '' : LEVEL_NAMES[level].tag)
    .replaceAll('{dept}', departmentCode)
    .replaceAll('{year}', String(year).padStart(4, '0'))
  const found = [...filled.matchAll(seq)][0]
  const at = found?.index ?? filled.length
  const digits = Math.min(digitsMax, Number(found?.[1] ?? digitsDefault))
  const tidy = (text: string) => text.replaceAll(/([._/-])[._/-]+/g, '$1')
  return {
    before: tidy(filled.slice(0, at)).replace(/^[._/-]+/, ''),
    after: tidy(filled.slice(at + (found?.[0].length ?? 0))).replace(/[._/-]+$/, ''),
    digits,
  }
}

/** Returns a number as it would be counted. */
export function numberIn({ before, after, digits }: Stem, count: number): string {
  return `${before}${String(count).padStart(digits, '0')}${after}`
}
