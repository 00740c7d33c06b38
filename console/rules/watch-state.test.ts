import { type Coverage, DEFAULT_POLICY_SETTINGS, type SensorName } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import type { NetworkStanding } from './network-standing.ts'
import { type WatchedComputer, watchState } from './watch-state.ts'

const settings = { requiredSensors: ['usb', 'media'] satisfies SensorName[] }

function covered(sensor: SensorName, state: Coverage['state'] = 'watching'): Coverage {
  const isBlind = state === 'not-watched'
  return {
    sensor,
    state,
    method: 'netlink',
    reason: isBlind ? 'no privilege' : null,
    remedy: isBlind ? 'CAP_NET_ADMIN' : null,
  }
}

const online: WatchedComputer = {
  status: 'online',
  policyVersion: 3,
  appliedPolicyVersion: 3,
  coverage: [covered('usb'), covered('media')],
  lastSeenAt: 100_000,
  behindSince: null,
}
const codesOf = (...input: Parameters<typeof watchState>) =>
  watchState(...input).reasons.map(({ code }) => code)

describe('the state of watching', () => {
  it('is proven only while online, every required sensor watching, the newest policy obeyed', () => {
    expect(watchState(online, settings, [])).toEqual({ state: 'proven', reasons: [] })
  })

  it('is not proven while the computer speaks and its records do not arrive', () => {
    expect(codesOf({ ...online, behindSince: 70_000 }, settings, [])).toEqual([])
    expect(watchState({ ...online, behindSince: 69_999 }, settings, [])).toMatchObject({
      state: 'unproven',
      reasons: [{ code: 'records-behind' }],
    })
  })

  const standing = (more: Partial<NetworkStanding>): NetworkStanding => ({
    control: null,
    failedCuts: [],
    isolation: null,
    ...more,
  })
  const asking = (network: 'observe' | 'alarm' | 'enforce') => ({
    ...settings,
    modes: { media: 'observe', network, files: 'observe' } as const,
  })
  const layers: NonNullable<NetworkStanding['control']>['layers'] = [
    { layer: 'connection-guard', state: 'in-force', detail: null },
    { layer: 'packet-table', state: 'failed', detail: null },
    { layer: 'isolation', state: 'absent', detail: null },
  ]

  it('is not proven where policy asks for network control and it does not stand, or was never told to stand', () => {
    const partly = standing({ control: { state: 'partly', layers } })
    expect(watchState(online, asking('enforce'), [], partly)).toMatchObject({
      state: 'unproven',
      reasons: [{ code: 'network-not-in-force', detail: 'packet-table failed' }],
    })
    expect(codesOf(online, asking('alarm'), [], null)).toEqual(['network-not-in-force'])
    expect(codesOf(online, asking('observe'), [], partly)).toEqual([])
    const whole = standing({ control: { state: 'in-force', layers } })
    expect(codesOf(online, asking('enforce'), [], whole)).toEqual([])
  })

  it('is broken where a cut failed: the connection may still stand', () => {
    const failedCuts = [{ cause: 'tether-up', steps: ['link-down', 'unauthorise'] }]
    expect(watchState(online, asking('observe'), [], standing({ failedCuts }))).toMatchObject({
      state: 'broken',
      reasons: [{ code: 'cut-failed', detail: 'tether-up: link-down, unauthorise' }],
    })
  })

  it.each([
    ['ordered', 'isolation-waiting'],
    ['release-ordered', 'release-waiting'],
    ['partly', 'isolation-failed'],
    ['refused', 'isolation-failed'],
  ] as const)('is not proven while isolation is %s', (state, code) => {
    const isolation = { state, detail: 'why' }
    expect(codesOf(online, settings, [], standing({ isolation }))).toEqual([code])
  })

  it('is proven while isolation holds, and after it', () => {
    for (const state of ['in-force', 'released'] as const) {
      const isolation = { state, detail: null }
      expect(codesOf(online, settings, [], standing({ isolation }))).toEqual([])
    }
  })

  it('does not ask for sensors that the policy does not require', () => {
    expect(
      watchState(
        { ...online, coverage: [...online.coverage, covered('folders', 'not-watched')] },
        settings,
        [],
      ).state,
    ).toBe('proven')
  })

  it.each([
    ['pending', 'never-heard'],
    ['offline', 'offline'],
    ['stopped', 'stopped'],
  ] as const)('is unproven while %s', (status, code) => {
    const watch = watchState({ ...online, status }, settings, [])
    expect(watch.state).toBe('unproven')
    expect(watch.reasons[0]?.code).toBe(code)
  })

  it('is unproven while a required sensor is on its fallback, blind or unheard of, and says which and why', () => {
    expect(
      codesOf({ ...online, coverage: [covered('usb', 'fallback'), covered('media')] }, settings, []),
    ).toEqual(['sensor-fallback'])
    expect(codesOf({ ...online, coverage: [covered('usb')] }, settings, [])).toEqual(['sensor-unknown'])
    expect(
      watchState({ ...online, coverage: [covered('usb', 'not-watched'), covered('media')] }, settings, [])
        .reasons,
    ).toEqual([
      { code: 'sensor-not-watched', sensor: 'usb', detail: 'no privilege', remedy: 'CAP_NET_ADMIN' },
    ])
  })

  it('is unproven while the agent obeys another policy than the newest, or the policy is not known', () => {
    expect(codesOf({ ...online, appliedPolicyVersion: 2 }, settings, [])).toEqual(['policy-behind'])
    expect(codesOf({ ...online, appliedPolicyVersion: null }, settings, [])).toEqual(['policy-behind'])
    expect(watchState(online, null, []).state).toBe('unproven')
  })

  it('is broken by silence, and names the gravest reason first', () => {
    const watch = watchState(
      { ...online, status: 'silent', appliedPolicyVersion: 1, coverage: [] },
      DEFAULT_POLICY_SETTINGS,
      [],
    )
    expect(watch.state).toBe('broken')
    expect(watch.reasons[0]?.code).toBe('silent')
  })

  it('is broken by a gap that nobody declared, unproven by one that may still be, and not touched by a declared one', () => {
    const gap = { firstSeq: 4, lastSeq: 9 }
    expect(watchState(online, settings, [{ ...gap, state: 'undeclared' }])).toEqual({
      state: 'broken',
      reasons: [{ code: 'gap', sensor: null, detail: '4-9', remedy: null }],
    })
    expect(watchState(online, settings, [{ ...gap, state: 'pending' }]).state).toBe('unproven')
    expect(watchState(online, settings, [{ ...gap, state: 'declared' }]).state).toBe('proven')
  })
})
