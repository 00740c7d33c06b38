/**
 * What the store keeps for clocks: reports that were made, dates agreed, who was told that time runs out, media handed in at
 * the end of the year, drafts of report forms. Part of the store's interface: see `ports.ts`. All of it is added to, never
 * changed. The clocks themselves are not kept: `workflows/clocks/clocks.ts` derives them.
 */
import type { Level, Severity } from '@shoukou/protocol'
import type { HandlingKind, HandlingState } from './handling-ports.ts'
import type { ViolationRow } from './ports.ts'

export type ClockKind = 'leak-report' | 'leak-result' | 'missing-carrier' | 'rectification'

/** A step as far as clocks need it; oldest first. */
export interface ClockStep {
  readonly kind: HandlingKind
  readonly at: number
  /** Of two people: `a, b`. */
  readonly account: string
  readonly reason: string
}

/** What was told to whom, and when: not when it was written down here. */
export interface ToldReport {
  readonly what: 'report' | 'result'
  readonly reportedAt: number
  readonly account: string
  readonly recipient: Recipient
}

export interface ClockFacts {
  readonly severity: Severity
  /** Of all that are shown as this one: the first. */
  readonly receivedAt: number
  readonly state: HandlingState
  readonly isIncident: boolean
  readonly isRepeat: boolean
  /** The exception that it falls under: who agreed to it. */
  readonly exception: { readonly at: number; readonly account: string } | null
  readonly steps: readonly ClockStep[]
  readonly reports: readonly ToldReport[]
  /** Oldest first; the last one holds. */
  readonly dates: readonly { readonly at: number; readonly account: string; readonly dueAt: number }[]
  /** Where it is about a carrier that is missing. */
  readonly missing: {
    readonly foundMissingAt: number
    readonly limitDays: number
    readonly found: { readonly at: number; readonly account: string } | null
  } | null
}

/** In place of an agent: violations of what the registers say, which no computer did. */
export const OF_REGISTERS = ''

export const REPORT_KINDS = ['report', 'result'] as const
/** To whom: 同级保密行政管理部门, 上级主管部门, the unit's own committee; another one is named. */
export const RECIPIENTS = ['bureau', 'superior', 'committee', 'other'] as const
export type Recipient = (typeof RECIPIENTS)[number]
/** Telling the unit's own committee ends no clock of the law. */
export const OUTSIDE_RECIPIENTS: readonly Recipient[] = ['bureau', 'superior']

/** Returns all whom a report must reach: the regulations name both, for a unit that has a superior office. */
export function recipientsOf({ hasSuperior }: Pick<ClockSettings, 'hasSuperior'>): readonly Recipient[] {
  return hasSuperior ? OUTSIDE_RECIPIENTS : ['bureau']
}

export interface NewClockReport {
  readonly violation: number
  readonly what: (typeof REPORT_KINDS)[number]
  /** When it was written down here, and by whom. */
  readonly at: number
  readonly account: string
  /** When it was told. */
  readonly reportedAt: number
  readonly recipient: Recipient
  /** Office and person that took it; the number under which it went out or was taken. */
  readonly office: string
  readonly person: string
  readonly number: string
  readonly note: string
}
export type ClockReportRow = NewClockReport & { readonly id: number }

export interface NewRectifyDate {
  readonly violation: number
  readonly at: number
  readonly account: string
  readonly dueAt: number
  readonly reason: string
}
export type RectifyDateRow = NewRectifyDate & { readonly id: number }

export const ESCALATION_ROLES = ['sec-admin', 'office-head', 'committee'] as const
export type EscalationRole = (typeof ESCALATION_ROLES)[number]

export interface EscalationStep {
  readonly clock: ClockKind
  /** Told when no more than this is left, minutes; 0: when it is over. */
  readonly leftMinutes: number
  readonly role: EscalationRole
  /** Who that is in this unit; empty: not named yet. */
  readonly person: string
}

export interface ClockSettings {
  readonly zone: string
  /** It has a superior office (上级主管部门), which is told beside the bureau. */
  readonly hasSuperior: boolean
  /** The unit's yearly hand-in of classified media. */
  readonly handIn: { readonly isOn: boolean; readonly month: number; readonly day: number }
  readonly steps: readonly EscalationStep[]
}
export interface ClockSettingsRow extends ClockSettings {
  /** From 1, which the console writes itself. */
  readonly version: number
  readonly at: number
  readonly account: string
  readonly reason: string
}

export interface NewEscalation {
  readonly violation: number
  readonly clock: ClockKind
  /** `1440 sec-admin`: told once for each clock. */
  readonly step: string
  readonly at: number
  readonly role: EscalationRole
  readonly person: string
  readonly leftMs: number
  readonly dueAt: number
  readonly severity: Severity
}
export interface EscalationRow extends NewEscalation {
  readonly id: number
  readonly seenAt: number | null
  readonly seenBy: string | null
}

/** A violation with all that its clocks are derived from. */
export interface ClockSubject {
  readonly violation: ViolationRow
  readonly department: string | null
  readonly facts: ClockFacts
}

export interface ClockFilter {
  /** Unix ms; what was received before `now` less the term of a report is overdue. */
  readonly now: number
  /** When a term of 24 hours that ends now began. */
  readonly reportCutoff: number
  /** All whom a report must reach. */
  readonly reportTo: readonly Recipient[]
  readonly department?: string
  /** Of each kind of candidate. */
  readonly limit: number
  /** This one alone. */
  readonly violation?: number
}

export interface HandInRow {
  readonly year: number
  readonly medium: string
  readonly at: number
  readonly account: string
  readonly note: string
}
/** A medium that is to be handed in, and whether it was. */
export interface HandInMedium {
  readonly number: string
  readonly level: Level
  readonly custodian: string
  readonly department: string
  readonly state: string
  readonly handedIn: { readonly at: number; readonly account: string } | null
}
export interface HandInFilter {
  readonly year: number
  /** Registered by then. */
  readonly registeredBy: number
  readonly department?: string
  readonly isHandedIn?: boolean
  /** Those alone that no violation of that year was made of. */
  readonly isUntold?: boolean
  readonly limit: number
}

export interface MissingMedium {
  readonly number: string
  readonly level: Level
  readonly custodian: string
  /** When, and by whom, it was reported missing. */
  readonly at: number
  readonly account: string
}

export interface LeakFormRow {
  readonly violation: number
  /** From 1. */
  readonly version: number
  readonly at: number
  readonly account: string
  /** Field → what was written; JSON. */
  readonly fields: string
}
export interface LeakFormPrint {
  readonly version: number
  readonly at: number
  readonly account: string
}

export interface ClockStore {
  clockSubjects(filter: ClockFilter): Promise<readonly ClockSubject[]>
  /** Suspected leaks that nobody reported, all of them: within the term, and beyond it. */
  countOpenReports(
    filter: Pick<ClockFilter, 'reportCutoff' | 'reportTo' | 'department'>,
  ): Promise<{ readonly running: number; readonly overdue: number }>
  /** Suspected leaks that nobody reported and of which a step was not told, received in a span; the oldest first. */
  untoldReports(filter: {
    readonly step: string
    readonly reportTo: readonly Recipient[]
    readonly fromMs: number
    readonly toMs: number
    readonly limit: number
  }): Promise<readonly number[]>
  addClockReport(report: NewClockReport): Promise<ClockReportRow>
  clockReports(violation: number): Promise<readonly ClockReportRow[]>
  addRectifyDate(date: NewRectifyDate): Promise<RectifyDateRow>
  rectifyDates(violation: number): Promise<readonly RectifyDateRow[]>

  clockSettings(): Promise<ClockSettingsRow | null>
  /** Of the first version: since when clocks are kept here. */
  clocksSince(): Promise<number | null>
  /** False where another version was written meanwhile. */
  addClockSettings(row: ClockSettingsRow): Promise<boolean>

  /** Null where that was told already. Forwarding is told in the same transaction. */
  addEscalation(escalation: NewEscalation): Promise<EscalationRow | null>
  escalations(filter: {
    readonly violation?: number
    readonly department?: string
    readonly beforeId?: number
    readonly limit: number
  }): Promise<readonly EscalationRow[]>
  /** False where there is none, or it was seen before. */
  seeEscalation(id: number, by: { readonly at: number; readonly account: string }): Promise<boolean>

  /** Media that are missing now and were not told of as violations. */
  missingMediaUntold(limit: number): Promise<readonly MissingMedium[]>
  /** Ends what a medium that was found, or handed in, is no longer; returns it. */
  endCustody(lasting: string, at: number): Promise<readonly ViolationRow[]>
  /** Media of open `media-missing` that are not missing any more. */
  mediaFound(): Promise<readonly { readonly number: string; readonly at: number }[]>

  handIns(filter: HandInFilter): Promise<readonly HandInMedium[]>
  countHandIns(filter: Pick<HandInFilter, 'year' | 'registeredBy' | 'department'>): Promise<{
    readonly total: number
    readonly handedIn: number
  }>
  /** Returns the numbers of those that were not handed in before. */
  addHandIns(rows: readonly HandInRow[]): Promise<readonly string[]>

  /** The newest draft. */
  leakForm(violation: number): Promise<LeakFormRow | null>
  /** False where that version is there already. */
  addLeakForm(row: LeakFormRow): Promise<boolean>
  addLeakFormPrint(print: LeakFormPrint & { readonly violation: number }): Promise<void>
  leakFormPrints(violation: number): Promise<readonly LeakFormPrint[]>
}
