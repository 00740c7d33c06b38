/** What the link needs of the journal. */
import type { Position, Receipt } from '@shoukou/protocol'

export interface RecordChunk {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly headBefore: Buffer
  readonly headAfter: Buffer
  readonly raws: readonly Buffer[]
  readonly bytes: number
  /** Numbers asked for that no longer exist, before `firstSeq`. */
  readonly gap: { readonly firstSeq: number; readonly lastSeq: number } | null
}

export interface LinkJournal {
  /** The last synced record's place. */
  readonly end: Position
  readonly acked: Position | null
  readonly receipt: Receipt | null
  /** Grows with each damage found while running: then the end named at hello no longer covers all declarations. */
  readonly repairs: number
  onSynced(listener: () => void): () => void
  read(seq: number, limits: { readonly records: number; readonly bytes: number }): Promise<RecordChunk | null>
  headAt(seq: number): Promise<string | null>
  acknowledge(position: Position, receipt: string): void
  /** Goes on from what the console has now: null where it has nothing. */
  resume(stored: Position | null, receipt: string | null): void
  fork(previousSeq: number): Promise<void>
}
