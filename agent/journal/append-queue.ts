/**
 * Facts admitted and not yet on the disk, in order, within bounds of count and bytes. In memory only: a fact is not
 * "appended" before it has left here.
 */
import type { FactKind, Position } from '@shoukou/protocol'

/** Writes a record for the place that it was given. */
export type BuildRecord = (place: { readonly epoch: string; readonly seq: number }) => Buffer

export interface Waiting {
  readonly kind: FactKind
  /** About as many bytes as the record will have. */
  readonly bytes: number
  readonly build: BuildRecord
  readonly settle: (position: Position | null) => void
}

export const QUEUE_LIMITS = {
  records: 20_000,
  bytes: 33_554_432,
  /** One write and sync takes at most this. */
  batchRecords: 2_000,
  batchBytes: 1_048_576,
} as const

export class AppendQueue {
  #items: Waiting[] = []
  #bytes = 0
  /** Taken out for writing, not yet synced: still in memory, still counted. */
  #taken = { records: 0, bytes: 0 }

  get records(): number {
    return this.#items.length + this.#taken.records
  }

  get bytes(): number {
    return this.#bytes + this.#taken.bytes
  }

  /** How many items were ever pushed, and how many of them were taken: to wait for those before a moment alone. */
  pushedTotal = 0
  takenTotal = 0

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  push(item: Waiting): void {
    this.#items.push(item)
    this.pushedTotal += 1
    this.#bytes += item.bytes
  }

  /** Takes the next batch; it counts until `done`. */
  take(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const item of this.#items) {
      if (count === QUEUE_LIMITS.batchRecords || (count > 0 && bytes + item.bytes > QUEUE_LIMITS.batchBytes))
        break
      bytes += item.bytes
      count += 1
    }
    this.#taken = { records: count, bytes }
    this.takenTotal += count
    this.#bytes -= bytes
    return this.#items.splice(0, count)
  }

  done(): void {
    this.#taken = { records: 0, bytes: 0 }
  }
}
