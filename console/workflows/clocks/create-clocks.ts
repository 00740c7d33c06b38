/** Clocks as they stand, and the acts that end or set them. Who may act, and the log of it, are the API's. */
import { ShoukouError } from '@shoukou/protocol'
import { type HandInCampaign, lastCampaign, nextCampaign } from '../../rules/custody.ts'
import { setBackSince } from '../../rules/set-back.ts'
import type {
  ClockReportRow,
  ClockSettings,
  ClockSettingsRow,
  NewClockReport,
  RectifyDateRow,
} from '../../store/clock-ports.ts'
import type { Store } from '../../store/ports.ts'
import { assertClockSettings, DEFAULT_CLOCK_SETTINGS } from './clock-settings.ts'
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
  settings(): Promise<ClockSettingsRow>
  /** @throws ShoukouError `invalid-request`, `edit-conflict` */
  setSettings(
    settings: ClockSettings,
    by: { readonly baseVersion: number; readonly account: string; readonly reason: string },
  ): Promise<void>
  /** @throws ShoukouError `invalid-request` where it is said to be told in the future. */
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
}

/** Jumps of the console's clock that deadlines are held against: the newest. */
const jumpsMax = 1_000
/** Candidates of each kind that are looked at. */
const candidatesMax = 400
/** What a person's watch may be ahead. */
const aheadMsMax = 300_000
const rectifyDaysMax = 3_650

export function createClocks({ store, now, headlineOf }: ClocksOptions): Clocks {
  const settings = async (): Promise<ClockSettingsRow> => {
    const known = await store.clockSettings()
    if (known !== null) return known
    const first = { ...DEFAULT_CLOCK_SETTINGS, version: 1, at: now(), account: '', reason: '' }
    // Another one may have written it meanwhile: what stands there holds.
    await store.addClockSettings(first)
    return (await store.clockSettings()) ?? first
  }
  const timeNow = async (): Promise<ClockTime> => {
    const [{ zone }, jumps] = await Promise.all([settings(), store.clockJumps(jumpsMax)])
    return { now: now(), zone, jumps: jumps.toReversed() }
  }
  return {
    settings,
    async read({ department, violation, perState }) {
      const time = await timeNow()
      const term = REPORT_HOURS * 3_600_000
      // Received before this, and overdue by the clock or because the clock was set back since.
      const reportCutoff = time.now - term + setBackSince(time.now - term, time.jumps)
      const scope = department === undefined ? {} : { department }
      const one = violation === undefined ? {} : { violation }
      const [subjects, overdueReports] = await Promise.all([
        store.clockSubjects({ ...scope, ...one, now: time.now, reportCutoff, limit: candidatesMax }),
        violation === undefined ? store.countOverdueReports({ ...scope, reportCutoff }) : 0,
      ])
      const all = inOrder(subjects.flatMap((subject) => shownClocks(subject, time, headlineOf)))
      const overdue = all.filter(({ state }) => state === 'overdue')
      // Those of suspected leaks are counted where they lie: there may be more of them than are read.
      const isCounted = ({ kind, severity, state }: ShownClock): boolean =>
        state === 'overdue' && kind === 'leak-report' && severity === 'critical'
      const known = overdue.filter(isCounted).length
      return {
        at: time.now,
        clocks: (['running', 'overdue'] as const)
          .flatMap((state) => all.filter((clock) => clock.state === state).slice(0, perState))
          .concat(all.filter(({ end }) => end !== null).slice(0, perState)),
        running: all.filter(({ state }) => state === 'running').length,
        overdue: overdue.length - known + Math.max(known, overdueReports),
      }
    },
    async setSettings(asked, { baseVersion, account, reason }) {
      assertClockSettings(asked)
      const { zone, handIn, steps } = asked
      const row = { zone, handIn, steps, version: baseVersion + 1, at: now(), account, reason }
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
    async campaigns() {
      const { zone, handIn } = await settings()
      if (!handIn.isOn) return { next: null, last: null }
      const rule = { zone, month: handIn.month, day: handIn.day }
      const since = (await store.clocksSince()) ?? now()
      return { next: nextCampaign(now(), rule), last: lastCampaign(now(), rule, since) }
    },
  }
}
