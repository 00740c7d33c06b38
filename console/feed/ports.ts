/** The live feed: what the console tells its open pages. Small on purpose; pages fetch the rest. */
import type { ComputerRow, ViolationRow } from '../store/ports.ts'

export type FeedEvent =
  | { readonly kind: 'violation'; readonly violation: ViolationRow }
  | { readonly kind: 'violation-ended'; readonly violation: ViolationRow }
  /** It is handled otherwise than before. */
  | { readonly kind: 'violation-changed'; readonly violation: ViolationRow }
  | { readonly kind: 'computer'; readonly computer: ComputerRow }
  /** Another computer belongs to another department: who sees one department alone fetches anew. */
  | { readonly kind: 'departments' }

export interface FeedMessage {
  /** Increases by one with each message; starts anew with the console, told apart by `session`. */
  readonly id: number
  readonly session: string
  readonly event: FeedEvent
}

export interface Feed {
  publish(event: FeedEvent): void
  /**
   * Calls back for each message after `lastId` of the same session; `resync` where that is no longer known: the page
   * must fetch anew. A subscriber whose `deliver` returns false is dropped: a slow page never slows ingest.
   */
  subscribe(subscriber: Subscriber, after: { session: string; id: number } | null): () => void
  /** Where the feed stands now: what a page without a place of its own goes on from. */
  place(): { readonly session: string; readonly id: number }
}

export interface Subscriber {
  deliver(message: FeedMessage): boolean
  resync(): void
}
