import { describe, expect, it } from 'vitest'
import { VIOLATION_IDS, VIOLATIONS } from '../violations.ts'
import { BREACHES } from './breaches.ts'
import { citeBasis, inferred, law, regulation, unitRule } from './legal-basis.ts'

describe('a citation', () => {
  it('names the law, the article and the item in both languages', () => {
    expect(citeBasis(law(31, 1), 'zh')).toBe('《保守国家秘密法》第三十一条第（一）项')
    expect(citeBasis(law(31, 1), 'en')).toBe('Law on Guarding State Secrets, art. 31(1)')
    expect(citeBasis(law(57, 11), 'zh')).toBe('《保守国家秘密法》第五十七条第（十一）项')
    expect(citeBasis(law(22), 'zh')).toBe('《保守国家秘密法》第二十二条')
    expect(citeBasis(regulation(59), 'zh')).toBe('《保守国家秘密法实施条例》第五十九条')
    expect(citeBasis(regulation(10), 'zh')).toBe('《保守国家秘密法实施条例》第十条')
    expect(citeBasis(unitRule('no-network'), 'zh')).toBe('本单位规定：单机涉密计算机不得连接任何网络')
  })

  it('says where the article does not name the act itself', () => {
    expect(law(31, 2).isInferred).toBe(false)
    expect(inferred(law(31, 2))).toEqual({ ...law(31, 2), isInferred: true })
    expect(VIOLATIONS['connection-sharing'].basis).toEqual([inferred(law(31, 2))])
  })

  it('stays within the articles that the catalogue was made from', () => {
    const cited = [...VIOLATION_IDS.map((id) => VIOLATIONS[id]), ...Object.values(BREACHES)].flatMap(
      (entry) =>
        entry.basis.flatMap((basis) =>
          basis.kind === 'law' ? [citeBasis(basis, 'en').replace(/^.* art\. /, `${basis.law} `)] : [],
        ),
    )
    expect([...new Set(cited)].toSorted()).toEqual([
      '保守国家秘密法 22',
      '保守国家秘密法 31',
      '保守国家秘密法 31(1)',
      '保守国家秘密法 31(2)',
      '保守国家秘密法 31(3)',
      '保守国家秘密法 31(4)',
      '保守国家秘密法 31(5)',
      '保守国家秘密法 57(11)',
      '保守国家秘密法 57(8)',
      '保守国家秘密法实施条例 21',
      '保守国家秘密法实施条例 27(5)',
      '保守国家秘密法实施条例 32',
      '保守国家秘密法实施条例 35',
      '保守国家秘密法实施条例 53',
      '保守国家秘密法实施条例 59',
      '保守国家秘密法实施条例 61',
    ])
  })
})
