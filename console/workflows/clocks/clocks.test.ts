import { seededRandom } from '@shoukou/protocol/fixtures/seeded-random.ts'
import { describe, expect, it } from 'vitest'
import { setBackSince } from '../../rules/set-back.ts'
import type { ClockFacts, ClockKind } from '../../store/clock-ports.ts'
import { afterStep, isOver, nextSteps, UNHANDLED } from '../handling/handling-state.ts'
import { type ClockNow, type ClockTime, clocksOf } from './clocks.ts'

const hour = 3_600_000
const day = 24 * hour
/** 10:00 in China. */
const start = Date.parse('2026-11-22T10:00:00+08:00')

const base: ClockFacts = {
  severity: 'critical',
  receivedAt: start,
  state: 'detected',
  isIncident: false,
  isRepeat: false,
  exception: null,
  steps: [],
  reports: [],
  dates: [],
  missing: null,
}
const time = (now: number, jumps: ClockTime['jumps'] = []): ClockTime => ({
  now,
  zone: 'Asia/Shanghai',
  reportTo: ['bureau'],
  jumps,
})

function one(kind: ClockKind, facts: Partial<ClockFacts>, at: ClockTime): ClockNow {
  const found = clocksOf({ ...base, ...facts }, at).find((clock) => clock.kind === kind)
  if (found === undefined) throw new Error(`no ${kind}`)
  return found
}
const step = (kind: ClockFacts['steps'][number]['kind'], at: number, account = 'li') => ({
  ...{ kind, at, account },
  reason: 'seen',
})
const told = (what: 'report' | 'result', reportedAt: number) => ({
  ...{ what, reportedAt, account: 'li' },
  recipient: 'bureau' as const,
})

describe('24 hours from discovery', () => {
  it('runs from receipt of what may be a leak, with what else it could run from beside it', () => {
    const clock = one(
      'leak-report',
      { state: 'confirmed', steps: [step('confirm', start + hour)] },
      time(start + 2 * hour),
    )
    expect(clock).toMatchObject({ state: 'running', startedAt: start, leftMs: 22 * hour, end: null })
    expect(clock.candidates).toEqual([
      { what: 'receipt', at: start, account: '', counts: true },
      { what: 'confirmation', at: start + hour, account: 'li', counts: false },
    ])
  })

  it('runs from a confirmation that stands before the receipt', () => {
    const clock = one(
      'leak-report',
      { state: 'confirmed', steps: [step('confirm', start - hour)] },
      time(start),
    )
    expect(clock.startedAt).toBe(start - hour)
    expect(clock.candidates.map(({ what, counts }) => [what, counts])).toEqual([
      ['receipt', false],
      ['confirmation', true],
    ])
  })

  it('runs for a lesser violation from when somebody called it a leak incident, and not before', () => {
    const steps = [step('confirm', start + hour), step('incident', start + 3 * hour)]
    expect(clocksOf({ ...base, severity: 'high', state: 'confirmed' }, time(start))).toEqual([])
    const clock = one(
      'leak-report',
      { severity: 'high', state: 'incident', isIncident: true, steps },
      time(start + 3 * hour),
    )
    expect(clock.startedAt).toBe(start + 3 * hour)
    expect(clock.candidates.filter(({ counts }) => counts).map(({ what }) => what)).toEqual(['incident'])
  })

  it('is overdue at its last moment and not before', () => {
    expect(one('leak-report', {}, time(start + day - 1)).state).toBe('running')
    expect(one('leak-report', {}, time(start + day)).state).toBe('overdue')
  })

  it('is met by the report, also a late one, which it says', () => {
    const clock = one(
      'leak-report',
      { reports: [told('report', start + 25 * hour)] },
      time(start + 40 * hour),
    )
    expect(clock).toMatchObject({ state: 'met', leftMs: -hour, end: { how: 'reported', by: 'li' } })
  })

  it('is met once everybody was told whom the law names, by who was told last', () => {
    const both = { ...time(start + 2 * hour), reportTo: ['bureau', 'superior'] } as const
    const first = told('report', start + hour)
    expect(one('leak-report', {}, both).owed).toEqual(['bureau', 'superior'])
    expect(one('leak-report', { reports: [first] }, both)).toMatchObject({
      ...{ state: 'running', owed: ['superior'], end: null },
    })
    const second = {
      ...first,
      recipient: 'superior',
      reportedAt: start + 25 * hour,
      account: 'wang',
    } as const
    expect(one('leak-report', { reports: [second, first] }, both)).toMatchObject({
      ...{ state: 'met', owed: [], leftMs: -hour, end: { how: 'reported', by: 'wang' } },
    })
  })

  it('is stopped by two people who call it a false positive, and names both', () => {
    const steps = [step('false-positive', start + hour, 'li, wang')]
    const clock = one('leak-report', { state: 'false-positive', steps }, time(start + 2 * hour))
    expect(clock).toMatchObject({ state: 'stopped', end: { how: 'false-positive', by: 'li, wang' } })
  })

  it('goes on where a false positive is opened again: with no more time than before', () => {
    const steps = [step('false-positive', start + hour, 'li, wang'), step('reopen', start + 5 * hour)]
    const clock = one('leak-report', { state: 'detected', steps }, time(start + 6 * hour))
    expect(clock).toMatchObject({ state: 'running', leftMs: 18 * hour })
  })

  it('does not run for what an exception allows, until somebody takes it up', () => {
    const exception = { at: start - day, account: 'li, wang' }
    expect(one('leak-report', { exception }, time(start))).toMatchObject({
      state: 'stopped',
      end: { how: 'exception', by: 'li, wang' },
    })
    expect(one('leak-report', { exception, state: 'confirmed' }, time(start)).state).toBe('running')
  })

  it('is not closed away where it is a leak incident', () => {
    const steps = [step('incident', start + hour), step('close', start + 2 * hour, 'li, wang')]
    const closed = { state: 'closed', steps } as const
    expect(one('leak-report', closed, time(start + 3 * hour)).state).toBe('stopped')
    expect(one('leak-report', { ...closed, isIncident: true }, time(start + 3 * hour)).state).toBe('running')
  })

  it('is not run by a repeat', () => {
    expect(clocksOf({ ...base, isRepeat: true }, time(start))).toEqual([])
  })
})

describe('three months', () => {
  it('run from the discovery once it is an incident, to the end of the day', () => {
    const clock = one('leak-result', { isIncident: true, state: 'incident' }, time(start))
    expect(clock.dueAt).toBe(Date.parse('2027-02-23T00:00:00+08:00'))
    const done = one(
      'leak-result',
      { isIncident: true, state: 'closed', reports: [told('result', start + 80 * day)] },
      time(start + 99 * day),
    )
    expect(done).toMatchObject({ state: 'met', end: { how: 'result-reported' } })
  })
})

describe('a missing carrier', () => {
  const missing = { foundMissingAt: start, limitDays: 10, found: null }
  it('is to be found in its days', () => {
    const due = Date.parse('2026-12-03T00:00:00+08:00')
    expect(one('missing-carrier', { missing }, time(due - 1))).toMatchObject({ state: 'running', dueAt: due })
    expect(one('missing-carrier', { missing }, time(due)).state).toBe('overdue')
    const found = { ...missing, found: { at: start + day, account: 'li' } }
    expect(one('missing-carrier', { missing: found }, time(due))).toMatchObject({
      state: 'met',
      end: { how: 'found', by: 'li' },
    })
  })

  it('is missing all the same where its violation is closed before', () => {
    const steps = [step('close', start + day, 'li, wang')]
    expect(one('missing-carrier', { missing, state: 'closed', steps }, time(start + 2 * day)).state).toBe(
      'running',
    )
  })
})

describe('a date of rectification', () => {
  const dates = [
    { at: start, account: 'li', dueAt: start + 5 * day },
    { at: start + day, account: 'wang', dueAt: start + 9 * day },
  ]
  it('is the one agreed last; the others are shown', () => {
    const clock = one('rectification', { dates }, time(start + 2 * day))
    expect(clock).toMatchObject({ dueAt: start + 9 * day, state: 'running' })
    expect(clock.candidates.map(({ account, counts }) => [account, counts])).toEqual([
      ['li', false],
      ['wang', true],
    ])
  })
  it('is met by the step that says so', () => {
    const steps = [step('rectify', start + 3 * day)]
    expect(one('rectification', { dates, state: 'rectified', steps }, time(start + 20 * day)).state).toBe(
      'met',
    )
  })
})

describe('a console whose clock is set back', () => {
  it('gives no more time', () => {
    // Ten hours in, somebody sets the clock back by eight: two hours on the wall, ten in truth.
    const jumps = [{ at: start + 2 * hour, byMs: -8 * hour }]
    const clock = one('leak-report', {}, time(start + 2 * hour, jumps))
    expect(clock).toMatchObject({ leftMs: 14 * hour, setBackMs: 8 * hour })
    expect(one('leak-report', {}, time(start + 16 * hour, jumps)).state).toBe('overdue')
  })

  it('takes no time where it was set forward by mistake and set right', () => {
    const jumps = [
      { at: start + 400 * day, byMs: 399 * day },
      { at: start + day + 2 * hour, byMs: -399 * day },
    ]
    expect(one('leak-report', {}, time(start + day + 3 * hour, jumps)).setBackMs).toBe(0)
    // What began in the wrong year is due by the right one.
    expect(setBackSince(start + 400 * day + hour, jumps)).toBe(399 * day)
  })

  it('never has a later deadline than one that nobody set', () => {
    const random = seededRandom(24)
    for (let i = 0; i < 500; i += 1) {
      const jumps: { at: number; byMs: number }[] = []
      let truth = start
      let wall = start
      for (let n = random.int(6); n > 0; n -= 1) {
        const passed = random.int(5 * hour)
        truth += passed
        wall += passed
        const byMs = random.int(40 * hour) - 30 * hour
        wall += byMs
        jumps.push({ at: wall, byMs })
      }
      const { leftMs } = one('leak-report', {}, time(wall, jumps))
      expect(leftMs).toBeLessThanOrEqual(start + day - truth)
    }
  })
})

it('holds over every way of handling: nothing that is done moves a beginning, and what is over is over', () => {
  const random = seededRandom(610)
  for (let i = 0; i < 400; i += 1) {
    const severity = random.pick(['critical', 'high'] as const)
    let handled = UNHANDLED
    const steps: ClockFacts['steps'][number][] = []
    let began: number | null = null
    for (let n = 0; n < 8; n += 1) {
      const now = start + n * 2 * hour
      const facts = { ...base, severity, state: handled.state, isIncident: handled.isIncident, steps }
      const report = clocksOf(facts, time(now)).find(({ kind }) => kind === 'leak-report')
      if (report !== undefined) {
        began ??= report.startedAt
        expect(report.startedAt).toBe(began)
        expect(report.dueAt).toBe(began + day)
        expect(report.candidates.filter(({ counts }) => counts)).toHaveLength(1)
        expect(report.end === null).toBe(report.state === 'running' || report.state === 'overdue')
        if (handled.state === 'false-positive') expect(report.end?.by).toBe('li, wang')
        if (!isOver(handled.state)) expect(report.end).toBeNull()
      } else expect(severity).toBe('high')
      const kind = random.pick(nextSteps(handled, severity))
      const account = kind === 'false-positive' || kind === 'close' ? 'li, wang' : 'li'
      steps.push(step(kind, now, account))
      handled = afterStep(handled, { kind, detail: kind === 'close' ? 'warning' : '' })
    }
  }
})
