/** What simulated agents tell: facts that the protocol takes, in the order of time, the same for the same seed. */
import { encodeRecord, parseRecord } from '@shoukou/protocol'
import { describe, expect, it } from 'vitest'
import { afterStep, isOver, nextSteps, UNHANDLED } from '../../console/workflows/handling/handling-state.ts'
import { HOUR_MS, isWorkday, workdaysBefore } from './calendar.ts'
import { INCIDENT_NAMES, tellIncident } from './incidents.ts'
import { makeMedia, mediaByComputer } from './media.ts'
import { createRandom } from './random.ts'
import { planHandling } from './stories.ts'
import { makeUnit } from './unit.ts'
import { planYear, type ToldDay, tellDay } from './year.ts'

const size = { seed: 'year', computers: 40, media: 200 }
const endMs = Date.parse('2026-06-10T12:00:00Z')
const unit = makeUnit(size)
const known = makeMedia(unit, size).filter(({ device }) => device !== null)
const plan = planYear({ seed: size.seed, days: workdaysBefore(endMs, 365) }, unit.computers)
const computer = unit.computers[30] ?? unit.computers[0]
if (computer === undefined) throw new Error('a unit has computers')
const own = mediaByComputer(known).get(computer.number) ?? []

function parsed(told: Pick<ToldDay['facts'][number], 'fact' | 'sensor' | 'decision'>) {
  const stamp = {
    agent: 'a',
    epoch: 'e',
    seq: 1,
    wallMs: endMs,
    bootMs: 1,
    bootId: 'b',
    agentVersion: '0.1.0',
  }
  const { fact, sensor, decision } = told
  const policy = { policyVersion: 1, level: 'secret', networkMode: 'classified-lan' } as const
  return parseRecord(encodeRecord({ v: 1, ...stamp, ...policy, fact, sensor, decision }))
}

describe('incidents', () => {
  it.each(INCIDENT_NAMES)('%s is told in records that the protocol takes, in order', (name) => {
    for (const isEnforcing of [true, false]) {
      const random = createRandom(`test/${name}`)
      const told = tellIncident(name, { computer, random, atMs: endMs, isEnforcing, known })
      expect(told.length).toBeGreaterThan(0)
      for (const one of told) expect(parsed(one).fact).toEqual(one.fact)
      const times = told.map(({ afterMs }) => afterMs)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
    }
  })
})

describe('a year of one computer', () => {
  const year = (): ToldDay[] => {
    let standing: Pick<ToldDay, 'isRunning' | 'ended'> = { isRunning: false, ended: null }
    return plan.days.map((_, day) => {
      const told = tellDay({ computer, plan, day, ...standing, isEnforcing: true, known, own })
      standing = told
      return told
    })
  }

  it('is the same each time it is told', () => {
    expect(year()).toEqual(year())
  })

  it('goes forward in time, is taken by the protocol, and begins with a journal and a start', () => {
    const facts = year().flatMap((day) => day.facts)
    expect(facts.slice(0, 2).map(({ fact }) => fact.kind)).toEqual(['journal.opened', 'agent.started'])
    let atMs = 0
    for (const one of facts) {
      expect(one.atMs).toBeGreaterThanOrEqual(atMs)
      ;({ atMs } = one)
      parsed(one)
    }
    expect(atMs).toBeLessThan(endMs)
  })

  it('tells with each start that what it enforces stands', () => {
    const kinds = year().flatMap((day) => day.facts.map(({ fact }) => fact.kind))
    const starts = kinds.filter((kind) => kind === 'agent.started').length
    expect(kinds.filter((kind) => kind === 'control.state')).toHaveLength(starts)
  })

  it('starts only after it ended', () => {
    let isRunning = false
    for (const { facts, ended } of year()) {
      for (const { fact } of facts) {
        if (fact.kind === 'agent.started') {
          expect(isRunning).toBe(false)
          isRunning = true
        }
        if (fact.kind === 'agent.stopping') isRunning = false
      }
      if (ended === 'unclean-stop') isRunning = false
    }
  })

  it('has workdays alone, a whole year of them', () => {
    expect(plan.days.length).toBeGreaterThan(235)
    expect(plan.days.every(isWorkday)).toBe(true)
  })
})

describe('handling', () => {
  const stories = (['critical', 'high', 'medium', 'low'] as const).flatMap((severity) =>
    Array.from(
      { length: 100 },
      (_, id) => ({ id, severity, type: 'external-connection-attempt', receivedAt: endMs }) as const,
    ),
  )

  it('takes steps that follow one another, the same each time, and comes to an end', () => {
    for (const about of stories) {
      const acts = planHandling('seed', about)
      expect(planHandling('seed', about)).toEqual(acts)
      const times = acts.map(({ atMs }) => atMs)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      let handled = UNHANDLED
      for (const act of acts) {
        if (act.act !== 'step') continue
        expect(nextSteps(handled, about.severity)).toContain(act.kind)
        handled = afterStep(handled, act)
      }
      const isAllowed = acts.some(({ act }) => act === 'exception')
      if (acts.length > 0 && !isAllowed) expect(isOver(handled.state)).toBe(true)
    }
  })

  it('tells of what may be a leak, or clears it, before its 24 hours are over', () => {
    for (const about of stories.filter(({ severity }) => severity === 'critical')) {
      const settled = planHandling('seed', about).find(
        (act) => act.act === 'tell' || (act.act === 'step' && act.kind === 'false-positive'),
      )
      expect(settled?.atMs).toBeLessThan(endMs + 24 * HOUR_MS)
    }
  })
})
