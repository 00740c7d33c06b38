/**
 * What happened around a violation: records within ten minutes of it, by the console's receipt or by the computer's
 * clock. A computer that was cut off delivers late, and a clock that was moved lies: either alone would miss some. Pure.
 */
import type { StoredRecord } from '../../store/ports.ts'

export interface TimelineFrame {
  readonly occurredAt: number
  readonly receivedAt: number
  readonly windowMs: number
  readonly recordsMax: number
  readonly bytesMax: number
}

/** Returns the records oldest first, each once; of too many, those nearest to the violation. */
export function timelineOf(
  found: readonly StoredRecord[],
  frame: TimelineFrame,
): { rows: StoredRecord[]; isWhole: boolean } {
  const once = new Map(found.map((row) => [`${row.seq}.${row.epoch}`, row]))
  const near = [...once.values()].filter((row) => distance(row, frame) <= frame.windowMs)
  const nearest = near.toSorted((a, b) => distance(a, frame) - distance(b, frame)).slice(0, frame.recordsMax)
  const kept = keepWithin(nearest, frame.bytesMax)
  return {
    rows: kept.toSorted((a, b) => (a.epoch === b.epoch ? a.seq - b.seq : a.receivedAt - b.receivedAt)),
    isWhole: kept.length === near.length,
  }
}

function distance(row: StoredRecord, { occurredAt, receivedAt }: TimelineFrame): number {
  return Math.min(Math.abs(row.wallMs - occurredAt), Math.abs(row.receivedAt - receivedAt))
}

function keepWithin(rows: readonly StoredRecord[], bytesMax: number): StoredRecord[] {
  let bytes = 0
  return rows.filter((row) => {
    bytes += row.raw.length
    return bytes <= bytesMax
  })
}
