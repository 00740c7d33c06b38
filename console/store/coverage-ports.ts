/**
 * What the store keeps so that a computer's watched minutes, and its timeline, can be told quickly: runs of its agent as the
 * records prove them, marks against them, when it was heard, how many records of each kind each hour and minute has, and days
 * that were reckoned already. Part of the store's interface: see `ports.ts`. All of it follows from the records, except when an
 * agent was heard, which only this console knows.
 */
import type { RunBegan, RunMark, RunStop } from './journal-runs.ts'

/** A stretch of one journal without a hole and without a start: the agent ran all through it, or told when it did not. */
export interface CoverageRunRow {
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly bootId: string | null
  readonly began: RunBegan
  /** By the computer's clock, never later than receipt, Unix ms. */
  readonly fromMs: number
  readonly toMs: number
  readonly receivedAt: number
  readonly stop: RunStop | null
}

export type CoverageMarkRow = RunMark & { readonly epoch: string }

/** Heartbeats without a pause, by this console's clock. */
export interface HeardSpanRow {
  readonly fromMs: number
  readonly toMs: number
  /** The computer's clock differed by a minute or more. Where it was behind, there is such a span by its own time too. */
  readonly isSkewed: boolean
  /** What each sensor vouched for; null where it was not said. */
  readonly sensors: Readonly<Record<string, string>> | null
}

/** Of one computer, around a span: with the run before it and the one after. */
export interface CoverageEvidenceRows {
  readonly runs: readonly CoverageRunRow[]
  readonly marks: readonly CoverageMarkRow[]
  readonly heard: readonly HeardSpanRow[]
  readonly unproven: readonly {
    readonly cause: string
    readonly fromMs: number
    readonly toMs: number
    readonly epoch: string
    readonly seq: number
  }[]
  /** Silences beyond the limit; `toMs` null while it lasts. */
  readonly silences: readonly {
    readonly violation: number
    readonly fromMs: number
    readonly toMs: number | null
  }[]
}

/** A day, or any other span, whose minutes were counted: JSON of cause → minutes. */
export interface CoverageDayRow {
  readonly fromMs: number
  readonly toMs: number
  readonly minutes: string
}

/** What of the counted days still holds. */
export interface CoverageStanding {
  /** Days that end at or before it hold. */
  readonly settledMs: number
  /** Raised by each record that came late: counted days are kept only where it stood still meanwhile. */
  readonly version: number
}

export interface RecordCountRow {
  readonly atMs: number
  readonly kind: string
  readonly count: number
}

/** Counting steps, ms. */
export const COUNT_UNITS = [3_600_000, 60_000] as const
export type CountUnit = (typeof COUNT_UNITS)[number]

/** A record for the timeline, without its bytes. */
export interface RecordPlaceRow {
  readonly epoch: string
  readonly seq: number
  readonly kind: string
  readonly wallMs: number
  readonly receivedAt: number
}

export interface ViolationPlaceRow {
  readonly id: number
  readonly type: string
  readonly severity: string
  readonly occurredAt: number
  readonly endedAt: number | null
}

export interface MediumPlaceRow {
  readonly agent: string
  readonly computer: string
  readonly fromMs: number
  readonly toMs: number | null
  /** Key of the disk's name; null where it had none. */
  readonly disk: string | null
  readonly others: number
}

export interface CoverageStore {
  coverageEvidence(agent: string, fromMs: number, toMs: number): Promise<CoverageEvidenceRows>
  coverageStanding(agent: string): Promise<CoverageStanding>
  coverageDays(agent: string, fromMs: number, toMs: number): Promise<readonly CoverageDayRow[]>
  /** Keeps counted days where nothing came meanwhile; resolves to whether it did. `settledMs`: up to when they hold. */
  keepCoverageDays(
    agent: string,
    days: readonly CoverageDayRow[],
    standing: CoverageStanding,
  ): Promise<boolean>
  /** Counts of a computer's records by the computer's clock. */
  recordCounts(
    agent: string,
    unit: CountUnit,
    fromMs: number,
    toMs: number,
  ): Promise<readonly RecordCountRow[]>
  /** By the computer's clock, oldest first. */
  recordPlaces(agent: string, fromMs: number, toMs: number, limit: number): Promise<readonly RecordPlaceRow[]>
  /** When they happened; oldest first. */
  violationPlaces(
    agent: string,
    fromMs: number,
    toMs: number,
    limit: number,
  ): Promise<readonly ViolationPlaceRow[]>
  /** What began before a moment and lasted beyond it, or lasts still; the newest first. */
  violationsLastingAt(agent: string, atMs: number, limit: number): Promise<readonly ViolationPlaceRow[]>
  /** When all of them happened, without a limit: moments alone, to be counted. */
  violationTimes(agent: string, fromMs: number, toMs: number): Promise<readonly number[]>
  /** Where a registered medium was, newest first, with what the kernel called it and how many others were there too. */
  mediumPlaces(number: string, limit: number): Promise<readonly MediumPlaceRow[]>
  /** Records of mounts and of activity on files, in a span, newest first: whole, since names stand in them alone. */
  fileRecords(
    agent: string,
    fromMs: number,
    toMs: number,
    limit: number,
  ): Promise<
    readonly {
      readonly epoch: string
      readonly seq: number
      readonly wallMs: number
      readonly raw: Uint8Array
    }[]
  >
}
