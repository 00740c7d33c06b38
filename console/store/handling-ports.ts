/**
 * What the store keeps of how violations are handled: steps, repeats, attachments, statements, exceptions, saved views.
 * Part of the store's interface: see `ports.ts`. Steps, attachments and statements are added to, never changed; how a
 * violation stands is written beside it in the same transaction as the step, so that lists need not add steps up.
 */
import type { RawText, ViolationId } from '@shoukou/protocol'
import type { ViolationRow } from './ports.ts'

export const HANDLING_STATES = [
  'detected',
  'acknowledged',
  'confirmed',
  'false-positive',
  'incident',
  'remedied',
  'rectified',
  'closed',
] as const
export type HandlingState = (typeof HANDLING_STATES)[number]

/** What came of it for whoever answers for it. `none`: nobody does, and the reason says why. */
export const DISPOSITIONS = ['education', 'warning', 'discipline', 'transferred', 'none'] as const
export type Disposition = (typeof DISPOSITIONS)[number]

/** Steps that somebody takes by name. */
export const STEP_KINDS = [
  'acknowledge',
  'unacknowledge',
  'comment',
  'confirm',
  'false-positive',
  'incident',
  'remedy',
  'rectify',
  'dispose',
  'close',
  'reopen',
] as const
export type StepKind = (typeof STEP_KINDS)[number]

/** What other acts leave in the history of a violation; they change no state. */
export const NOTED_KINDS = ['assign', 'attach', 'ask-statement', 'statement', 'merge', 'unmerge'] as const
export type NotedKind = (typeof NOTED_KINDS)[number]
export type HandlingKind = StepKind | NotedKind

export interface NewHandling {
  readonly violation: number
  readonly at: number
  /** Who took it; of two people: `a, b`. */
  readonly account: string
  readonly kind: HandlingKind
  readonly reason: string
  /** The act that two people wanted; null where one was enough. */
  readonly proposal: number | null
  /**
   * What the kind needs beside: the disposition of `dispose` and `close`, the account of `assign` (empty: nobody), the
   * number of an attachment, a request, a statement or a violation. Left out: nothing.
   */
  readonly detail?: string
}
export type HandlingRow = NewHandling & { readonly id: number; readonly detail: string }

/** How a violation stands, as its steps add up: `workflows/handling/handling-state.ts`. */
export interface HandlingStanding {
  readonly state: HandlingState
  readonly disposition: Disposition | null
  /** It was called a leak incident, and that was not taken back. */
  readonly isIncident: boolean
  /** The account that sees to it. */
  readonly assignee: string | null
}

/** What a row of violations says of its handling, beside what happened. A repeat stands as its first one stands. */
export interface ViolationStanding extends HandlingStanding {
  /** What it is about, on its computer: the device, the net. Null: nothing that could be told from another. */
  readonly subject: string | null
  /** The violation that this one repeats; null: it stands for itself. */
  readonly repeatOf: number | null
  /** Of those that stand for themselves: how many they are, itself among them, and when the newest arrived. */
  readonly repeats: number
  readonly lastAt: number
  /** Where it stands in a list that shows repeats as one: the newest of them. Null for a repeat. */
  readonly place: number | null
  /** Any of them still lasts. */
  readonly isOngoing: boolean
  /** The exception that it falls under: it runs no clock and makes no sound. Null: none. */
  readonly exception: { readonly id: number; readonly until: number } | null
}

/**
 * Within this of the last one, what says no more than that one is its repeat: the same type, on the same computer, about
 * the same thing, with the same outcome. Only while nobody has taken up the first one: what comes later is seen anew.
 */
export const REPEAT_WINDOW_MS = 86_400_000

export interface NewAttachment {
  readonly violation: number
  readonly at: number
  readonly account: string
  readonly name: RawText
  /** What its first bytes say: `pdf`, `png` …; `unknown` where they say nothing. Never what its name says. */
  readonly type: string
  readonly bytes: number
  /** SHA-256, hex. */
  readonly hash: string
  readonly note: string
}
export type AttachmentRow = NewAttachment & { readonly id: number }

export interface NewStatementRequest {
  readonly violation: number
  readonly at: number
  readonly account: string
  /** Who is asked, as the unit names the person. */
  readonly person: string
  readonly question: string
  /** Digits on the form: whoever enters it types them, so that no form lands beside another violation. Used once. */
  readonly code: string
  readonly dueAt: number
}
export interface StatementRequestRow extends NewStatementRequest {
  readonly id: number
  readonly answeredAt: number | null
}

export interface NewStatement {
  readonly request: number
  readonly violation: number
  readonly at: number
  /** Who wrote it, and when that was by the form. */
  readonly writer: string
  readonly writtenAt: number
  /** Who entered it here. */
  readonly account: string
  readonly text: string
}
export type StatementRow = NewStatement & { readonly id: number }

export interface NewException {
  readonly type: ViolationId
  readonly agent: string
  readonly subject: string
  /** The violation it was made of: what the subject looks like. */
  readonly violation: number
  readonly from: number
  readonly until: number
  readonly reason: string
  /** Of two people: `a, b`. */
  readonly account: string
  readonly proposal: number | null
}
export interface ExceptionRow extends NewException {
  readonly id: number
  readonly number: string
  readonly revokedAt: number | null
  readonly revokedBy: string | null
  readonly revokeReason: string | null
  /** How many violations fell under it. */
  readonly covered: number
}

export interface SavedViewRow {
  readonly id: number
  readonly account: string
  readonly name: string
  /** The page's address behind `?`. */
  readonly address: string
  readonly at: number
}

export interface HandlingStore {
  /** Oldest first. */
  handling(violation: number): Promise<readonly HandlingRow[]>
  /**
   * Adds a step and writes how the violation stands after it, where the newest one is still `after` (null: none yet), or
   * a proposal's was added before; else null.
   */
  addHandling(
    step: NewHandling,
    after: number | null,
    standing: HandlingStanding,
  ): Promise<HandlingRow | null>

  /** Makes `violation`, and what repeats it, repeats of `lead`, with a line in the history of both; false where either is one. */
  mergeViolations(lead: number, violation: number, by: MergeBy): Promise<boolean>
  /** Lets a repeat stand for itself again, as its own steps say; false where it is none. */
  unmergeViolation(violation: number, by: MergeBy, standing: HandlingStanding): Promise<boolean>
  /** The repeats of one, newest first. */
  repeatsOf(
    lead: number,
    page: { readonly beforeId?: number; readonly limit: number },
  ): Promise<readonly ViolationRow[]>

  addAttachment(attachment: NewAttachment, content: Uint8Array): Promise<AttachmentRow | null>
  attachments(violation: number): Promise<readonly AttachmentRow[]>
  attachment(id: number): Promise<{ readonly row: AttachmentRow; readonly content: Uint8Array } | null>

  addStatementRequest(request: NewStatementRequest): Promise<StatementRequestRow | null>
  statementRequests(violation: number): Promise<readonly StatementRequestRow[]>
  statementRequest(code: string): Promise<StatementRequestRow | null>
  /** Not answered, the soonest due first; of one department's computers where that is named. */
  openStatementRequests(
    department: string | undefined,
    limit: number,
  ): Promise<readonly (StatementRequestRow & { readonly number: string })[]>
  /** Null where the request is answered already. */
  addStatement(statement: NewStatement): Promise<StatementRow | null>
  statements(violation: number): Promise<readonly StatementRow[]>

  /** Null where one of the same is in force; what lasts already falls under it from now on. */
  addException(exception: NewException): Promise<ExceptionRow | null>
  exceptions(filter: {
    readonly inForceAt?: number
    readonly department?: string
    readonly beforeId?: number
    readonly limit: number
  }): Promise<readonly ExceptionRow[]>
  exception(id: number): Promise<ExceptionRow | null>
  /** Returns what lasts and comes back with it; null where it is over already. */
  revokeException(
    id: number,
    by: { readonly at: number; readonly account: string; readonly reason: string },
  ): Promise<readonly ViolationRow[] | null>
  /** Lets what lasts come back from under exceptions whose time is over; returns it. */
  expireExceptions(now: number): Promise<readonly ViolationRow[]>

  savedViews(account: string): Promise<readonly SavedViewRow[]>
  /** Null where the account has that name already, or too many. */
  addSavedView(view: Omit<SavedViewRow, 'id'>): Promise<SavedViewRow | null>
  removeSavedView(account: string, id: number): Promise<boolean>
}

export interface MergeBy {
  readonly at: number
  readonly account: string
  readonly reason: string
}
