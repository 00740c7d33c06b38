/** Takes spans of records from a shared counter and verifies them, one after another. */
import type { Finding } from '@shoukou/protocol/verify/finding.ts'
import { openReadOnly, type ReadOnlyDatabase } from '../store/verify/read-only.ts'
import { type SpanResult, verifyRecords } from '../store/verify/verify-records.ts'

/** Small enough that all threads end together, large enough that the beginning of each costs nothing. */
export const SPAN_ROWS = 16_384

export interface SharedWork {
  readonly path: string
  readonly lastRecord: number
  readonly withColumns: boolean
  /** The next span; records done. In shared memory. */
  readonly counters: Int32Array
}

type CompareColumns = (after: number, lastId: number) => void

export class SpanWorker {
  readonly #database: ReadOnlyDatabase
  readonly #work: SharedWork
  readonly #add: (finding: Finding) => void
  readonly #columns: CompareColumns | null
  #result: SpanResult = { records: 0, bytes: 0, unprovable: 0 }

  private constructor(
    database: ReadOnlyDatabase,
    work: SharedWork,
    add: (finding: Finding) => void,
    columns: CompareColumns | null,
  ) {
    this.#database = database
    this.#work = work
    this.#add = add
    this.#columns = columns
  }

  static async open(work: SharedWork, add: (finding: Finding) => void): Promise<SpanWorker> {
    const database = openReadOnly(work.path)
    // The reader of records takes longer to load than many records to walk: only where it may be asked.
    const columns = work.withColumns
      ? (await import('../store/verify/verify-columns.ts')).columnsIn(database, add)
      : null
    return new SpanWorker(database, work, add, columns)
  }

  get result(): SpanResult {
    return this.#result
  }

  /** Verifies the next span; false where there is none left. */
  next(): boolean {
    const { counters, lastRecord } = this.#work
    const fromId = Atomics.add(counters, 0, 1) * SPAN_ROWS
    if (fromId >= lastRecord) return false
    const toId = Math.min(fromId + SPAN_ROWS, lastRecord)
    const { records, bytes, unprovable } = verifyRecords(this.#database, { fromId, toId }, this.#add)
    this.#columns?.(fromId, toId)
    Atomics.add(counters, 1, records)
    this.#result = {
      records: this.#result.records + records,
      bytes: this.#result.bytes + bytes,
      unprovable: this.#result.unprovable + unprovable,
    }
    return true
  }

  close(): void {
    this.#database.close()
  }
}
