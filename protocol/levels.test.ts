import { describe, expect, it } from 'vitest'
import { compareLevels, isStateSecret, LEVEL_NAMES, LEVELS, levelRank } from './levels.ts'

describe('levels', () => {
  it('stand in order, with 秘密 as the lowest of the state secrets', () => {
    expect(LEVELS.map((level) => LEVEL_NAMES[level].zh)).toEqual(['非密', '内部', '秘密', '机密', '绝密'])
    expect(LEVELS.map(levelRank)).toEqual([0, 1, 2, 3, 4])
    expect(LEVELS.filter(isStateSecret)).toEqual(['confidential', 'secret', 'top-secret'])
  })

  it('compare both ways', () => {
    expect(compareLevels('secret', 'confidential')).toBeGreaterThan(0)
    expect(compareLevels('internal', 'top-secret')).toBeLessThan(0)
    expect(compareLevels('secret', 'secret')).toBe(0)
  })

  it('have tags that no two share', () => {
    expect(new Set(LEVELS.map((level) => LEVEL_NAMES[level].tag)).size).toBe(LEVELS.length)
  })
})
