/** Reads how much there is to verify, so that progress can be told and the records be cut into spans. */
import type { ReadOnlyDatabase } from './read-only.ts'

export interface Totals {
  readonly trail: number
  readonly kept: number
  readonly records: number
  /** The row number of the last one. */
  readonly lastRecord: number
}

/** Returns the ends of a console's chains. */
export function readTotals({ connection }: ReadOnlyDatabase): Totals {
  return connection
    .prepare(
      `select (select coalesce(max(seq), 0) from trail) trail, (select coalesce(max(seq), 0) from kept) kept,
         (select coalesce(max(id), 0) from records) "lastRecord", (select coalesce(sum(seq), 0) from journals) records`,
    )
    .get() as unknown as Totals
}

/** Returns the row number of the last record, 0 where there is none: an archive has no log. */
export function readLastRecord({ connection }: ReadOnlyDatabase): number {
  const row = connection.prepare('select coalesce(max(id), 0) last from records').get()
  return Number(row?.['last'])
}
