/** Reads a computer's timeline: counts by step and lane, each thing by itself where they are few, and what was watched. */
import { FACT_KINDS, type FactKind } from '@shoukou/protocol'
import { COVERAGE_CAUSES } from '../rules/coverage-causes.ts'
import type { CoverageInterval } from '../rules/coverage-minutes.ts'
import { MINUTE_MS } from '../rules/coverage-minutes.ts'
import type { ComputerRow, Store } from '../store/ports.ts'
import type { CoverageIntervalItem } from './contract-coverage.ts'
import { type TimelineAnswer, type TimelineItem } from './contract-timeline.ts'
import { TIMELINE_ITEMS_MAX, type TimelineLane } from './contract-timeline-lanes.ts'
import type { CoverageReader } from './read-coverage.ts'
import { readSessions } from './read-sessions.ts'
import { laneOf, type Steps, stepStart, stepsOf } from './view/timeline-lanes.ts'

export interface TimelineAsked {
  readonly computer: ComputerRow
  readonly fromMs: number
  readonly toMs: number
  readonly may: {
    readonly records: boolean
    readonly violations: boolean
    readonly policies: boolean
    readonly registers: boolean
  }
}

const hourMs = 3_600_000
/** Where records are counted one by one, there are at most so many. */
const placesMax = 5_000
/** Above `TIMELINE_ITEMS_MAX`: where there are as many, they are counted and not told one by one. */
const violationsMax = 400
const lastingMax = 100
const historyMax = 500
const coverageMax = 500
/** Lasts as long as a table's row of a lane: what lies within a step is one. */
const kinds: ReadonlySet<string> = new Set(FACT_KINDS)

const blank = {
  endMs: null,
  epoch: null,
  seq: null,
  violation: null,
  severity: null,
  account: null,
  detail: null,
} as const

/** Returns the timeline of a span. */
export async function readTimeline(
  store: Store,
  coverage: CoverageReader,
  { computer, fromMs, toMs, may }: TimelineAsked,
): Promise<TimelineAnswer> {
  const offsetMs = -new Date(fromMs).getTimezoneOffset() * 60_000
  const steps = stepsOf(fromMs, toMs, offsetMs)
  const [recorded, others, sessions, intervals] = await Promise.all([
    may.records ? readRecorded(store, computer.agent, steps, offsetMs) : noRecords,
    readOthers(store, computer, steps, may),
    may.records ? readSessions(store, computer.agent, steps) : null,
    coverage.intervals(
      computer,
      Math.floor(steps.fromMs / MINUTE_MS) * MINUTE_MS,
      Math.ceil(steps.toMs / MINUTE_MS) * MINUTE_MS,
    ),
  ])
  const counts = new Map(recorded.counts)
  const addOne = (lane: TimelineLane, atMs: number): void => {
    // What began before the span and lasted into it stands at its beginning.
    const key = keyOf(lane, Math.max(steps.fromMs, stepStart(atMs, steps.stepMs, offsetMs)))
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const isBegun = ({ lane, atMs }: TimelineItem): boolean => lane === 'violations' && atMs >= steps.fromMs
  const isCut = others.filter(isBegun).length >= violationsMax
  for (const item of others) if (!isCut || !isBegun(item)) addOne(item.lane, item.atMs)
  // More than are read one by one: each of them is counted all the same, the newest too.
  if (isCut)
    for (const atMs of await store.violationTimes(computer.agent, steps.fromMs, steps.toMs))
      addOne('violations', atMs)
  const items =
    recorded.items === null ? null : [...recorded.items, ...others].toSorted((a, b) => a.atMs - b.atMs)
  return {
    ...steps,
    buckets: [...counts]
      .map(([key, count]) => ({ ...bucketOf(key), count }))
      .toSorted((a, b) => a.atMs - b.atMs),
    items: items === null || items.length > TIMELINE_ITEMS_MAX ? null : items,
    sessions,
    coverage: joined(intervals, steps).map(intervalItem),
  }
}

/** Returns an interval as the API tells it. */
export function intervalItem({ fromMs, toMs, cause, name, rest }: CoverageInterval): CoverageIntervalItem {
  return { fromMs, toMs, state: COVERAGE_CAUSES[cause], cause, name, rest }
}

interface Recorded {
  readonly counts: ReadonlyMap<string, number>
  /** Null: too many to be told one by one. */
  readonly items: readonly TimelineItem[] | null
}

const noRecords: Recorded = { counts: new Map(), items: [] }

async function readRecorded(store: Store, agent: string, steps: Steps, offsetMs: number): Promise<Recorded> {
  const { fromMs, toMs, stepMs } = steps
  const counts = new Map<string, number>()
  const add = (kind: string, atMs: number, count: number): number => {
    const lane = kinds.has(kind) ? laneOf(kind as FactKind) : null
    if (lane === null) return 0
    const key = keyOf(lane, Math.max(fromMs, stepStart(atMs, stepMs, offsetMs)))
    counts.set(key, (counts.get(key) ?? 0) + count)
    return count
  }
  // Counted by the hour or the minute when they were stored; below that, one by one.
  const unit = stepMs >= hourMs ? hourMs : MINUTE_MS
  const counted = await store.recordCounts(agent, unit, fromMs - (fromMs % unit), toMs)
  const total = counted.reduce((sum, { count }) => sum + count, 0)
  if (stepMs >= MINUTE_MS || total > placesMax) {
    const told = counted.reduce((sum, { atMs, kind, count }) => sum + add(kind, atMs, count), 0)
    if (told > TIMELINE_ITEMS_MAX || total > placesMax) return { counts, items: null }
  }
  const places = await store.recordPlaces(agent, fromMs, toMs, placesMax)
  if (stepMs < MINUTE_MS) for (const { kind, wallMs } of places) add(kind, wallMs, 1)
  return {
    counts,
    items: places.flatMap(({ epoch, seq, kind, wallMs }) => {
      const lane = kinds.has(kind) ? laneOf(kind as FactKind) : null
      return lane === null ? [] : [{ ...blank, lane, atMs: wallMs, what: kind, epoch, seq }]
    }),
  }
}

async function readOthers(
  store: Store,
  { agent, number }: ComputerRow,
  { fromMs, toMs }: Steps,
  may: TimelineAsked['may'],
): Promise<TimelineItem[]> {
  const isWithin = (atMs: number): boolean => atMs >= fromMs && atMs < toMs
  const [lasting, begun, policies, history] = await Promise.all([
    may.violations ? store.violationsLastingAt(agent, fromMs, lastingMax) : [],
    may.violations ? store.violationPlaces(agent, fromMs, toMs, violationsMax) : [],
    may.policies ? store.policies(agent) : [],
    may.registers ? registerHistory(store, agent, number) : [],
  ])
  return [
    ...[...lasting, ...begun].map(
      ({ id, type, severity, occurredAt, endedAt }): TimelineItem => ({
        ...blank,
        lane: 'violations',
        atMs: occurredAt,
        endMs: endedAt,
        what: type,
        violation: id,
        severity,
      }),
    ),
    ...policies
      .filter(({ createdAt }) => isWithin(createdAt))
      .map(
        ({ version, createdAt, createdBy, reason }): TimelineItem => ({
          ...blank,
          lane: 'policy',
          atMs: createdAt,
          what: 'policy-made',
          account: createdBy,
          detail: `v${version} · ${reason}`,
        }),
      ),
    ...history
      .filter(({ at }) => isWithin(at))
      .map(
        ({ at, kind, account, reason }): TimelineItem => ({
          ...blank,
          lane: 'register',
          atMs: at,
          what: kind,
          account,
          detail: reason,
        }),
      ),
  ]
}

async function registerHistory(store: Store, agent: string, number: string) {
  const said = await store.agentEntry(agent)
  const entry = said === null ? number : said.number
  return entry === null ? [] : store.ledgerHistory('computers', entry, historyMax)
}

function keyOf(lane: TimelineLane, atMs: number): string {
  return `${lane} ${atMs}`
}

function bucketOf(key: string): { lane: TimelineLane; atMs: number } {
  const [lane = '', at = ''] = key.split(' ')
  return { lane: lane as TimelineLane, atMs: Number(at) }
}

/** Where they are many, each step is what most of it was; a broken minute is never lost in one. */
function joined(intervals: readonly CoverageInterval[], { fromMs, toMs, stepMs }: Steps): CoverageInterval[] {
  if (intervals.length <= coverageMax) return [...intervals]
  const made: CoverageInterval[] = []
  let first = 0
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) {
    while ((intervals[first]?.toMs ?? toMs) <= atMs) first += 1
    let most: CoverageInterval | null = null
    let mostMs = -1
    for (let at = first; at < intervals.length; at += 1) {
      const one = intervals[at]
      if (one === undefined || one.fromMs >= atMs + stepMs) break
      const lengthMs = Math.min(one.toMs, atMs + stepMs) - Math.max(one.fromMs, atMs)
      const weightMs = COVERAGE_CAUSES[one.cause] === 'broken' ? lengthMs + stepMs : lengthMs
      if (weightMs <= mostMs) continue
      most = one
      mostMs = weightMs
    }
    if (most === null) continue
    const last = made.at(-1)
    if (last !== undefined && last.cause === most.cause && last.name === most.name && last.toMs === atMs)
      made[made.length - 1] = { ...last, toMs: atMs + stepMs }
    else made.push({ ...most, fromMs: atMs, toMs: atMs + stepMs })
  }
  return made
}
