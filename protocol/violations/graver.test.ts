import { describe, expect, it } from 'vitest'
import { isGraver, type Weighed } from './graver.ts'

const told = (evidence: unknown, more: Partial<Weighed> = {}): Weighed => ({
  ...{ severity: 'high', level: 'secret', evidence },
  ...more,
})

describe('which of two violations of one thing is worse', () => {
  it.each([
    [told({ outcome: 'detected' }), told({ outcome: 'blocked' })],
    [told({ outcome: 'allowed' }), told({ outcome: 'detected' })],
    [told({ outcome: 'blocked', exposure: 'not-verified' }), told({ outcome: 'blocked', exposure: 'none' })],
    [told({ confidence: 'confirmed-reachability' }), told({ confidence: 'link-up' })],
    [told({ found: { confidence: 'link-up' } }), told({ found: { confidence: 'attempt' } })],
    [told({}, { severity: 'critical' }), told({})],
    [told({}, { level: 'top-secret' }), told({})],
    // What is not told may be the worst.
    [told({}), told({ outcome: 'blocked' })],
    [told(null), told({ exposure: 'none' })],
  ])('%o is worse than %o', (worse, lesser) => {
    expect(isGraver(worse, lesser)).toBe(true)
    expect(isGraver(lesser, worse)).toBe(false)
  })

  it('is neither where both say the same', () => {
    for (const evidence of [
      {},
      null,
      { outcome: 'blocked', exposure: 'none' },
      { found: { outcome: 'detected' } },
    ])
      expect(isGraver(told(evidence), told(evidence))).toBe(false)
  })

  it('is the one that is worse in anything, whatever else it is less in', () => {
    const [one, other] = [
      told({ outcome: 'blocked' }, { severity: 'critical' }),
      told({ outcome: 'detected' }),
    ]
    expect([isGraver(one, other), isGraver(other, one)]).toEqual([true, true])
  })
})
