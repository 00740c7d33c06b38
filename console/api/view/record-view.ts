/** Stored records as the pages see them: their very text. Pure. */
import type { StoredRecord } from '../../store/ports.ts'
import type { RecordItem } from '../contract.ts'

/**
 * Returns a record as lists show it. Stored bytes are UTF-8, because ingest takes nothing else; were they altered
 * since, the altered places show as U+FFFD here, and as what they are in the raw bytes.
 */
export function recordItem(row: StoredRecord): RecordItem {
  return {
    epoch: row.epoch,
    seq: row.seq,
    kind: row.kind,
    sensor: row.sensor,
    wallMs: row.wallMs,
    receivedAt: row.receivedAt,
    policyVersion: row.policyVersion,
    head: row.head,
    raw: Buffer.from(row.raw).toString('utf8'),
  }
}

/** Returns as many records from the front as fit in `bytesMax` of raw bytes, and at least one. */
export function withinBytes(rows: readonly StoredRecord[], bytesMax: number): StoredRecord[] {
  const kept: StoredRecord[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += row.raw.length
    if (kept.length > 0 && bytes > bytesMax) break
    kept.push(row)
  }
  return kept
}

/** Where the page after a record begins: `receivedAt.seq`. */
export function placeOf(row: StoredRecord): string {
  return `${row.receivedAt}.${row.seq}`
}

/** Reads such a place; the contract's pattern has checked its form. */
export function parsePlace(text: string): { receivedAt: number; seq: number } {
  const [receivedAt, seq] = text.split('.')
  return { receivedAt: Number(receivedAt), seq: Number(seq) }
}
