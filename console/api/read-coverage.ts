/**
 * Reads which minutes of a computer are proven watched. Days that nothing can change any more are counted once and kept; a
 * record that comes late makes the store forget from where it touches.
 */
import type { PolicySettings } from '@shoukou/protocol'
import type { CoverageCause, MinutesByCause } from '../rules/coverage-causes.ts'
import type { CoverageEvidence } from '../rules/coverage-evidence.ts'
import {
  type CoverageInterval,
  clipIntervals,
  coverageIntervals,
  sumMinutes,
} from '../rules/coverage-minutes.ts'
import type { CoverageDayRow } from '../store/coverage-ports.ts'
import type { ComputerRow, Store } from '../store/ports.ts'

export interface DaySpan {
  /** `2026-11-22`, of this console's calendar. */
  readonly day: string
  readonly fromMs: number
  readonly toMs: number
}
export interface CountedDay extends DaySpan {
  readonly minutes: MinutesByCause
}

export interface CoverageReader {
  /** Returns the counted days, in order. */
  days(computer: ComputerRow, spans: readonly DaySpan[]): Promise<CountedDay[]>
  /** Returns the intervals of a span of whole minutes. */
  intervals(computer: ComputerRow, fromMs: number, toMs: number): Promise<CoverageInterval[]>
}

/** So many days are read at once. */
const daysPerReadMax = 366

const notKept = 'null'

/** Returns a reader over a store. */
export function createCoverageReader(store: Store, now: () => number): CoverageReader {
  const evidenceOf = async (
    computer: ComputerRow,
    about: About,
    fromMs: number,
    toMs: number,
  ): Promise<CoverageEvidence> => ({
    ...about,
    ...(await store.coverageEvidence(computer.agent, fromMs, toMs)),
    enrolledAt: computer.enrolledAt,
    endedAt: endOf(computer),
  })

  return {
    async days(computer, spans) {
      const [first, last] = [spans[0], spans.at(-1)]
      if (first === undefined || last === undefined) return []
      const nowMs = now()
      const standing = await store.coverageStanding(computer.agent)
      const kept = await store.coverageDays(computer.agent, first.fromMs, last.toMs)
      const about = await readAbout(store, computer)
      const known = knownDays(kept, standing.settledMs, about)
      if (spans.every((span) => known.has(span.fromMs)))
        return spans.map((span) => ({ ...span, minutes: known.get(span.fromMs) ?? {} }))

      // From where the counting stands, so that what is kept has no hole of its own.
      const countFrom = Math.max(standing.settledMs, computer.enrolledAt)
      const all = [...daysBetween(Math.min(countFrom, first.fromMs), first.fromMs), ...spans]
      const missing = all.filter(({ fromMs, toMs }) => !known.has(fromMs) && toMs > computer.enrolledAt)
      const before = new Set(
        all.filter(({ toMs }) => toMs <= computer.enrolledAt).map(({ fromMs }) => fromMs),
      )
      const counted = new Map(known)
      for (const span of all) if (before.has(span.fromMs)) counted.set(span.fromMs, outside(span))
      const made: CountedDay[] = []
      let settledMs = standing.settledMs
      for (const part of chunks(missing, daysPerReadMax)) {
        const [start, end] = [part[0], part.at(-1)]
        if (start === undefined || end === undefined) continue
        const evidence = await evidenceOf(computer, about, start.fromMs, end.toMs)
        const intervals = coverageIntervals(evidence, { fromMs: start.fromMs, toMs: end.toMs }, nowMs)
        const byDay = splitDays(intervals, part)
        for (const [at, span] of part.entries()) {
          const minutes = sumMinutes(byDay[at] ?? [])
          counted.set(span.fromMs, minutes)
          made.push({ ...span, minutes })
        }
        const provenTo = Math.max(0, ...evidence.runs.map(({ toMs }) => toMs))
        settledMs = Math.max(settledMs, Math.min(nowMs, end.toMs, provenTo))
      }
      const settled = made.filter(({ toMs }) => toMs <= settledMs)
      const rows = settled.map(({ fromMs, toMs, minutes }) => ({
        fromMs,
        toMs,
        // What the register says may be said of another entry tomorrow: counted anew each time.
        minutes: isInRepair(about, fromMs, toMs) ? notKept : JSON.stringify(minutes),
      }))
      await store.keepCoverageDays(computer.agent, rows, { settledMs, version: standing.version })
      return spans.map((span) => ({ ...span, minutes: counted.get(span.fromMs) ?? outside(span) }))
    },
    async intervals(computer, fromMs, toMs) {
      const about = await readAbout(store, computer)
      return coverageIntervals(await evidenceOf(computer, about, fromMs, toMs), { fromMs, toMs }, now())
    },
  }
}

/** Returns the days of this console's calendar that lie between two moments, the first whole. */
export function daysBetween(fromMs: number, toMs: number): DaySpan[] {
  const days: DaySpan[] = []
  const at = new Date(fromMs)
  let start = new Date(at.getFullYear(), at.getMonth(), at.getDate())
  while (start.getTime() < toMs) {
    const end = new Date(start.getFullYear(), start.getMonth(), start.getDate() + 1)
    days.push({ day: nameOf(start), fromMs: start.getTime(), toMs: end.getTime() })
    start = end
  }
  return days
}

/** Returns the day of a name; null where the calendar has none such. */
export function dayOf(name: string): DaySpan | null {
  const [year = 0, month = 0, day = 0] = name.split('-').map(Number)
  const start = new Date(year, month - 1, day)
  if (nameOf(start) !== name) return null
  return { day: name, fromMs: start.getTime(), toMs: new Date(year, month - 1, day + 1).getTime() }
}

function nameOf(date: Date): string {
  const pad = (value: number, to: number) => String(value).padStart(to, '0')
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`
}

/** What is not in the store's evidence: gaps, policies, and the register's word on repairs. */
type About = Pick<CoverageEvidence, 'gaps' | 'policies' | 'repairs'>

const historyMax = 2_000
/** The register's state in which a computer is with whoever repairs it. */
const inRepair = 'in-repair'

async function readAbout(store: Store, { agent, number }: ComputerRow): Promise<About> {
  const [gaps, policies, said] = await Promise.all([
    store.gaps(agent),
    store.policies(agent),
    store.agentEntry(agent),
  ])
  const entry = said === null ? number : said.number
  const history = entry === null ? [] : await store.ledgerHistory('computers', entry, historyMax)
  return {
    gaps,
    policies: policies
      .map(({ version, createdAt, settings }) => ({ version, createdAt, ...asked(settings) }))
      .toSorted((a, b) => a.version - b.version),
    repairs: repairsOf(history),
  }
}

function asked({ requiredSensors, modes }: PolicySettings) {
  return { requiredSensors, modes: { media: modes.media, network: modes.network } }
}

/** Returns when an entry was in repair, from its history, newest first. */
export function repairsOf(
  history: readonly { readonly at: number; readonly changes: string }[],
): { fromMs: number; toMs: number | null }[] {
  const repairs: { fromMs: number; toMs: number | null }[] = []
  let since: number | null = null
  for (const { at, changes } of history.toReversed()) {
    const state = (JSON.parse(changes) as { state?: unknown }).state
    if (!Array.isArray(state)) continue
    if (since !== null && state[1] !== inRepair) {
      repairs.push({ fromMs: since, toMs: at })
      since = null
    } else if (since === null && state[1] === inRepair) since = at
  }
  return since === null ? repairs : [...repairs, { fromMs: since, toMs: null }]
}

function endOf({ retiredAt, revokedAt }: ComputerRow): number | null {
  const ends = [retiredAt, revokedAt].filter((at) => at !== null && at !== undefined)
  return ends.length === 0 ? null : Math.min(...ends)
}

/** Days that hold: all of them was settled when they were counted, and the register says nothing of them. */
function knownDays(
  kept: readonly CoverageDayRow[],
  settledMs: number,
  about: About,
): Map<number, MinutesByCause> {
  const holding = kept.filter(
    ({ fromMs, toMs, minutes }) =>
      toMs <= settledMs && minutes !== notKept && !isInRepair(about, fromMs, toMs),
  )
  return new Map(
    holding.map(({ fromMs, minutes }) => [fromMs, JSON.parse(minutes) as MinutesByCause] as const),
  )
}

function isInRepair({ repairs }: About, fromMs: number, toMs: number): boolean {
  return repairs.some((one) => one.fromMs < toMs && (one.toMs === null || one.toMs > fromMs))
}

function outside({ fromMs, toMs }: DaySpan): MinutesByCause {
  const cause: CoverageCause = 'not-enrolled'
  return { [cause]: Math.round((toMs - fromMs) / 60_000) }
}

/** Runs of days that follow each other, each no longer than `max`. */
function chunks(days: readonly DaySpan[], max: number): DaySpan[][] {
  const made: DaySpan[][] = []
  for (const day of days) {
    const last = made.at(-1)
    if (last !== undefined && last.length < max && last.at(-1)?.toMs === day.fromMs) last.push(day)
    else made.push([day])
  }
  return made
}

/** One walk over intervals and days, both in order. */
function splitDays(intervals: readonly CoverageInterval[], days: readonly DaySpan[]): CoverageInterval[][] {
  let at = 0
  return days.map(({ fromMs, toMs }) => {
    while (at < intervals.length && (intervals[at]?.toMs ?? 0) <= fromMs) at += 1
    let end = at
    while (end < intervals.length && (intervals[end]?.fromMs ?? toMs) < toMs) end += 1
    return clipIntervals(intervals.slice(at, end), fromMs, toMs)
  })
}
