/** A violation's clocks with what a page shows of them, and in which order. Pure. */

import { type ClockSubject, OF_REGISTERS } from '../../store/clock-ports.ts'
import type { ViolationRow } from '../../store/ports.ts'
import { CLOCK_BASES } from './clock-bases.ts'
import { type ClockNow, type ClockTime, clocksOf } from './clocks.ts'

export interface ShownClock extends ClockNow {
  readonly key: string
  readonly violation: number
  readonly type: ViolationRow['type']
  readonly severity: ViolationRow['severity']
  readonly level: ViolationRow['level']
  readonly headline: { readonly zh: string; readonly en: string }
  readonly computer: string | null
  readonly medium: string | null
  readonly department: string | null
  readonly basis: { readonly zh: string; readonly en: string }
}

export type HeadlineOf = (violation: ViolationRow) => { readonly zh: string; readonly en: string }

export function shownClocks(
  { violation, department, facts }: ClockSubject,
  time: ClockTime,
  headlineOf: HeadlineOf,
): readonly ShownClock[] {
  const { id, type, severity, level, agent, number } = violation
  const headline = headlineOf(violation)
  return clocksOf(facts, time).map((clock) => ({
    ...clock,
    key: `${clock.kind}:${id}`,
    violation: id,
    ...{ type, severity, level, headline, department },
    computer: agent === OF_REGISTERS ? null : number,
    medium: mediumOf(violation),
    basis: { ...CLOCK_BASES[clock.kind] },
  }))
}

const order = { running: 0, overdue: 1, met: 2, stopped: 2 } as const

/** What runs, the least time left first; then what is overdue, the newest first; then what is over, the newest end first. */
export function inOrder(clocks: readonly ShownClock[]): ShownClock[] {
  return clocks.toSorted((a, b) => {
    const byState = order[a.state] - order[b.state]
    if (byState !== 0) return byState
    if (a.state === 'running') return a.dueAt - b.dueAt || a.violation - b.violation
    return (b.end?.at ?? b.dueAt) - (a.end?.at ?? a.dueAt) || b.violation - a.violation
  })
}

const prefix = 'medium:'

function mediumOf({ standing }: ViolationRow): string | null {
  const subject = standing?.subject ?? ''
  return subject.startsWith(prefix) ? subject.slice(prefix.length) : null
}
