/**
 * What the store keeps of forwarding: targets, what happened in the order in which it is told, and how far each target is.
 * Part of the store's interface: see `ports.ts`. Events are written by the database itself, in the transaction of what
 * they tell: nothing that is stored can fail to be waiting.
 */
import type { Severity, ViolationRow } from './ports.ts'

export type ForwardTargetKind = 'syslog' | 'json-lines' | 'json-file' | 'webhook' | 'smtp' | 'folder'
export type ForwardEventKind =
  | 'violation'
  | 'violation-ended'
  | 'violation-handled'
  | 'clock'
  | 'watch'
  | 'log'

/** What a target is told of. */
export interface ForwardFilter {
  readonly events: readonly ForwardEventKind[]
  /** Of violations; empty: of any severity. */
  readonly severities: readonly Severity[]
  /** Of violations; empty: of any type. */
  readonly types: readonly string[]
}

export interface ForwardTargetRow extends ForwardFilter {
  readonly id: string
  readonly name: string
  readonly kind: ForwardTargetKind
  /** JSON, by kind; nothing in it is secret. */
  readonly settings: string
  /** JSON: each secret sealed, base64, by its name. */
  readonly secrets: string
  /** `headline`: the sentence and what it stands on; `facts`: the evidence too. */
  readonly content: 'headline' | 'facts'
  readonly language: 'zh' | 'en'
  readonly isPaused: boolean
  readonly version: number
  readonly createdAt: number
  readonly createdBy: string
}

/** Why the last try failed: a code of `console/forward/failures.ts`, and what the other side said. */
export interface ForwardFailure {
  readonly code: string
  readonly detail: string
}

export interface ForwardProgressRow {
  readonly target: string
  /** The newest event that the target has, or need not have. */
  readonly cursor: number
  /** Of a folder: the number of its newest file. */
  readonly sequence: number
  /** Of a folder: the event up to which file `sequence + 1` goes, once that was decided; null before. */
  readonly plannedTo: number | null
  /** Of a folder: SHA-256 of the newest manifest, hex. */
  readonly lastHash: string | null
  readonly sent: number
  readonly lastSentAt: number | null
  readonly lastAnswer: string | null
  readonly failure: ForwardFailure | null
  readonly failedAt: number | null
  /** Tries since the last success. */
  readonly failures: number
  readonly nextTryAt: number | null
}

export interface ForwardEventRow {
  readonly id: number
  readonly at: number
  readonly kind: ForwardEventKind
  readonly agent: string | null
  /** The computer's number in the register. */
  readonly number: string | null
  /** Of a violation or an entry of the log: its id. */
  readonly ref: number | null
  readonly severity: Severity | null
  readonly type: string | null
  /** JSON: what is told beside the row that `ref` names. */
  readonly body: string | null
  readonly violation: ViolationRow | null
}

export interface ForwardBatch {
  readonly events: readonly ForwardEventRow[]
  /** Where the target stands once it has them: also past what its filter leaves out. */
  readonly upTo: number
}

/** The part of the store that forwarding needs. */
export interface ForwardStore {
  forwardTargets(): Promise<readonly ForwardTargetRow[]>
  forwardTarget(id: string): Promise<ForwardTargetRow | null>
  /** Adds it; what happened before now is not told to it. */
  addForwardTarget(target: ForwardTargetRow): Promise<void>
  /** False where `version` is not one above the stored. */
  changeForwardTarget(target: ForwardTargetRow): Promise<boolean>
  removeForwardTarget(id: string): Promise<void>
  forwardProgress(id: string): Promise<ForwardProgressRow | null>
  /** Events after `after` (and, where given, up to `upTo`) that pass the filter, oldest first. */
  forwardBatch(filter: ForwardFilter, after: number, limit: number, upTo?: number): Promise<ForwardBatch>
  /** How many wait; counts no further than `limit`. */
  countForwardWaiting(filter: ForwardFilter, after: number, limit: number): Promise<number>
  setForwardProgress(progress: ForwardProgressRow): Promise<void>
  /** Adds an event where the state is another than the one told last; a computer never told of is only remembered. */
  noteWatchState(agent: string, state: string, reasons: readonly string[], at: number): Promise<boolean>
  /** Forgets events that every target has passed and that are older than `before`; returns how many. */
  pruneForwardEvents(before: number, limit: number): Promise<number>
}
