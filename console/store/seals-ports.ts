/**
 * What the store keeps of agents' protection: how far the seals of their journals were checked, since when one does not
 * answer, and spans that are not proved to have been watched. Part of the store's interface: see `ports.ts`.
 */
import type { SealState } from '@shoukou/protocol'

export interface SealRow {
  readonly agent: string
  /** The highest generation of keys that was given to it. */
  readonly issued: number
  readonly state: SealState
  /** The key of `state.nextIndex`, unreadable outside the console; null where it is not known. */
  readonly wrapped: string | null
  /** When a seal last held, by the console's clock; null before the first. */
  readonly heldAt: number | null
  /** Since when records stand here that no seal covers; null where all are covered. */
  readonly unsealedSince: number | null
}

/** The state after a batch; `issued` is not ingest's to change. */
export type SealUpdate = Omit<SealRow, 'agent' | 'issued'>

export type SpanCause = 'paused' | 'seals-not-proved' | 'program-changed'

/** A span of the computer's clock in which watching is not proved. */
export interface NewSpan {
  readonly cause: SpanCause
  readonly fromMs: number
  readonly toMs: number
  readonly detail: string
  readonly epoch: string
  readonly seq: number
}
export type SpanRow = NewSpan & { readonly agent: string; readonly receivedAt: number }

/** The last orderly stop that an agent told of, until it tells of a start. */
export interface StopRow {
  readonly epoch: string
  readonly bootId: string
  /** ms since that boot, and by the computer's clock. */
  readonly bootMs: number
  readonly wallMs: number
  readonly reason: 'signal' | 'stopped-alone' | 'removal' | 'shutdown' | 'fault'
  readonly policyVersion: number
}
export type ToldStopRow = StopRow & { readonly agent: string; readonly receivedAt: number }

/** What the records of a batch say of the agent itself. */
export interface ProtectionChanges {
  readonly seal: SealUpdate | null
  readonly spans: readonly NewSpan[]
  /** Null: it started since. Left out: nothing was said. */
  readonly stop?: StopRow | null
}

/** What keeps a computer from being proven, as `rules/protection-standing.ts` takes it. */
export interface ProtectionStandingRow {
  readonly agent: string
  readonly unansweredSince: number | null
  readonly unsealedSince: number | null
  readonly areSealsBroken: boolean
}

/** Protection's part of the store; states and spans are written by `ingest`. */
export interface SealStore {
  sealRow(agent: string): Promise<SealRow | null>
  /** Notes that a generation was given out; the check begins anew where there was none. */
  issueSeals(agent: string, generation: number, first: SealUpdate): Promise<void>
  /** `since` null: it answers again. Resolves to whether that is news. */
  setUnanswered(agent: string, since: number | null): Promise<boolean>
  /** At a start: nobody was asked by this console yet. */
  forgetUnanswered(): Promise<void>
  protectionStanding(agent: string): Promise<ProtectionStandingRow>
  /** Of all computers of which there is anything to say. */
  protectionStandings(): Promise<readonly ProtectionStandingRow[]>
  toldStop(agent: string): Promise<ToldStopRow | null>
  /** Stops of an agent alone that no start has followed. */
  stopsAlone(): Promise<readonly ToldStopRow[]>
  /** Newest first. */
  unprovenSpans(agent: string, limit: number): Promise<readonly SpanRow[]>
}
