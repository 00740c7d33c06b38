/** What the link hands in, and gets back. */
import type { Coverage, HeartbeatFrame, HelloFrame, Position, RecordsFrame } from '@shoukou/protocol'

/** One agent's connection, from hello to close. Calls come one after another. */
export interface AgentSession {
  /** What the console has of the journal that hello named. */
  readonly stored: Position | null
  /**
   * Stores frames that arrived together; returns the journal's new end once it is committed. Throws ShoukouError for the
   * first that is refused: nothing of it is stored, and what came before it is.
   */
  records(frames: readonly RecordsFrame[]): Promise<Position | null>
  /** The proof that a place of this journal was stored; for a place that is committed. */
  receiptFor(stored: Position): string
  heartbeat(frame: HeartbeatFrame): Promise<void>
  closed(): Promise<void>
}

/** Makes and knows receipts again: `console/pki/receipts.ts`. */
export interface ReceiptPort {
  make(agent: string, stored: Position): string
  holds(agent: string, stored: Position, mac: string): boolean
}

/** The keys of agents' seals: `console/pki/protection-keys.ts`. */
export interface ProtectionKeys {
  firstSealKey(agent: string, generation: number): Buffer
  wrap(agent: string, index: number, key: Uint8Array): string
  unwrap(agent: string, index: number, wrapped: string): Buffer | null
}

/**
 * `bundle`: carried here on a medium. What it says of the time is the past, and the computer is not connected by it;
 * `isNewest`: it is the last word of the computer, and a sign of life.
 */
export type SessionWay = { readonly kind: 'link' } | { readonly kind: 'bundle'; readonly isNewest: boolean }

export interface Ingest {
  /** `way`: left out, by the link. */
  open(agent: string, hello: HelloFrame, way?: SessionWay): Promise<AgentSession>
}

export type { Coverage }
