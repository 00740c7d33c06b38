/** Clocks as they stand, and the acts that end or set them. Who may act, and the log of it, are the API's. */
import { ShoukouError } from '@shoukou/protocol'
import { type HandInCampaign, lastCampaign, nextCampaign } from '../../rules/custody.ts'
import { setBackSince } from '../../rules/set-back.ts'
import {
  type ClockReportRow,
  type ClockSettings,
  type ClockSettingsRow,
  type NewClockReport,
  type RectifyDateRow,
  recipientsOf,
} from '../../store/clock-ports.ts'
import type { Store } from '../../store/ports.ts'
import { assertClockSettings, DEFAULT_CLOCK_SETTINGS, stepName } from './clock-settings.ts'
import { type HeadlineOf, inOrder, type ShownClock, shownClocks } from './clock-view.ts'
import { type ClockTime, REPORT_HOURS } from './clocks.ts'

export interface ClocksNow {
  readonly at: number
  readonly clocks: readonly ShownClock[]
  readonly running: number
  readonly overdue: number
}

export type ReportAsked = Omit<NewClockReport, 'at' | 'violation' | 'account'>

export interface Clocks {
  /** Of each state no more than `perState`; the counts are of all. */
  read(asked: {
    readonly department?: string
    readonly violation?: number
    readonly perState: number
  }): Promise<ClocksNow>
  /** Suspected leaks of the last month that run and of which somebody is still to be told; some of each step. */
  untold(limit: number): Promise<readonly number[]>
  settings(): Promise<ClockSettingsRow>
  /** @throws ShoukouError `invalid-request`, `edit-conflict` */
  setSettings(
    settings: ClockSettings,
    by: { readonly baseVersion: number; readonly account: string; readonly reason: string },
  ): Promise<void>
  /** @throws ShoukouError `invalid-request` where it is said to be told in the future, or before it happened. */
  report(violation: number, asked: ReportAsked, account: string): Promise<ClockReportRow>
  /** @throws ShoukouError `invalid-request` where the day is over. */
  rectifyBy(
    violation: number,
    asked: { readonly dueAt: number; readonly reason: string },
    account: string,
  ): Promise<RectifyDateRow>
  campaigns(): Promise<{
    readonly next: HandInCampaign | null
    /** The last one that is over; null: none that was kept here. */
    readonly last: HandInCampaign | null
  }>
}

export interface ClocksOptions {
  readonly store: Store
  readonly now: () => number
  readonly headlineOf: HeadlineOf
  /** Candidates of each kind that are looked at. */
  readonly candidatesMax?: number
}

/** Jumps of the console's clock that deadlines are held against: the newest. */
const jumpsMax = 1_000
const candidatesMaxDefault = 400
/** What a person's watch may be ahead. */
const aheadMsMax = 300_000
const rectifyDaysMax = 3_650
/** Whoever was not told of what is older than this was told by the list of what is overdue, ms. */
const untoldMsMax = 31 * 86_400_000

export function createClocks({
  store,
  now,
  headlineOf,
  candidatesMax = candidatesMaxDefault,
}: ClocksOptions): Clocks {
  const settings = async (): Promise<ClockSettingsRow> => {
    const known = await store.clockSettings()
    if (known !== null) return known
    const first = { ...DEFAULT_CLOCK_SETTINGS, version: 1, at: now(), account: '', reason: '' }
    // Another one may have written it meanwhile: what stands there holds.
    await store.addClockSettings(first)
    return (await store.clockSettings()) ?? first
  }
  const timeNow = async (): Promise<ClockTime> => {
    const [kept, jumps] = await Promise.all([settings(), store.clockJumps(jumpsMax)])
    return { now: now(), zone: kept.zone, reportTo: recipientsOf(kept), jumps: jumps.toReversed() }
  }
  return {
    settings,
    async read({ department, violation, perState }) {
      const time = await timeNow()
      const term = REPORT_HOURS * 3_600_000
      // Received before this, and overdue by the clock or because the clock was set back since.
      const reportCutoff = time.now - term + setBackSince(time.now - term, time.jumps)
      const { reportTo } = time
      const scope = department === undefined ? {} : { department }
      const one = violation === undefined ? {} : { violation }
      const [subjects, counted] = await Promise.all([
        store.clockSubjects({
          ...{ ...scope, ...one, now: time.now },
          ...{ reportCutoff, reportTo, limit: candidatesMax },
        }),
        violation === undefined ? store.countOpenReports({ ...scope, reportCutoff, reportTo }) : null,
      ])
      const all = inOrder(subjects.flatMap((subject) => shownClocks(subject, time, headlineOf)))
      const countOf = countsWith(all, counted)
      return {
        at: time.now,
        clocks: (['running', 'overdue'] as const)
          .flatMap((state) => all.filter((clock) => clock.state === state).slice(0, perState))
          .concat(all.filter(({ end }) => end !== null).slice(0, perState)),
        running: countOf('running'),
        overdue: countOf('overdue'),
      }
    },
    async setSettings(asked, { baseVersion, account, reason }) {
      assertClockSettings(asked)
      const { zone, hasSuperior, handIn, steps } = asked
      const row = { zone, hasSuperior, handIn, steps, version: baseVersion + 1, at: now(), account, reason }
      const { version } = await settings()
      if (version !== baseVersion || !(await store.addClockSettings(row)))
        throw new ShoukouError('edit-conflict', 'Somebody changed this meanwhile; look at it, then go on.')
    },
    async report(violation, asked, account) {
      if (asked.reportedAt > now() + aheadMsMax)
        throw new ShoukouError(
          'invalid-request',
          'It can’t have been told in the future; write when it was told.',
        )
      const about = await store.violation(violation)
      // A wrong year would end the clock long before it began.
      const happenedAt = about === null ? 0 : Math.min(about.occurredAt, about.receivedAt)
      if (asked.reportedAt < happenedAt - aheadMsMax)
        throw new ShoukouError(
          'invalid-request',
          'It can’t have been told before it happened; write when it was told.',
        )
      return store.addClockReport({ ...asked, violation, account, at: now() })
    },
    async rectifyBy(violation, { dueAt, reason }, account) {
      if (dueAt <= now() || dueAt > now() + rectifyDaysMax * 86_400_000)
        throw new ShoukouError(
          'invalid-request',
          'The date lies behind, or too far ahead; choose another one.',
        )
      return store.addRectifyDate({ violation, dueAt, reason, account, at: now() })
    },
    async untold(limit) {
      const time = await timeNow()
      const { steps } = await settings()
      const term = REPORT_HOURS * 3_600_000
      const toldBy = time.now - term + setBackSince(time.now - term, time.jumps)
      const found = new Set<number>()
      for (const step of steps) {
        if (step.clock !== 'leak-report') continue
        const toMs = toldBy + step.leftMinutes * 60_000
        const { reportTo } = time
        const of = { step: stepName(step), reportTo, fromMs: time.now - untoldMsMax, toMs, limit }
        for (const id of await store.untoldReports(of)) found.add(id)
      }
      return [...found]
    },
    async campaigns() {
      const { zone, handIn } = await settings()
      if (!handIn.isOn) return { next: null, last: null }
      const rule = { zone, month: handIn.month, day: handIn.day }
      const since = (await store.clocksSince()) ?? now()
      return { next: nextCampaign(now(), rule), last: lastCampaign(now(), rule, since) }
    },
  }
}

/** Those of suspected leaks are counted where they lie: there may be more of them than are read. */
function countsWith(
  all: readonly ShownClock[],
  counted: { readonly running: number; readonly overdue: number } | null,
): (state: 'running' | 'overdue') => number {
  const of = (state: ShownClock['state']): readonly ShownClock[] => all.filter((one) => one.state === state)
  const reportsOf = (state: ShownClock['state']): number =>
    of(state).filter(({ kind, severity }) => kind === 'leak-report' && severity === 'critical').length
  const read = reportsOf('running') + reportsOf('overdue')
  // All of them were read: what a clock says of itself is the finer word.
  if (counted === null || counted.running + counted.overdue <= read) return (state) => of(state).length
  return (state) => of(state).length + Math.max(0, counted[state] - reportsOf(state))
}
