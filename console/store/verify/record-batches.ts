/**
 * Reads records for the walk, many in one row: SQLite joins their bytes, so that a million of them are a few thousand values
 * and not four million. In the order of the table, which is the order they came in and the fastest to read.
 *
 * Numbers come as characters of four bytes each (20 bits, behind U+10000): a few operations where text would be printed and
 * read again. Whatever does not fit into that (a number that is none, a head of another length, a value that is gone) makes
 * the batch not add up, and its records are then read one by one, so that it is told of the very one.
 */
import { RECORD_TAG, type RecordBatch } from '@shoukou/protocol/verify/record-walk.ts'
import type { ReadOnlyDatabase } from './read-only.ts'

/** In a few hundred they stay in the processor's cache until they are hashed. */
const stepRows = { min: 16, max: 256 } as const
/** A batch of the largest records would be half a gigabyte: the next step is made so that it fits. */
const batchBytesMax = 8_388_608

/** Five characters, and the head. */
const headAt = 20
const factBytes = headAt + 32
const twoTo18 = 262_144

/** Yields the records whose row number is in `(fromId, toId]`, few enough at a time to be held. One batch is good until the next. */
export function* readRecordBatches(
  database: ReadOnlyDatabase,
  fromId: number,
  toId: number,
): Generator<RecordBatch> {
  // The sum is made of the columns as they are: what is not a whole number does not survive being shifted, and differs. A
  // head of another length makes a character that there is none of.
  const select = database.rows(
    `select count(*), total(seq + journal), cast(group_concat(raw, ?) as blob),
       cast(group_concat(char(65536 + (journal >> 18), 65536 + (journal & 262143), 65536 + (seq >> 18),
         65536 + (seq & 262143), 65536 + octet_length(raw) + 2000000 * (octet_length(head) <> 32)) || head, '') as blob)
     from records where id > ? and id <= ?`,
  )
  const held = {
    journals: new Float64Array(stepRows.max),
    seqs: new Float64Array(stepRows.max),
    lengths: new Float64Array(stepRows.max),
  }
  let step: number = stepRows.max
  for (let after = fromId; after < toId; ) {
    const lastId = Math.min(after + step, toId)
    const [count, sum, raw, facts] = select.get(RECORD_TAG, after, lastId) as unknown as Joined
    if (count > 0) {
      const batch = unpack({ count, sum, raw: bufferOf(raw), facts: bufferOf(facts) }, held)
      if (batch !== null) yield batch
      else yield* oneByOne(database, after, lastId)
    }
    after = lastId
    const bytes = raw?.length ?? 0
    if (bytes > batchBytesMax) step = Math.max(stepRows.min, Math.floor(step / 4))
    else if (bytes < batchBytesMax / 8 && step < stepRows.max) step *= 2
  }
}

type Joined = [count: number, sum: number, raw: Uint8Array | null, facts: Uint8Array | null]

interface Packed {
  readonly count: number
  readonly sum: number
  readonly raw: Buffer
  readonly facts: Buffer
}

interface Held {
  readonly journals: Float64Array
  readonly seqs: Float64Array
  readonly lengths: Float64Array
}

/** Returns null where it does not add up. */
function unpack({ count, sum, raw, facts }: Packed, held: Held): RecordBatch | null {
  if (facts.length !== count * factBytes) return null
  const { journals, seqs, lengths } = held
  let total = 0
  let bytes = RECORD_TAG.length * (count - 1)
  for (let index = 0, at = 0; index < count; index += 1, at += factBytes) {
    const journal = number20(facts, at) * twoTo18 + number20(facts, at + 4)
    const seq = number20(facts, at + 8) * twoTo18 + number20(facts, at + 12)
    const length = number20(facts, at + 16)
    journals[index] = journal
    seqs[index] = seq
    lengths[index] = length
    total += journal + seq
    bytes += length
  }
  if (total !== sum || bytes !== raw.length) return null
  return { count, raw, journals, seqs, lengths, heads: facts, headsAt: headAt, headsStep: factBytes }
}

/** Of a character of four bytes: what stands behind U+10000. Of a shorter one (out of range), what never adds up. */
function number20(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  if ((first & 0xf8) !== 0xf0) return Number.NaN
  const others =
    (((bytes[at + 1] ?? 0) & 63) << 12) + (((bytes[at + 2] ?? 0) & 63) << 6) + ((bytes[at + 3] ?? 0) & 63)
  return ((first & 7) << 18) + others - 65_536
}

function* oneByOne(database: ReadOnlyDatabase, after: number, lastId: number): Generator<RecordBatch> {
  // As text: a number beyond what the runtime holds exactly is none of a journal, and still has to be told.
  const select = database.rows(
    `select cast(journal as text), cast(seq as text), cast(raw as blob), cast(head as blob)
     from records where id > ? and id <= ? order by id`,
  )
  for (const row of select.iterate(after, lastId)) {
    const [journal, seq, raw, head] = row as unknown as [
      string | null,
      string | null,
      Uint8Array | null,
      Uint8Array | null,
    ]
    const bytes = bufferOf(raw)
    // Of another length it is no head, whatever it begins with.
    const heads = head?.length === 32 ? bufferOf(head) : Buffer.alloc(0)
    yield {
      count: 1,
      raw: bytes,
      journals: [Number(journal)],
      seqs: [Number(seq)],
      lengths: [bytes.length],
      heads,
      headsAt: 0,
      headsStep: 32,
    }
  }
}

function bufferOf(bytes: Uint8Array | null): Buffer {
  return bytes === null ? Buffer.alloc(0) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
