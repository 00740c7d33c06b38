/** What is done to an agent, by its own records: each its own violation with words of its own, also when they come days later. */
import { DEFAULT_POLICY_SETTINGS, type Fact, VIOLATIONS } from '@shoukou/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { violationItem } from '../api/view/violation-view.ts'
import { type IngestBench, openIngestBench } from './testing/ingest-bench.ts'

let bench: IngestBench
beforeAll(async () => {
  bench = await openIngestBench()
})
afterAll(() => bench[Symbol.asyncDispose]())

const altered = (thing: string, path: string, what: string, serviceState: string | null = null): Fact =>
  ({
    ...{ kind: 'agent.altered', thing, path, what, serviceState, account: null },
    ...{
      expectedHash: 'a'.repeat(64),
      observedHash: 'b'.repeat(64),
      found: 'while-running',
      isRestored: true,
    },
  }) as Fact
const unit = '/etc/systemd/system/multi-user.target.wants/shoukou-agent.service'
const stop: Fact = { kind: 'agent.stopping', reason: 'stopped-alone' }
const start: Fact = { kind: 'agent.started', previous: 'clean-stop', pid: 1, uid: 0 }
const held = { tracer: null, suspendedMs: 0, fromWallMs: 1_790_000_000_000, cause: 'stop-signal' } as const
const removal = {
  kind: 'agent.removal',
  result: 'forced',
  reason: 'no-code',
  counter: null,
  account: 'root',
} as const

interface Row {
  readonly done: string
  readonly facts: readonly Fact[]
  readonly evidence: object
  readonly en: RegExp
  readonly zh: RegExp
}

const rows: readonly Row[] = [
  {
    done: 'frozen by SIGSTOP',
    facts: [{ kind: 'agent.paused', pausedMs: 61_000, ...held }],
    evidence: { what: 'paused', openMs: 61_000 },
    en: /held still by a stop signal/,
    zh: /被停止信号暂停/,
  },
  {
    done: 'stopped alone for ten minutes',
    facts: [stop, start],
    evidence: { what: 'stopped', serviceState: 'stopped' },
    en: /was stopped for .* while the computer went on running/,
    zh: /其间计算机仍在运行/,
  },
  {
    done: 'disabled',
    facts: [altered('unit', unit, 'disabled', 'disabled')],
    evidence: {
      what: 'altered',
      layer: 'unit',
      alteration: 'disabled',
      path: unit,
      serviceState: 'disabled',
    },
    en: /a unit of the agent was disabled; put back/,
    zh: /系统单元被停用，已恢复/,
  },
  {
    done: 'masked',
    facts: [altered('unit', unit, 'masked', 'masked')],
    evidence: { what: 'altered', alteration: 'masked' },
    en: /was masked/,
    zh: /被屏蔽/,
  },
  {
    done: 'its unit file altered',
    facts: [altered('unit', unit, 'content-changed')],
    evidence: { what: 'altered', layer: 'unit', expectedHash: 'a'.repeat(64), observedHash: 'b'.repeat(64) },
    en: /a unit of the agent was changed; put back/,
    zh: /系统单元内容被修改/,
  },
  {
    done: 'its policy file altered',
    facts: [altered('policy', '/var/lib/shoukou/agent/policy/current.json', 'content-changed')],
    evidence: { what: 'configuration-altered', layer: 'policy', isRestored: true },
    en: /a policy file of the agent was changed/,
    zh: /策略文件内容被修改/,
  },
  {
    done: 'its identity removed',
    facts: [altered('identity', '/var/lib/shoukou/agent/identity/agent.key', 'removed')],
    evidence: { what: 'altered', layer: 'identity', alteration: 'removed' },
    en: /an identity file of the agent was removed/,
    zh: /身份文件被删除/,
  },
  {
    done: 'removed without a code',
    facts: [removal],
    evidence: { what: 'removed', alteration: 'forced', account: 'root', reason: 'no-code' },
    en: /removed by force, without a code/,
    zh: /未凭卸载码被强制卸载/,
  },
]

it.each(rows)(
  '$done: violation 38, in words of its own, with its evidence',
  async ({ facts, evidence, en, zh }) => {
    const modes = { ...DEFAULT_POLICY_SETTINGS.modes, media: 'enforce' } as const
    // Told as it happens, and from the journal of a computer that was away: the same.
    for (const isLate of [false, true]) {
      const computer = await bench.computer({ modes })
      const wallMs = bench.now
      if (isLate) bench.now += 7 * 86_400_000
      for (const [at, fact] of facts.entries())
        await computer.send(fact, { wallMs, bootId: 'boot-1', bootMs: 10_000 + at * 600_000 })
      const [found, ...more] = await computer.violations()
      expect(more).toEqual([])
      expect(found).toMatchObject({ type: 'agent-tamper', severity: 'critical', occurredAt: wallMs })
      expect(VIOLATIONS['agent-tamper'].number).toBe(38)
      if (found === undefined) return
      expect(JSON.parse(found.evidence)).toMatchObject(evidence)
      const { headline } = violationItem(found)
      expect(headline.en).toMatch(en)
      expect(headline.zh).toMatch(zh)
    }
  },
)

it('no two of them have the same words', async () => {
  const words = new Set(rows.map(({ en }) => en.source))
  expect(words.size).toBe(rows.length)
})

it('a removal with a code, an upgrade, and a computer that sleeps accuse nobody', async () => {
  const computer = await bench.computer()
  await computer.sendTogether(
    { ...removal, result: 'permitted', reason: 'code', counter: 1 },
    altered('program', '/usr/bin/shoukou-agent', 'upgraded'),
    { kind: 'agent.paused', pausedMs: 61_000, ...held, cause: 'unexplained' },
    { kind: 'agent.stopping', reason: 'removal' },
  )
  expect(await computer.types()).toEqual([])
})
