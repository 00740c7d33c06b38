/**
 * What the store keeps of what administrators did and saw: a log that is only added to. Part of the store's interface:
 * see `ports.ts`.
 */
import type { Role } from '@shoukou/protocol'

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
}

export interface TrailStore {
  /** Adds an entry, on disk when it resolves: to its number. */
  addAction(action: ActionRow): Promise<number>
  /** Newest first; rows before this id. */
  actions(filter: { readonly beforeId?: number; readonly limit: number }): Promise<readonly ActionRow[]>
}
