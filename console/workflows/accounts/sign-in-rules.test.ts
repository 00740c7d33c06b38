import { LEVELS, type Level, ROLES } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import {
  boundsOf,
  defaultRules,
  parseRules,
  passwordEndsAt,
  type SignInRules,
  tightened,
  weakerThanLevel,
} from './sign-in-rules.ts'

const day = 86_400_000

describe('the rules by level', () => {
  it.each([
    ['unclassified', 90, 90, false, false],
    ['internal', 90, 90, false, false],
    ['confidential', 30, 30, false, false],
    ['secret', 7, 30, false, false],
    ['top-secret', 7, 30, true, true],
  ] as const)(
    'of %s: a password for %d days, with a second factor for %d',
    (level, alone, both, factor, one) => {
      const rules = defaultRules(level)
      expect(passwordEndsAt(rules, 0, false)).toBe(alone * day)
      expect(passwordEndsAt(rules, 0, true)).toBe(both * day)
      expect(rules.secondFactorRoles).toEqual(factor ? [...ROLES] : [])
      expect(rules.isOneSession).toBe(one)
      expect(rules).toMatchObject({
        passwordCharactersMin: 10,
        passwordsRemembered: 12,
        wrongTriesMax: 5,
        lockMinutes: 30,
        idleMinutes: 10,
      })
    },
  )

  it('only grow stricter with the level', () => {
    const of = (level: Level) => defaultRules(level)
    for (const [at, level] of LEVELS.entries()) {
      const stricter = LEVELS[at + 1]
      if (stricter === undefined) continue
      const isWeaker = weakerThanLevel(of(level), stricter).length > 0
      expect(weakerThanLevel(of(stricter), level), `${stricter} on ${level}`).toEqual([])
      expect(isWeaker || JSON.stringify(of(level)) === JSON.stringify(of(stricter))).toBe(true)
    }
  })

  it('name each setting that is one step weaker than the level demands, and none at the bound', () => {
    const { numbers } = boundsOf('secret')
    const strict = defaultRules('secret')
    for (const [key, { min, max }] of Object.entries(numbers)) {
      const set = (value: number): SignInRules => ({ ...strict, [key]: value })
      expect(weakerThanLevel(set(max), 'secret')).toEqual([])
      expect(weakerThanLevel(set(min), 'secret')).toEqual([])
      expect(weakerThanLevel(set(max + 1), 'secret')).toEqual([key])
      expect(weakerThanLevel(set(min - 1), 'secret')).toEqual([key])
    }
    expect(weakerThanLevel({ ...strict, isAddressKept: false }, 'secret')).toEqual(['isAddressKept'])
    const top = { ...defaultRules('top-secret'), secondFactorRoles: ['auditor' as const] }
    expect(weakerThanLevel(top, 'top-secret')).toEqual(['secondFactorRoles'])
  })

  it('are tightened at once where the console has risen to a stricter level', () => {
    const before = parseRules(JSON.stringify(defaultRules('internal')))
    expect(weakerThanLevel(before, 'top-secret')).not.toEqual([])
    expect(tightened(before, 'top-secret')).toMatchObject({ passwordDaysMax: 7, isOneSession: true })
  })

  it('are refused where what was stored is not them, and nothing weaker takes their place', () => {
    expect(() => parseRules('{"idleMinutes":10}')).toThrow('damaged')
    expect(() => parseRules(JSON.stringify({ ...defaultRules('secret'), idleMinutes: 600 }))).toThrow(
      'damaged',
    )
  })
})
