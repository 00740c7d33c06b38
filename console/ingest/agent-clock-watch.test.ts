import { DEFAULT_POLICY_SETTINGS } from '@shoukou/protocol'
import { expect, it } from 'vitest'
import type { PolicyRow } from '../store/ports.ts'
import { AgentClockWatch } from './agent-clock-watch.ts'

const hour = 3_600_000
const row = (clockBackMsMax: number): PolicyRow => ({
  ...{ agent: 'a', version: 1, createdAt: 0, createdBy: '', reason: '', envelope: '' },
  settings: {
    ...DEFAULT_POLICY_SETTINGS,
    limits: { ...DEFAULT_POLICY_SETTINGS.limits, clockBackMsMax },
  },
})

/** A console whose own wall clock is nowhere asked for. */
function start(limits: Readonly<Record<number, number>> = { 1: 120_000 }) {
  const at = { ms: 5_000 }
  let asked = 0
  const watch = new AgentClockWatch({
    store: {
      policy: async (_agent, version) => {
        asked += 1
        const limit = limits[version]
        return limit === undefined ? null : row(limit)
      },
    },
    monotonicMs: () => at.ms,
  })
  const beat = async (agent: string, wallMs: number, policyVersion = 1) =>
    (await watch.heard(agent, { wallMs, policyVersion }, true))?.evidence
  return { at, watch, beat, asked: () => asked }
}

it('raises a clock set back untold, over connections, by the policy’s limit, and no other computer’s', async () => {
  const { at, beat, asked } = start()
  const wall = Date.UTC(2026, 5, 1)
  await beat('a', wall)
  await beat('b', wall)
  const found: unknown[] = []
  for (let n = 1; n <= 8; n += 1) {
    at.ms += 10_000
    found.push(await beat('a', wall + n * 10_000 - hour), await beat('b', wall + n * 10_000))
  }
  const told = found.filter((one) => one !== undefined)
  expect(told).toEqual([
    {
      ...{ cause: 'clock-set-back', epoch: null, firstSeq: null, lastSeq: null },
      ...{ expectedHead: null, claimedHead: null, byMs: expect.any(Number) },
    },
  ])
  expect((told[0] as { byMs: number }).byMs).toBeCloseTo(-hour, -3)
  // A policy is read once for each version, not with each heartbeat.
  expect(asked()).toBe(2)
})

it('leaves to its record what the agent told, and takes another limit with another policy', async () => {
  const { at, watch, beat } = start({ 1: 120_000, 2: 2 * hour })
  const wall = Date.UTC(2026, 5, 1)
  await beat('a', wall)
  await beat('b', wall)
  watch.told('a', [{ fact: { kind: 'clock.stepped', byMs: -hour, found: 'while-running' } }])
  for (let n = 1; n <= 8; n += 1) {
    at.ms += 10_000
    expect(await beat('a', wall + n * 10_000 - hour)).toBeUndefined()
    expect(await beat('b', wall + n * 10_000 - hour, 2)).toBeUndefined()
  }
})
