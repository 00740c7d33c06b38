/**
 * Reads records for the walk, many in one row: SQLite joins their bytes, so that a million of them are a thousand values
 * and not three million. In the order of the table, which is the order they came in and the fastest to read.
 */
import { RECORD_TAG, type RecordBatch } from '@shoukou/protocol/verify/record-walk.ts'
import type { ReadOnlyDatabase } from './read-only.ts'

/** In a few hundred they stay in the processor's cache until they are hashed. */
const stepRows = { min: 16, max: 256 } as const
/** A batch of the largest records would be half a gigabyte: the next step is made so that it fits. */
const batchBytesMax = 8_388_608

/** Yields the records whose row number is in `(fromId, toId]`, few enough at a time to be held. */
export function* readRecordBatches(
  database: ReadOnlyDatabase,
  fromId: number,
  toId: number,
): Generator<RecordBatch & { readonly lastId: number }> {
  const select = database.rows(
    `select count(*), cast(group_concat(raw, ?) as blob), group_concat(journal), group_concat(seq),
       group_concat(length(raw)), cast(group_concat(head, '') as blob)
     from records where id > ? and id <= ?`,
  )
  let step: number = stepRows.max
  for (let after = fromId; after < toId; ) {
    const lastId = Math.min(after + step, toId)
    const [count, raw, journals, seqs, lengths, heads] = select.get(RECORD_TAG, after, lastId) as unknown as [
      number,
      Uint8Array | null,
      string | null,
      string | null,
      string | null,
      Uint8Array | null,
    ]
    yield {
      count,
      raw: bufferOf(raw),
      journals: journals ?? '',
      seqs: seqs ?? '',
      lengths: lengths ?? '',
      heads: bufferOf(heads),
      lastId,
    }
    after = lastId
    const bytes = raw?.length ?? 0
    if (bytes > batchBytesMax) step = Math.max(stepRows.min, Math.floor(step / 4))
    else if (bytes < batchBytesMax / 8 && step < stepRows.max) step *= 2
  }
}

function bufferOf(bytes: Uint8Array | null): Buffer {
  return bytes === null ? Buffer.alloc(0) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
