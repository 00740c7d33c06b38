import { type Record as AgentRecord, encodeRecord, type Fact, PRODUCT_VERSION } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { type JournalRun, type RunMark, stepRun } from '../store/journal-runs.ts'
import { COVERAGE_CAUSES } from './coverage-causes.ts'
import type { CoverageEvidence } from './coverage-evidence.ts'
import { coverageIntervals, MINUTE_MS, sumMinutes } from './coverage-minutes.ts'

const day0 = Date.UTC(2026, 2, 2)
const at = (hours: number, minutes = 0): number => day0 + (hours * 60 + minutes) * MINUTE_MS
const span = { fromMs: day0, toMs: at(24) }

interface Told {
  readonly wallMs: number
  readonly fact: Fact
  readonly seq?: number
  readonly bootId?: string
  readonly receivedAt?: number
}

/** What a store would keep of one journal's records. */
function evidenceOf(told: readonly Told[], more: Partial<CoverageEvidence> = {}): CoverageEvidence {
  const runs: JournalRun[] = []
  const marks: RunMark[] = []
  let seq = 0
  for (const one of told) {
    seq = one.seq ?? seq + 1
    const record: AgentRecord = {
      v: 1,
      agent: 'agent-1',
      epoch: 'epoch-1',
      seq,
      wallMs: one.wallMs,
      bootMs: 1,
      bootId: one.bootId ?? 'boot-1',
      agentVersion: PRODUCT_VERSION,
      policyVersion: 1,
      level: 'secret',
      networkMode: 'standalone',
      sensor: 'agent',
      fact: one.fact,
      decision: null,
    }
    const raw = encodeRecord(record)
    const step = stepRun(
      runs.at(-1) ?? null,
      { seq, kind: one.fact.kind, wallMs: one.wallMs, raw },
      one.receivedAt ?? one.wallMs,
    )
    if (step.isNew) runs.push(step.run)
    else runs[runs.length - 1] = step.run
    if (step.mark !== null) marks.push(step.mark)
  }
  const epoch = 'epoch-1'
  return {
    enrolledAt: day0,
    endedAt: null,
    runs: runs.map((run) => ({ ...run, epoch })),
    marks: marks.map((mark) => ({ ...mark, epoch })),
    heard: [],
    unproven: [],
    silences: [],
    gaps: [],
    policies: [
      {
        version: 1,
        createdAt: day0,
        requiredSensors: ['usb'],
        modes: { media: 'observe', network: 'observe' },
      },
    ],
    repairs: [],
    ...more,
  }
}

const started = (previous: 'first-start' | 'clean-stop' | 'unclean-stop'): Fact => ({
  kind: 'agent.started',
  previous,
  pid: 1,
  uid: 0,
})
const sees = (state: 'watching' | 'fallback' | 'not-watched'): Fact => ({
  kind: 'agent.coverage',
  coverage: { sensor: 'usb', state, method: 'uevents', reason: null, remedy: null },
})
const stops = (reason: 'shutdown' | 'signal' | 'stopped-alone'): Fact => ({ kind: 'agent.stopping', reason })
const plain: Fact = { kind: 'command.done', id: '1', name: 'rescan', outcome: 'done' }

const begins = (hours: number, bootId = 'boot-1'): Told[] => [
  { wallMs: at(hours), fact: started('first-start'), bootId },
  { wallMs: at(hours), fact: sees('watching'), bootId },
]

/** Cause by cause, in order. */
const causes = (evidence: CoverageEvidence, nowMs = at(24)): string[] =>
  coverageIntervals(evidence, span, nowMs).map(({ cause }) => cause)
const causeAt = (evidence: CoverageEvidence, ms: number, nowMs = at(24)): string | undefined =>
  coverageIntervals(evidence, span, nowMs).find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)?.cause

describe('coverageIntervals', () => {
  it('proves nothing by silence', () => {
    const evidence = evidenceOf([])
    expect(causes(evidence)).toEqual(['not-started'])
    // Enrolled and heard, with nothing of it recorded here.
    const heard = { fromMs: at(1), toMs: at(2), isSkewed: false, sensors: { usb: 'watching' } }
    expect(causeAt({ ...evidence, heard: [heard] }, at(1, 30))).toBe('not-started')
  })
  it('proves what lies between two records of one run, and tells late from live', () => {
    const evidence = evidenceOf([...begins(8), { wallMs: at(12), fact: plain }], {
      heard: [{ fromMs: at(8), toMs: at(10), isSkewed: false, sensors: null }],
    })
    expect(causes(evidence)).toEqual(['not-started', 'heard', 'journal', 'not-arrived'])
  })
  it('calls the time between a shutdown and the next start of the computer off, and not proven', () => {
    const evidence = evidenceOf([
      ...begins(8),
      { wallMs: at(12), fact: stops('shutdown') },
      { wallMs: at(14), fact: started('clean-stop'), bootId: 'boot-2' },
      { wallMs: at(14), fact: sees('watching'), bootId: 'boot-2' },
      { wallMs: at(16), fact: plain, bootId: 'boot-2' },
    ])
    expect(causeAt(evidence, at(13))).toBe('off')
    expect(COVERAGE_CAUSES.off).toBe('unproven')
    expect(causeAt(evidence, at(15))).toBe('journal')
  })
  it.each([
    ['a stop of the agent on a computer that goes on', [stops('signal'), started('clean-stop')], 'stopped'],
    ['an end that nobody told of', [plain, started('unclean-stop')], 'killed'],
  ] as const)('tells %s', (_name, [end, start], cause) => {
    const evidence = evidenceOf([
      ...begins(8),
      { wallMs: at(9), fact: end },
      { wallMs: at(10), fact: start },
      { wallMs: at(11), fact: sees('watching') },
    ])
    expect(causeAt(evidence, at(9, 30))).toBe(cause)
  })
  it('takes proof away for a standstill, and for that alone', () => {
    const paused = (cause: 'stop-signal' | 'unexplained', suspendedMs = 0): Fact => ({
      kind: 'agent.paused',
      fromWallMs: at(9),
      pausedMs: 10 * MINUTE_MS,
      suspendedMs,
      cause,
      tracer: null,
    })
    const withFact = (fact: Fact) =>
      evidenceOf([...begins(8), { wallMs: at(9, 10), fact }, { wallMs: at(12), fact: plain }])
    expect(causeAt(withFact(paused('unexplained')), at(9, 5))).toBe('paused')
    expect(causeAt(withFact(paused('stop-signal')), at(9, 5))).toBe('held-still')
    expect(causeAt(withFact(paused('unexplained', 10 * MINUTE_MS)), at(9, 5))).toBe('asleep')
    expect(sumMinutes(coverageIntervals(withFact(paused('unexplained')), span, at(24)))).toMatchObject({
      journal: 230,
      paused: 10,
    })
  })
  it('takes proof away while a required sensor sees less, and says which', () => {
    const evidence = evidenceOf([
      ...begins(8),
      { wallMs: at(9), fact: sees('not-watched') },
      { wallMs: at(10), fact: sees('watching') },
      {
        wallMs: at(12),
        fact: { kind: 'sensor.overflow', sensor: 'usb', queue: 'uevent', rescanMs: 90_000, changesFound: 0 },
      },
      { wallMs: at(13), fact: plain },
    ])
    expect(
      coverageIntervals(evidence, span, at(24)).find(({ cause }) => cause === 'sensor-not-watched'),
    ).toMatchObject({
      fromMs: at(9),
      toMs: at(10),
      name: 'usb',
      rest: { kind: 'records', firstSeq: 3, lastSeq: 3 },
    })
    expect(causeAt(evidence, at(11, 59))).toBe('sensor-overflow')
    expect(causeAt(evidence, at(12, 30))).toBe('journal')
  })
  it('asks for nothing of a sensor that no policy in force asks for, and for the newest policy in time', () => {
    const modes = { media: 'observe', network: 'observe' } as const
    const policies = [
      { version: 1, createdAt: day0, requiredSensors: ['usb'], modes },
      { version: 2, createdAt: at(9), requiredSensors: ['usb', 'network'], modes },
    ]
    const applied: Fact = { kind: 'policy.applied', version: 2, digest: '0'.repeat(64) }
    const evidence = evidenceOf(
      [...begins(8), { wallMs: at(11), fact: applied }, { wallMs: at(12), fact: plain }],
      { policies },
    )
    expect(causeAt(evidence, at(8, 30))).toBe('journal')
    expect(causeAt(evidence, at(10))).toBe('policy-behind')
    // Version 2 asks for a sensor of which nothing was said.
    expect(causeAt(evidence, at(11, 30))).toBe('sensor-unknown')
  })
  it('never proves time that the computer’s clock names before it comes', () => {
    const evidence = evidenceOf([...begins(8), { wallMs: at(20), fact: plain, receivedAt: at(10) }])
    expect(causeAt(evidence, at(9, 30))).toBe('journal')
    expect(causeAt(evidence, at(12))).toBe('not-arrived')
  })
  it.each([
    ['undeclared', 'gap', 'broken'],
    ['declared', 'gap-declared', 'unproven'],
    ['pending', 'gap-pending', 'unproven'],
  ] as const)('tells a hole that is %s', (state, cause, watch) => {
    const evidence = evidenceOf(
      [
        ...begins(8),
        { wallMs: at(9), fact: plain },
        { wallMs: at(10), fact: plain, seq: 9 },
        { wallMs: at(11), fact: plain },
      ],
      { gaps: [{ epoch: 'epoch-1', firstSeq: 4, lastSeq: 8, state }] },
    )
    expect(causeAt(evidence, at(9, 30))).toBe(cause)
    expect(COVERAGE_CAUSES[cause]).toBe(watch)
    // What the sensors vouched for may have changed in the hole.
    expect(causeAt(evidence, at(10, 30))).toBe('sensor-unknown')
  })
  it('excuses unproven time while the register has it in repair, and never a broken minute', () => {
    const evidence = evidenceOf([...begins(8), { wallMs: at(9), fact: plain }], {
      repairs: [{ fromMs: at(8, 30), toMs: null }],
      silences: [{ violation: 7, fromMs: at(10), toMs: at(12) }],
    })
    expect(causeAt(evidence, at(8, 45))).toBe('journal')
    expect(causeAt(evidence, at(9, 30))).toBe('in-repair')
    expect(causeAt(evidence, at(11))).toBe('silent')
  })
  it('proves nothing of time in which control was asked for and nobody told that it stands', () => {
    const policies = [
      {
        ...{ version: 1, createdAt: day0, requiredSensors: ['usb'] },
        modes: { media: 'enforce', network: 'alarm' },
      } as const,
    ]
    const stands = (group: 'media' | 'network'): Fact => ({
      ...{ kind: 'control.state', group, state: 'in-force', cause: 'start', reason: null, layers: [] },
    })
    const end = { wallMs: at(20), fact: plain }
    const told = [...begins(8), { wallMs: at(10), fact: stands('media') }]
    expect(causeAt(evidenceOf([...begins(8), end], { policies }), at(12))).toBe('control-not-in-force')
    expect(causeAt(evidenceOf([...told, end], { policies }), at(12))).toBe('control-not-in-force')
    const whole = evidenceOf([...told, { wallMs: at(14), fact: stands('network') }, end], { policies })
    expect(causeAt(whole, at(12))).toBe('control-not-in-force')
    expect(causeAt(whole, at(15))).toBe('journal')
  })
  it('calls silence beyond the limit broken until records tell what it was', () => {
    const silences = [{ violation: 7, fromMs: at(9), toMs: null }]
    const silent = evidenceOf([...begins(8), { wallMs: at(9), fact: plain }], { silences })
    expect(causeAt(silent, at(12))).toBe('silent')
    const told = evidenceOf([...begins(8), { wallMs: at(9), fact: plain }, { wallMs: at(14), fact: plain }], {
      silences,
    })
    expect(causeAt(told, at(12))).toBe('journal')
  })
  it('counts what lies before the enrolment, and what has not come, as neither', () => {
    const evidence = evidenceOf([...begins(8)], { enrolledAt: at(6) })
    expect(causeAt(evidence, at(5))).toBe('not-enrolled')
    expect(causeAt(evidence, at(20), at(10))).toBe('future')
  })
})

describe('coverageIntervals, whatever is told', () => {
  const rng = (seed: number) => {
    let state = seed
    return (max: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state % max
    }
  }
  const made = (seed: number): Told[] => {
    const pick = rng(seed)
    const told: Told[] = [...begins(1)]
    let wallMs = at(1)
    for (let count = 0; count < 40; count += 1) {
      wallMs += pick(40) * MINUTE_MS + pick(60) * 1_000
      const facts: Fact[] = [
        plain,
        plain,
        sees('watching'),
        sees('fallback'),
        stops('signal'),
        started('clean-stop'),
        {
          kind: 'agent.paused',
          fromWallMs: wallMs - pick(5) * MINUTE_MS,
          pausedMs: 60_000,
          suspendedMs: 0,
          cause: 'stop-signal',
          tracer: null,
        },
        { kind: 'clock.stepped', byMs: (pick(20) - 10) * MINUTE_MS, found: 'while-running' },
        { kind: 'sensor.overflow', sensor: 'usb', queue: 'q', rescanMs: pick(300_000), changesFound: 1 },
      ]
      told.push({ wallMs, fact: facts[pick(facts.length)] ?? plain })
    }
    return told
  }
  const seeds = Array.from({ length: 20 }, (_, index) => index + 1)

  it('puts every minute into exactly one interval', () => {
    for (const seed of seeds) {
      const intervals = coverageIntervals(evidenceOf(made(seed)), span, at(20))
      let end = span.fromMs
      for (const { fromMs, toMs } of intervals) {
        expect(fromMs).toBe(end)
        expect((toMs - fromMs) % MINUTE_MS).toBe(0)
        expect(toMs).toBeGreaterThan(fromMs)
        end = toMs
      }
      expect(end).toBe(span.toMs)
    }
  })

  it('never makes a proven minute unproven by records that come later, where they say nothing of it', () => {
    for (const seed of seeds) {
      const told = made(seed)
      for (const known of [10, 20, 30]) {
        const before = coverageIntervals(evidenceOf(told.slice(0, known)), span, at(24))
        const after = evidenceOf(told)
        const spoken = after.marks.filter(({ seq }) => seq > known)
        const later = coverageIntervals(after, span, at(24))
        for (const one of before) {
          if (COVERAGE_CAUSES[one.cause] !== 'proven') continue
          for (let ms = one.fromMs; ms < one.toMs; ms += MINUTE_MS) {
            // What begins in the minute, or reaches into it, speaks of it.
            const isSpokenOf = spoken.some((mark) => mark.fromMs < ms + MINUTE_MS && mark.toMs >= ms)
            if (isSpokenOf) continue
            const now = later.find(({ fromMs, toMs }) => fromMs <= ms && ms < toMs)
            expect([seed, known, now === undefined ? '' : COVERAGE_CAUSES[now.cause]]).toEqual([
              seed,
              known,
              'proven',
            ])
          }
        }
      }
    }
  })

  it('proves no minute that no run covers', () => {
    for (const seed of seeds) {
      const evidence = evidenceOf(made(seed), {
        heard: [{ fromMs: day0, toMs: at(24), isSkewed: false, sensors: { usb: 'watching' } }],
      })
      for (const { cause, fromMs, toMs } of coverageIntervals(evidence, span, at(24))) {
        if (COVERAGE_CAUSES[cause] !== 'proven') continue
        for (let ms = fromMs; ms < toMs; ms += MINUTE_MS) {
          expect(evidence.runs.some((run) => run.fromMs <= ms && run.toMs >= ms + MINUTE_MS)).toBe(true)
        }
      }
    }
  })
})
