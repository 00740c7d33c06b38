import { expect, it } from 'vitest'
import type { EvidenceOf } from '../violations.ts'
import { headline } from './headline.ts'

type Tamper = EvidenceOf<'agent-tamper'>

const where = { computer: 'JM-0001', level: 'secret' } as const
const bare = { path: null, expectedHash: null, observedHash: null, serviceState: null, account: null }
const said = (evidence: Omit<Tamper, keyof typeof bare>) =>
  (['zh', 'en'] as const).map((lang) =>
    headline({ id: 'agent-tamper', evidence: { ...bare, ...evidence }, ...where }, lang),
  )

it('says of the agent itself what was done to it, and no more than is proved', () => {
  expect(said({ what: 'paused', openMs: 90_000 })).toEqual([
    expect.stringContaining('JM-0001 的监控程序被停止信号暂停'),
    expect.stringMatching(/^The agent of .*JM-0001.* was held still by a stop signal/),
  ])
  expect(said({ what: 'stopped', openMs: null })[1]).toContain('has not come back')
  expect(said({ what: 'stopped', openMs: 600_000 })[1]).toContain('while the computer went on running')
  expect(said({ what: 'removed' })[1]).toContain('by force, without a code')
  expect(said({ what: 'altered', layer: 'unit', alteration: 'masked', isRestored: true })).toEqual([
    expect.stringContaining('JM-0001 的监控服务的系统单元被屏蔽，已恢复'),
    expect.stringMatching(/^On .*JM-0001.*, a unit of the agent was masked; put back$/),
  ])
  expect(
    said({ what: 'configuration-altered', layer: 'configuration', alteration: 'content-changed' })[1],
  ).toContain('the configuration of the agent was changed')
})

it('words a log whose seals are missing or do not hold', () => {
  const evidence = {
    ...{ epoch: 'e', firstSeq: 5, lastSeq: 9, expectedHead: null, claimedHead: null, byMs: null },
    ...{ fault: 'index-skipped', sealIndex: 7, expectedSealIndex: 2 },
  }
  for (const cause of ['seal-missing', 'seal-broken'] as const) {
    const about = { id: 'log-gap-or-clock-tamper', evidence: { ...evidence, cause }, ...where } as const
    expect(headline(about, 'en')).toContain('5-9')
    expect(headline(about, 'zh')).toContain('封印')
  }
})
