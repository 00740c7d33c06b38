/**
 * Which minutes of a computer are proven watched, which are not, why, and on what each rests. Pure.
 *
 * Nothing is proven to begin with. A minute is proven where one run of the agent covers all of it; the run ends with the last
 * record, or the last heartbeat by which everything recorded was here. What speaks against it then takes it away again, the
 * gravest first, and always the whole minute. So silence proves nothing, and a record that comes late can only prove more,
 * except for the time that it speaks of itself.
 */
import {
  COVERAGE_CAUSE_LIST,
  COVERAGE_CAUSES,
  type CoverageCause,
  type MinutesByCause,
} from './coverage-causes.ts'
import { againstIntervals } from './coverage-defects.ts'
import type { CoverageEvidence, WatchedRun } from './coverage-evidence.ts'

export const MINUTE_MS = 60_000

/** What an interval rests on. `none`: on nothing, and so it is not proven. */
export type Rest =
  | { readonly kind: 'none' }
  | { readonly kind: 'register' }
  | { readonly kind: 'records'; readonly epoch: string; readonly firstSeq: number; readonly lastSeq: number }
  | { readonly kind: 'violation'; readonly violation: number }

export interface CoverageInterval {
  /** Whole minutes; `toMs` is the end of the last. */
  readonly fromMs: number
  readonly toMs: number
  readonly cause: CoverageCause
  /** Sensor, or layer, that it is about; null where it is about none. */
  readonly name: string | null
  readonly rest: Rest
}

/** Against a span, from a record or from the register; `isGrave`: stands also where nothing was proven. */
export interface Against {
  readonly fromMs: number
  readonly toMs: number
  readonly cause: CoverageCause
  readonly name: string | null
  readonly rest: Rest
  readonly isGrave?: boolean
}

const nothing: Rest = { kind: 'none' }

/**
 * Returns the intervals of a span, in order and without a hole: each minute is in exactly one.
 *
 * `span`: whole minutes, Unix ms. `nowMs`: what lies behind it has not happened.
 */
export function coverageIntervals(
  evidence: CoverageEvidence,
  span: { readonly fromMs: number; readonly toMs: number },
  nowMs: number,
): CoverageInterval[] {
  const minutes = new Minutes(span.fromMs, span.toMs)
  for (const absence of absences(evidence, nowMs)) minutes.over(absence)
  for (const { fromMs, toMs } of evidence.heard)
    minutes.over({ fromMs, toMs, cause: 'records-behind', name: null, rest: nothing }, isNotArrived)
  for (const { fromMs, toMs, violation } of evidence.silences)
    minutes.over(
      { fromMs, toMs: toMs ?? nowMs, cause: 'silent', name: null, rest: { kind: 'violation', violation } },
      isNotArrived,
    )
  for (const run of evidence.runs) minutes.within(run.fromMs, run.toMs, 'journal', restOf(run))
  for (const heard of evidence.heard) minutes.mark(heard.fromMs, heard.toMs, 'journal', 'heard')
  for (const against of againstIntervals(evidence, nowMs)) {
    minutes.over(against, (cause) => COVERAGE_CAUSES[cause] === 'proven' || against.isGrave === true)
  }
  for (const { fromMs, toMs } of evidence.repairs)
    minutes.over(
      { fromMs, toMs: toMs ?? nowMs, cause: 'in-repair', name: null, rest: { kind: 'register' } },
      (cause) => COVERAGE_CAUSES[cause] === 'unproven',
    )
  const outside = (fromMs: number, toMs: number, cause: CoverageCause) =>
    minutes.over({ fromMs, toMs, cause, name: null, rest: nothing })
  // A minute of which a part lies before the enrolment is not one of its own.
  if (evidence.enrolledAt > span.fromMs) outside(span.fromMs, evidence.enrolledAt, 'not-enrolled')
  if (evidence.endedAt !== null) outside(evidence.endedAt, span.toMs, 'identity-ended')
  outside(nowMs, span.toMs, 'future')
  return minutes.intervals()
}

/** Returns how many minutes each cause has. */
export function sumMinutes(intervals: readonly CoverageInterval[]): MinutesByCause {
  const sums: Partial<Record<CoverageCause, number>> = {}
  for (const { cause, fromMs, toMs } of intervals)
    sums[cause] = (sums[cause] ?? 0) + Math.round((toMs - fromMs) / MINUTE_MS)
  return sums
}

/** Returns the part of intervals that lies in a span. */
export function clipIntervals(
  intervals: readonly CoverageInterval[],
  fromMs: number,
  toMs: number,
): CoverageInterval[] {
  return intervals
    .filter((one) => one.toMs > fromMs && one.fromMs < toMs)
    .map((one) => ({ ...one, fromMs: Math.max(one.fromMs, fromMs), toMs: Math.min(one.toMs, toMs) }))
}

const isNotArrived = (cause: CoverageCause): boolean => cause === 'not-arrived'

function restOf({ epoch, firstSeq, lastSeq }: WatchedRun): Rest {
  return { kind: 'records', epoch, firstSeq, lastSeq }
}

/** What lies before, between and behind the runs, and what the records around it tell of it. */
function absences({ runs, gaps, enrolledAt }: CoverageEvidence, nowMs: number): Against[] {
  const inOrder = runs.toSorted((a, b) => a.fromMs - b.fromMs || a.firstSeq - b.firstSeq)
  const first = inOrder[0]
  const made: Against[] = []
  const add = (fromMs: number, toMs: number, cause: CoverageCause, rest: Rest = nothing) => {
    if (toMs >= fromMs) made.push({ fromMs, toMs, cause, name: null, rest })
  }
  add(enrolledAt, first?.fromMs ?? nowMs, 'not-started')
  let last: WatchedRun | null = null
  for (const run of inOrder) {
    // `last` is the one that reaches furthest: a journal of another time may lie within it.
    if (last !== null) {
      const told = toldBetween(last, run, gaps)
      add(last.toMs, run.fromMs, told.cause, told.rest)
    }
    if (last === null || run.toMs >= last.toMs) last = run
  }
  if (last !== null) {
    const { stop } = last
    const rest = stop === null ? nothing : atRecord(last.epoch, stop.seq)
    add(last.toMs, nowMs, stop === null ? 'not-arrived' : afterStop(stop.reason), rest)
  }
  return made
}

function toldBetween(
  before: WatchedRun,
  after: WatchedRun,
  gaps: CoverageEvidence['gaps'],
): { readonly cause: CoverageCause; readonly rest: Rest } {
  const rest: Rest = atRecord(after.epoch, after.firstSeq)
  if (after.epoch === before.epoch && after.firstSeq !== before.lastSeq + 1) {
    const missing = {
      kind: 'records',
      epoch: after.epoch,
      firstSeq: before.lastSeq + 1,
      lastSeq: after.firstSeq - 1,
    } as const
    const states = gaps
      .filter(
        ({ epoch, firstSeq, lastSeq }) =>
          epoch === after.epoch && firstSeq < after.firstSeq && lastSeq > before.lastSeq,
      )
      .map(({ state }) => state)
    if (states.includes('undeclared')) return { cause: 'gap', rest: missing }
    if (states.includes('pending')) return { cause: 'gap-pending', rest: missing }
    if (states.length > 0) return { cause: 'gap-declared', rest: missing }
    // Runs between them are not among what was looked at, or the numbers are on their way.
    return { cause: 'not-arrived', rest: nothing }
  }
  if (after.epoch !== before.epoch && (after.began === 'journal-lost' || after.began === 'console-ahead'))
    return { cause: 'journal-lost', rest }
  const { stop } = before
  if (stop === null) return { cause: 'killed', rest }
  const isOtherBoot = before.bootId !== null && after.bootId !== null && before.bootId !== after.bootId
  // A service is ended by a signal too when its computer is shut down.
  const isOff = isOtherBoot && (stop.reason === 'shutdown' || stop.reason === 'signal')
  return {
    cause: isOff ? 'off' : afterStop(stop.reason),
    rest: {
      kind: 'records',
      epoch: before.epoch,
      firstSeq: stop.seq,
      lastSeq: after.epoch === before.epoch ? after.firstSeq : stop.seq,
    },
  }
}

function afterStop(reason: NonNullable<WatchedRun['stop']>['reason']): CoverageCause {
  if (reason === 'removal') return 'removed'
  return reason === 'fault' ? 'fault' : 'stopped'
}

function atRecord(epoch: string, seq: number): Rest {
  return { kind: 'records', epoch, firstSeq: seq, lastSeq: seq }
}

/** Minutes of a span, each with the place of its cause in a list; painted one thing over another. */
class Minutes {
  readonly #fromMs: number
  readonly #causes: Uint8Array
  readonly #notes: Uint32Array
  readonly #list: { readonly name: string | null; readonly rest: Rest }[] = [{ name: null, rest: nothing }]

  constructor(fromMs: number, toMs: number) {
    this.#fromMs = fromMs
    const count = Math.max(0, Math.ceil((toMs - fromMs) / MINUTE_MS))
    this.#causes = new Uint8Array(count).fill(indexOf('not-arrived'))
    this.#notes = new Uint32Array(count)
  }

  /** Every minute that it touches, where `may` lets it. */
  over({ fromMs, toMs, cause, name, rest }: Against, may: (cause: CoverageCause) => boolean = always): void {
    const first = Math.max(0, Math.floor((fromMs - this.#fromMs) / MINUTE_MS))
    const end = Math.min(this.#causes.length, Math.ceil((toMs - this.#fromMs) / MINUTE_MS))
    // A moment is the minute that it is in.
    const last = fromMs === toMs ? Math.min(this.#causes.length, first + 1) : end
    if (toMs < this.#fromMs || first >= last) return
    const note = this.#list.push({ name, rest }) - 1
    for (let at = first; at < last; at += 1) {
      if (!may(causeAt(this.#causes[at] ?? 0))) continue
      this.#causes[at] = indexOf(cause)
      this.#notes[at] = note
    }
  }

  /** Only minutes that lie within it whole. */
  within(fromMs: number, toMs: number, cause: CoverageCause, rest: Rest): void {
    const { first, end } = this.#whole(fromMs, toMs)
    if (first >= end) return
    const note = this.#list.push({ name: null, rest }) - 1
    for (let at = first; at < end; at += 1) {
      this.#causes[at] = indexOf(cause)
      this.#notes[at] = note
    }
  }

  /** Whole minutes of one cause become another; what they rest on stays. */
  mark(fromMs: number, toMs: number, from: CoverageCause, to: CoverageCause): void {
    const { first, end } = this.#whole(fromMs, toMs)
    for (let at = first; at < end; at += 1) {
      if (this.#causes[at] === indexOf(from)) this.#causes[at] = indexOf(to)
    }
  }

  intervals(): CoverageInterval[] {
    const made: CoverageInterval[] = []
    let first = 0
    for (let at = 1; at <= this.#causes.length; at += 1) {
      const isSame =
        at < this.#causes.length &&
        this.#causes[at] === this.#causes[first] &&
        this.#notes[at] === this.#notes[first]
      if (isSame) continue
      const note = this.#list[this.#notes[first] ?? 0]
      made.push({
        fromMs: this.#fromMs + first * MINUTE_MS,
        toMs: this.#fromMs + at * MINUTE_MS,
        cause: causeAt(this.#causes[first] ?? 0),
        name: note?.name ?? null,
        rest: note?.rest ?? nothing,
      })
      first = at
    }
    return made
  }

  #whole(fromMs: number, toMs: number): { first: number; end: number } {
    return {
      first: Math.max(0, Math.ceil((fromMs - this.#fromMs) / MINUTE_MS)),
      end: Math.min(this.#causes.length, Math.floor((toMs - this.#fromMs) / MINUTE_MS)),
    }
  }
}

const always = (): boolean => true
const places = new Map(COVERAGE_CAUSE_LIST.map((cause, at) => [cause, at]))

function indexOf(cause: CoverageCause): number {
  return places.get(cause) ?? 0
}

function causeAt(place: number): CoverageCause {
  return COVERAGE_CAUSE_LIST[place] ?? 'not-arrived'
}
