/**
 * What the store keeps of what administrators did and saw: a log that is only added to. Part of the store's interface:
 * see `ports.ts`.
 */
import type { Checkpoint, Role, SignedCheckpoint } from '@shoukou/protocol'

export interface ActionRow {
  /** Given by the store. */
  readonly id?: number
  readonly at: number
  readonly account: string
  /** Null, or left out: nobody was signed in, or the console itself acted. */
  readonly role?: Role | null
  readonly person?: string
  /** What was done; `…-refused`: it was refused, and `detail` is the code. */
  readonly action: string
  readonly object: string
  readonly detail: string
  /** JSON values: what it was, what it becomes. */
  readonly before?: unknown
  readonly after?: unknown
  readonly reason?: string
  readonly address: string
  /** Tells one session from another. */
  readonly session?: string
  /** Not done yet: an entry that names this one with `about` says what came of it. */
  readonly isIntent?: boolean
  readonly about?: number
}

export interface TrailEnd {
  /** The console's own random name. */
  readonly origin: string
  /** 0: nothing was written yet. */
  readonly seq: number
  readonly head: string
}

export interface TrailRow {
  readonly seq: number
  readonly raw: Uint8Array
  readonly head: string
}

export interface TrailFilter {
  readonly seq?: number
  readonly account?: string
  readonly acts?: readonly string[]
  readonly object?: string
  readonly fromMs?: number
  readonly toMs?: number
  /** Without those that say what came of another. */
  readonly isFolded?: boolean
  /** Those alone that say what came of these. */
  readonly about?: readonly number[]
  /** Newest first; rows before this one. */
  readonly beforeSeq?: number
  readonly limit: number
}

export type DraftCheckpoint = Checkpoint & { readonly id: number }
export type CheckpointRow = SignedCheckpoint & {
  readonly id: number
  /** Why it was made: `daily`, `entries`, `asked`. */
  readonly cause: string
}

export interface TrailStore {
  /** Adds an entry, on disk when it resolves: to its number. */
  addAction(action: ActionRow): Promise<number>
  /** Newest first; rows before this id. */
  actions(filter: { readonly beforeId?: number; readonly limit: number }): Promise<readonly ActionRow[]>
  trailEnd(): Promise<TrailEnd>
  /** The head (hex) after an entry; null where there is none. */
  trailHeadAt(seq: number): Promise<string | null>
  trailRows(filter: TrailFilter): Promise<readonly TrailRow[]>
  /** The names of all acts that were ever written. */
  trailActs(): Promise<readonly string[]>
  /** Writes down where the journals stand, and returns what is to be signed. */
  draftCheckpoint(atMs: number): Promise<DraftCheckpoint>
  addCheckpoint(made: CheckpointRow): Promise<CheckpointRow>
  /** Newest first. */
  checkpoints(limit: number): Promise<readonly CheckpointRow[]>
}
