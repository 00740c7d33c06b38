/**
 * Clocks of a violation: derived from what happened and what was done about it; none is ever kept. Pure.
 *
 * The 24 hours begin at the discovery of a suspected leak: when the console received what may be one, or when a person said
 * so, whichever came first. Nothing that is done later moves the beginning: not a second opinion taken back, not a step
 * taken anew. What ends a clock is an act on record; what stops it says whose.
 */
import { afterDays, afterHours, afterMonths } from '../../rules/deadlines.ts'
import { type NotedJump, setBackSince } from '../../rules/set-back.ts'
import type { ClockFacts, ClockKind, ClockStep, Recipient, ToldReport } from '../../store/clock-ports.ts'
import type { HandlingKind } from '../../store/handling-ports.ts'

export type ClockState = 'running' | 'overdue' | 'met' | 'stopped'
export type CandidateKind = 'receipt' | 'confirmation' | 'incident' | 'found-missing' | 'agreed'
export type ClockEnd =
  | 'reported'
  | 'result-reported'
  | 'found'
  | 'rectified'
  | 'closed'
  | 'false-positive'
  | 'exception'
export type EndsWith = 'report' | 'result' | 'finding' | 'rectifying'

export interface ClockTime {
  readonly now: number
  readonly zone: string
  /** All whom a report must reach. */
  readonly reportTo: readonly Recipient[]
  /** The oldest first. */
  readonly jumps: readonly NotedJump[]
}

export interface ClockCandidate {
  readonly what: CandidateKind
  readonly at: number
  /** Empty: the console itself. */
  readonly account: string
  readonly counts: boolean
}

export interface EndOfClock {
  readonly how: ClockEnd
  readonly at: number
  readonly by: string
  readonly note: string
}

export interface ClockNow {
  readonly kind: ClockKind
  readonly state: ClockState
  readonly candidates: readonly ClockCandidate[]
  readonly startedAt: number
  /** By the present clock. */
  readonly dueAt: number
  readonly setBackMs: number
  readonly leftMs: number
  readonly endsWith: EndsWith
  /** Of a report: whom it has not reached yet. */
  readonly owed: readonly Recipient[]
  readonly end: EndOfClock | null
}

export const REPORT_HOURS = 24
export const RESULT_MONTHS = 3

/** Returns the clocks of a violation, those that are over among them; none of what repeats another. */
export function clocksOf(facts: ClockFacts, time: ClockTime): readonly ClockNow[] {
  if (facts.isRepeat) return []
  return [
    leakReport(facts, time),
    leakResult(facts, time),
    missing(facts, time),
    rectification(facts, time),
  ].filter((one) => one !== null)
}

type Maybe = ClockNow | null

function leakReport(facts: ClockFacts, time: ClockTime): Maybe {
  const began = discovery(facts)
  if (began === null) return null
  const told = time.reportTo.flatMap((to) => firstReport(facts, 'report', to) ?? [])
  const owed = time.reportTo.filter((to) => !told.some(({ recipient }) => recipient === to))
  // Who was told last ends it: the regulations ask for both.
  const last = owed.length > 0 ? undefined : told.toSorted((a, b) => a.reportedAt - b.reportedAt).at(-1)
  const end: EndOfClock | null =
    last === undefined
      ? stopOf(facts)
      : { how: 'reported', at: last.reportedAt, by: last.account, note: last.recipient }
  return clock(
    {
      ...{ kind: 'leak-report', endsWith: 'report', ...began, owed: end === null ? owed : [], end },
      due: (from) => afterHours(from, REPORT_HOURS),
    },
    time,
  )
}

/** Once it is a leak incident, or was told as one. */
function leakResult(facts: ClockFacts, time: ClockTime): Maybe {
  const began = discovery(facts)
  const told = firstReport(facts, 'report')
  const result = firstReport(facts, 'result')
  if (began === null || !(facts.isIncident || told !== null || result !== null)) return null
  const end: EndOfClock | null =
    result === null
      ? falsePositive(facts)
      : { how: 'result-reported', at: result.reportedAt, by: result.account, note: result.recipient }
  return clock(
    {
      ...{ kind: 'leak-result', endsWith: 'result', ...began, end },
      due: (from) => afterMonths(from, RESULT_MONTHS, time.zone),
    },
    time,
  )
}

function missing(facts: ClockFacts, time: ClockTime): Maybe {
  const { missing: carrier } = facts
  if (carrier === null) return null
  const { foundMissingAt, limitDays, found } = carrier
  const due = (from: number): number => afterDays(from, limitDays, time.zone)
  const closed = facts.state === 'closed' ? lastStep(facts, 'close') : null
  // Closed before its time is over, it is missing all the same.
  const isClosedAfter = closed !== null && closed.at >= due(foundMissingAt)
  const end: EndOfClock | null =
    found === null
      ? (falsePositive(facts) ?? (isClosedAfter ? endBy('closed', closed) : null))
      : { how: 'found', at: found.at, by: found.account, note: '' }
  const candidates = [{ what: 'found-missing', at: foundMissingAt, account: '', counts: true }] as const
  return clock(
    { kind: 'missing-carrier', endsWith: 'finding', candidates, startedAt: foundMissingAt, end, due },
    time,
  )
}

function rectification(facts: ClockFacts, time: ClockTime): Maybe {
  const agreed = facts.dates.at(-1)
  if (agreed === undefined) return null
  const candidates = facts.dates.map(({ at, account }, index) => ({
    ...({ what: 'agreed', at, account } as const),
    counts: index === facts.dates.length - 1,
  }))
  const done = lastStep(facts, 'rectify')
  const isOver = facts.state === 'rectified' || facts.state === 'closed'
  const end =
    isOver && done !== null
      ? endBy('rectified', done)
      : (falsePositive(facts) ??
        (facts.state === 'closed' ? endBy('closed', lastStep(facts, 'close')) : null))
  return clock(
    {
      ...{ kind: 'rectification', endsWith: 'rectifying', candidates, startedAt: agreed.at, end },
      due: () => agreed.dueAt,
    },
    time,
  )
}

/** Null: nothing says that it may be a leak. */
function discovery(
  facts: ClockFacts,
): { readonly candidates: readonly ClockCandidate[]; readonly startedAt: number } | null {
  const isSuspect = facts.severity === 'critical'
  const confirmed = facts.steps.find(({ kind }) => kind === 'confirm')
  const called = facts.steps.find(({ kind }) => kind === 'incident')
  if (!isSuspect && !facts.isIncident) return null
  const found = [
    { what: 'receipt', at: facts.receivedAt, account: '', may: isSuspect } as const,
    // To confirm a violation that is no suspected leak discovers none.
    ...(confirmed === undefined
      ? []
      : [{ what: 'confirmation', ...whoWhen(confirmed), may: isSuspect } as const]),
    ...(called === undefined ? [] : [{ what: 'incident', ...whoWhen(called), may: true } as const]),
  ]
  const startedAt = Math.min(...found.filter(({ may }) => may).map(({ at }) => at))
  const holds = found.find(({ may, at }) => may && at === startedAt)
  const candidates = found.map(({ may: _may, ...one }) => ({ ...one, counts: one.what === holds?.what }))
  return { candidates, startedAt }
}

function whoWhen({ at, account }: ClockStep): { readonly at: number; readonly account: string } {
  return { at, account }
}

/** What takes a suspicion away. A leak incident is not closed away: it is reported, or was none. */
function stopOf(facts: ClockFacts): EndOfClock | null {
  const wrong = falsePositive(facts)
  if (wrong !== null) return wrong
  if (facts.state === 'closed' && !facts.isIncident) return endBy('closed', lastStep(facts, 'close'))
  const isUntouched = facts.state === 'detected' || facts.state === 'acknowledged'
  if (facts.exception === null || !isUntouched) return null
  return { how: 'exception', at: facts.exception.at, by: facts.exception.account, note: '' }
}

function falsePositive(facts: ClockFacts): EndOfClock | null {
  return facts.state === 'false-positive' ? endBy('false-positive', lastStep(facts, 'false-positive')) : null
}

function endBy(how: ClockEnd, step: ClockStep | null): EndOfClock | null {
  return step === null ? null : { how, at: step.at, by: step.account, note: step.reason }
}

function lastStep({ steps }: ClockFacts, kind: HandlingKind): ClockStep | null {
  return steps.findLast((step) => step.kind === kind) ?? null
}

function firstReport(
  { reports }: ClockFacts,
  what: ToldReport['what'],
  recipient?: Recipient,
): ToldReport | null {
  const [first] = reports
    .filter((one) => one.what === what && (recipient === undefined || one.recipient === recipient))
    .toSorted((a, b) => a.reportedAt - b.reportedAt)
  return first ?? null
}

interface Draft {
  readonly kind: ClockKind
  readonly endsWith: EndsWith
  readonly candidates: readonly ClockCandidate[]
  readonly startedAt: number
  readonly owed?: readonly Recipient[]
  readonly end: EndOfClock | null
  readonly due: (fromMs: number) => number
}

const doneWell: ReadonlySet<ClockEnd> = new Set(['reported', 'result-reported', 'found', 'rectified'])

function clock({ due, owed = [], ...draft }: Draft, { now, jumps }: ClockTime): ClockNow {
  const { end, startedAt } = draft
  const setBackMs = setBackSince(startedAt, jumps, end?.at)
  const dueAt = due(startedAt) - setBackMs
  const leftMs = dueAt - (end?.at ?? now)
  const state: ClockState =
    end === null ? (leftMs > 0 ? 'running' : 'overdue') : doneWell.has(end.how) ? 'met' : 'stopped'
  return { ...draft, owed, state, dueAt, setBackMs, leftMs }
}
