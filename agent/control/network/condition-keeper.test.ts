import { describe, expect, it } from 'vitest'
import { conditionsOf } from '../../policy/network/conditions.ts'
import { nowhere, withAdapter } from '../../policy/network/testing/accused.ts'
import { adapterOf, OWN_MAC, policyOf } from '../../policy/network/testing/pictures.ts'
import { ConditionKeeper } from './condition-keeper.ts'

const baseline = [
  { name: 'eth0', mac: OWN_MAC, busPath: '0000:00:02.0' },
  { name: 'eth1', mac: '52:54:00:00:00:03', busPath: '0000:00:03.0' },
]
const picture = withAdapter(adapterOf(3, 'eth1', ['10.2.0.20/16']))
const under = (rules: { prefixes: string[] } | null) =>
  conditionsOf(picture, policyOf({ baseline, rules }), nowhere).filter(({ code }) => code === 'two-networks')
const forbidding = under(null)
const allowing = under({ prefixes: ['10.1.0.0/16', '10.2.0.0/16', 'fd00:1::/32'] })

function keeper(kept: ConditionKeeper['kept'] = []) {
  const told: string[] = []
  const made = new ConditionKeeper({
    kept,
    wallMs: () => 1,
    tell: (fact, decision) => {
      if (fact.kind !== 'network.condition') throw new Error(fact.kind)
      told.push(`${fact.state} ${fact.origin} ${decision?.outcome ?? '-'}`)
    },
  })
  return { told, made, see: (now: typeof allowing) => made.update(now, () => null) }
}

describe('a condition that goes on', () => {
  it('is told again where another policy allows it, once, and asks for no act', () => {
    const { told, see } = keeper()
    const looks = [see(forbidding), see(allowing), see(allowing), see(forbidding)]
    expect(looks.map(({ began }) => began.length)).toEqual([1, 0, 0, 1])
    expect(looks.map(({ hasChanged }) => hasChanged)).toEqual([true, true, false, true])
    expect(told).toEqual([
      'began present-at-start detected',
      'began policy-changed allowed',
      'began policy-changed detected',
    ])
  })

  it('is told again where the policy came to allow it while the agent did not run', () => {
    const before = keeper()
    before.see(forbidding)
    const { told, see } = keeper(before.made.kept)
    see(allowing)
    expect(told).toEqual(['began policy-changed allowed'])
  })
})
