import type { Fact } from '@shoukou/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type MinutesByCause, minutesOf } from '../rules/coverage-causes.ts'
import { sumMinutes } from '../rules/coverage-minutes.ts'
import type { ComputerRow } from '../store/ports.ts'
import type { CoverageAnswer, CoverageDayAnswer } from './contract-coverage.ts'
import type { TimelineAnswer } from './contract-timeline.ts'
import { createCoverageReader, daysBetween, repairsOf } from './read-coverage.ts'
import { codeOf, startTestApi, type TestApi } from './test-api.ts'
import { AGENT, addComputer, appendFacts, EPOCH, insertion } from './test-data.ts'
import { stepsOf } from './view/timeline-lanes.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const minuteMs = 60_000
const dayMs = 86_400_000
/** The first of a month, at midnight here. */
const start = new Date(2026, 2, 1).getTime()

let test: TestApi
beforeAll(async () => {
  test = await startTestApi()
  test.clock.now = start + 6 * 3_600_000
  await addComputer(test)
})
afterAll(() => test[Symbol.asyncDispose]())

const begun: Fact = { kind: 'agent.started', previous: 'first-start', pid: 1, uid: 0 }
const again: Fact = { kind: 'agent.started', previous: 'unclean-stop', pid: 2, uid: 0 }
const rescan: Fact = { kind: 'command.done', id: '1', name: 'rescan', outcome: 'done' }
const sensors = [
  'usb',
  'media',
  'network',
  'connections',
  'hardware',
  'files',
  'folders',
  'host',
  'clock',
] as const
const sees: Fact[] = sensors.map((sensor) => ({
  kind: 'agent.coverage',
  coverage: { sensor, state: 'watching', method: 'uevents', reason: null, remedy: null },
}))
const tell = (facts: readonly Fact[], wallMs: number, receivedAt = wallMs) =>
  appendFacts(test.store, { facts, wallMs, receivedAt })
const row = async (): Promise<ComputerRow> => {
  const computer = await test.store.computer(AGENT)
  if (computer === null) throw new Error('the computer is gone')
  return computer
}

describe('watched minutes, kept by day', () => {
  it('are what counting everything anew gives, whatever comes late', async () => {
    const now = () => test.clock.now
    const reader = createCoverageReader(test.store, now)
    const anew = async (from: number, to: number): Promise<MinutesByCause[]> => {
      const computer = await row()
      return Promise.all(
        daysBetween(from, to).map(async (span) =>
          sumMinutes(await reader.intervals(computer, span.fromMs, span.toMs)),
        ),
      )
    }
    const same = async (days: number): Promise<void> => {
      const spans = daysBetween(start, start + days * dayMs)
      const kept = await reader.days(await row(), spans)
      expect(kept.map(({ minutes }) => minutes)).toEqual(await anew(start, start + days * dayMs))
      for (const { minutes, fromMs, toMs } of kept)
        expect(Object.values(minutes).reduce((sum, one) => sum + one, 0)).toBe((toMs - fromMs) / minuteMs)
    }
    await tell([begun, ...sees], start + 6 * 3_600_000)
    let seed = 7
    const pick = (max: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return seed % max
    }
    let wallMs = start + 6 * 3_600_000
    for (let batch = 0; batch < 30; batch += 1) {
      wallMs += pick(12 * 60) * minuteMs
      const receivedAt = wallMs + pick(3) * 20 * 3_600_000
      test.clock.now = Math.max(test.clock.now, receivedAt)
      const facts: Fact[] = [
        rescan,
        rescan,
        again,
        { kind: 'sensor.overflow', sensor: 'usb', queue: 'q', rescanMs: 90_000, changesFound: 0 },
        {
          kind: 'agent.paused',
          fromWallMs: wallMs - dayMs,
          pausedMs: pick(90) * minuteMs,
          suspendedMs: 0,
          cause: 'unexplained',
          tracer: null,
        },
      ]
      const fact = facts[pick(facts.length)] ?? rescan
      await tell(fact === again ? [again, ...sees] : [fact], wallMs, receivedAt)
      if (pick(2) === 0) {
        const at = test.clock.now
        const clockSkewMs = pick(4) === 0 ? -3 * 3_600_000 : 0
        await test.store.heard(AGENT, { at, status: 'online', isBehind: false, clockSkewMs, coverage: [] })
      }
      if (pick(3) === 0) await same(1 + Math.ceil((test.clock.now - start) / dayMs))
    }
    await same(40)
    await same(40)
    const [first] = await reader.days(await row(), daysBetween(start, start + dayMs))
    expect(minutesOf(first?.minutes ?? {}, 'proven')).toBeGreaterThan(0)
    expect((await test.store.coverageStanding(AGENT)).settledMs).toBeGreaterThan(start + 5 * dayMs)
    expect((await test.store.coverageDays(AGENT, start, start + 40 * dayMs)).length).toBeGreaterThan(5)
  })

  it('are told by day, and minute by minute with what they rest on', async () => {
    const cookie = await test.signIn('sec-admin')
    const answer = await test.call('GET', `/api/computers/${AGENT}/coverage?from=2026-03-01&to=2026-03-31`, {
      cookie,
    })
    expect(answer.status).toBe(200)
    const { days } = answer.json as CoverageAnswer
    expect(days).toHaveLength(31)
    expect(days[0]).toMatchObject({ day: '2026-03-01' })
    const day = await test.call('GET', `/api/computers/${AGENT}/coverage/2026-03-01`, { cookie })
    const { intervals } = day.json as CoverageDayAnswer
    expect(intervals.at(0)).toMatchObject({ state: 'outside', cause: 'not-enrolled' })
    expect(intervals.some(({ state, rest }) => state === 'proven' && rest.kind === 'records')).toBe(true)
    const upside = await test.call('GET', `/api/computers/${AGENT}/coverage?from=2026-03-31&to=2026-03-01`, {
      cookie,
    })
    expect(codeOf(upside)).toBe('invalid-request')
    const none = await test.call('GET', `/api/computers/${AGENT}/coverage/2026-02-30`, { cookie })
    expect(codeOf(none)).toBe('not-found')
    const long = await test.call('GET', `/api/computers/${AGENT}/coverage?from=2020-01-01&to=2026-03-01`, {
      cookie,
    })
    expect(codeOf(long)).toBe('limit-exceeded')
  })

  it('know from the register when it was in repair', () => {
    const changed = (at: number, from: string, to: string) => ({
      at,
      changes: JSON.stringify({ state: [from, to] }),
    })
    const history = [
      changed(9, 'in-repair', 'in-use'),
      { at: 7, changes: '{"room":["1","2"]}' },
      changed(5, 'in-use', 'in-repair'),
    ]
    expect(repairsOf(history)).toEqual([{ fromMs: 5, toMs: 9 }])
    expect(repairsOf([changed(5, 'in-use', 'in-repair')])).toEqual([{ fromMs: 5, toMs: null }])
  })

  it('are none of a time that the computer told again by a clock that was behind', async () => {
    const at = test.clock.now + 3 * dayMs
    test.clock.now = at + 10 * minuteMs
    await tell([again, ...sees], at - dayMs, at)
    // A greeting, then heartbeats that say what its clock says.
    await test.store.heard(AGENT, { at, status: 'online', isBehind: true, agentVersion: '0.1.0' })
    for (let beatMs = 0; beatMs < 5 * minuteMs; beatMs += 10_000) {
      const heard = { at: at + beatMs, status: 'online', isBehind: false, coverage: [] } as const
      await test.store.heard(AGENT, { ...heard, clockSkewMs: -dayMs })
    }
    const reader = createCoverageReader(test.store, () => test.clock.now)
    const from = at - dayMs - ((at - dayMs) % minuteMs)
    const told = await reader.intervals(await row(), from, from + 4 * minuteMs)
    expect(told.map(({ cause }) => cause)).toEqual(['clock-wrong'])
  })
})

describe('the timeline of a computer', () => {
  it('counts by step over a year, and tells each thing by itself where they are few', async () => {
    const at = test.clock.now + dayMs
    test.clock.now = at + dayMs
    const cookie = await test.signIn('sec-admin')
    await tell([insertion('DataTraveler'), insertion('DataTraveler')], at)
    const read = async (from: number, to: number): Promise<TimelineAnswer> => {
      const answer = await test.call('GET', `/api/computers/${AGENT}/timeline?from=${from}&to=${to}`, {
        cookie,
      })
      expect(answer.status).toBe(200)
      return answer.json as TimelineAnswer
    }
    const year = await read(at - 200 * dayMs, at + 165 * dayMs)
    expect(year.stepMs).toBe(dayMs)
    const media = year.buckets.filter(({ lane }) => lane === 'media')
    expect(media.reduce((sum, { count }) => sum + count, 0)).toBe(2)
    const close = await read(at - 5_000, at + 5_000)
    expect(close.stepMs).toBe(100)
    expect(close.items?.map(({ lane, what, epoch }) => [lane, what, epoch])).toEqual([
      ['media', 'usb.attached', EPOCH],
      ['media', 'usb.attached', EPOCH],
    ])
    expect(close.coverage.length).toBeGreaterThan(0)
    const wrong = await test.call('GET', `/api/computers/${AGENT}/timeline?from=${at}&to=${at}`, { cookie })
    expect(codeOf(wrong)).toBe('invalid-request')
  })

  it('shows what still lasts wherever one looks, and counts however many there are', async () => {
    const cookie = await test.signIn('sec-admin')
    const at = test.clock.now - dayMs
    const dualHoming = (key: string, occurredAt: number) => ({
      ...({ key, type: 'dual-homing', severity: 'critical', level: 'secret', policyVersion: 1 } as const),
      ...{ epoch: null, seq: null, occurredAt, evidence: '{}' },
    })
    const read = async (from: number, to: number): Promise<TimelineAnswer> =>
      (await test.call('GET', `/api/computers/${AGENT}/timeline?from=${from}&to=${to}`, { cookie }))
        .json as TimelineAnswer
    const lasting = { ...dualHoming('lasts', at), lasting: 'boot/link:2' }
    const lasts = await test.store.addViolation(AGENT, lasting, at)
    const later = await read(at + 3_600_000, at + 3_601_000)
    expect(later.items).toMatchObject([{ lane: 'violations', violation: lasts?.id, atMs: at, endMs: null }])
    expect(later.buckets).toEqual([{ lane: 'violations', atMs: later.fromMs, count: 1 }])
    expect((await read(at - 9_000, at - 8_000)).items).toEqual([])
    await appendFacts(test.store, {
      ...{ facts: [rescan], wallMs: at, receivedAt: at },
      violations: () => Array.from({ length: 410 }, (_, one) => dualHoming(`many${one}`, at + 1_000 + one)),
    })
    const many = await read(at, at + 4_000)
    expect(many.items).toBeNull()
    const counted = many.buckets.filter(({ lane }) => lane === 'violations')
    expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(411)
  })

  it('begins days at midnight here, and asks for no more steps than fit', () => {
    const offsetMs = 8 * 3_600_000
    const steps = stepsOf(start + 5_000, start + 365 * dayMs, offsetMs)
    expect((steps.fromMs + offsetMs) % dayMs).toBe(0)
    expect((steps.toMs - steps.fromMs) / steps.stepMs).toBeLessThanOrEqual(401)
  })

  it('is none of whoever may not see the computer', async () => {
    const cookie = await test.signIn('custodian')
    for (const path of [
      'timeline?from=0&to=86400000',
      'coverage?from=2026-03-01&to=2026-03-02',
      'coverage/2026-03-01',
    ]) {
      expect(codeOf(await test.call('GET', `/api/computers/${AGENT}/${path}`, { cookie }))).toBe('not-found')
    }
  })
})

describe('the timeline of a medium', () => {
  it('is none of what the register does not have', async () => {
    const cookie = await test.signIn('sec-admin')
    for (const part of ['timeline', 'files'])
      expect(codeOf(await test.call('GET', `/api/media/M-9/${part}`, { cookie }))).toBe('not-found')
  })
})
