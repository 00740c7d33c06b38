/**
 * One journal entry as bytes: the record's raw bytes, framed so that a reader can find it again after damage.
 *
 *   magic 4 (ff 53 4b fe) | crc32 4 | length 4 | seq 8 | head before 32 | head after 32 | raw
 *
 * All numbers big-endian. The CRC (that of zlib) covers everything after itself. Two bytes of the magic never occur in
 * UTF-8, so no record's text, however hostile, can look like the begin of an entry. Both heads stand in each entry:
 * a wrong head is found in the very entry that has it, and entries behind a damage still join the chain.
 */
import { crc32 } from 'node:zlib'
import { type ChainHash, LIMITS, nextHead, recordDigest } from '@shoukou/protocol'

export const ENTRY_HEADER_BYTES = 84
export const ENTRY_MAGIC = Buffer.from([0xff, 0x53, 0x4b, 0xfe])
export const HEAD_BYTES = 32

export interface Entry {
  readonly seq: number
  readonly headBefore: Buffer
  readonly headAfter: Buffer
  readonly raw: Buffer
}

/** Returns the bytes that an entry with so much raw data takes on disk. */
export function entryBytes(rawBytes: number): number {
  return ENTRY_HEADER_BYTES + rawBytes
}

/** Makes the entry that follows `headBefore`: its head is computed here, once. */
export function makeEntry(seq: number, headBefore: Buffer, raw: Buffer, hash: ChainHash): Entry {
  return { seq, headBefore, headAfter: nextHead(headBefore, seq, recordDigest(raw, hash), hash), raw }
}

/** Writes an entry. */
export function encodeEntry(entry: Entry): Buffer {
  const bytes = Buffer.allocUnsafe(entryBytes(entry.raw.length))
  ENTRY_MAGIC.copy(bytes, 0)
  bytes.writeUInt32BE(entry.raw.length, 8)
  bytes.writeBigUInt64BE(BigInt(entry.seq), 12)
  entry.headBefore.copy(bytes, 20)
  entry.headAfter.copy(bytes, 52)
  entry.raw.copy(bytes, ENTRY_HEADER_BYTES)
  bytes.writeUInt32BE(crc32(bytes.subarray(8)), 4)
  return bytes
}

/** An entry whose checksum holds, or why there is none at this place. `needs`: the bytes from `at` that it would take. */
export type DecodedEntry =
  | { readonly kind: 'entry'; readonly entry: Entry; readonly bytes: number }
  | { readonly kind: 'short'; readonly needs: number }
  | { readonly kind: 'damaged' }

/**
 * Reads the entry at an offset; the parts are views. Never reads beyond the bytes given. A checksum that holds says
 * nothing about the chain: `isChained` does.
 */
export function decodeEntry(bytes: Buffer, at: number): DecodedEntry {
  const available = bytes.length - at
  if (available < ENTRY_HEADER_BYTES) return { kind: 'short', needs: ENTRY_HEADER_BYTES }
  if (!bytes.subarray(at, at + 4).equals(ENTRY_MAGIC)) return { kind: 'damaged' }
  const length = bytes.readUInt32BE(at + 8)
  if (length > LIMITS.recordBytesMax) return { kind: 'damaged' }
  const total = entryBytes(length)
  if (available < total) return { kind: 'short', needs: total }
  if (crc32(bytes.subarray(at + 8, at + total)) !== bytes.readUInt32BE(at + 4)) return { kind: 'damaged' }
  const seq = bytes.readBigUInt64BE(at + 12)
  if (seq < 1n || seq > BigInt(Number.MAX_SAFE_INTEGER)) return { kind: 'damaged' }
  return {
    kind: 'entry',
    bytes: total,
    entry: {
      seq: Number(seq),
      headBefore: bytes.subarray(at + 20, at + 52),
      headAfter: bytes.subarray(at + 52, at + ENTRY_HEADER_BYTES),
      raw: bytes.subarray(at + ENTRY_HEADER_BYTES, at + total),
    },
  }
}

/** Reports whether an entry's head is what its raw bytes and the head before make, by the hash of its journal. */
export function isChained({ seq, headBefore, headAfter, raw }: Entry, hash: ChainHash): boolean {
  return nextHead(headBefore, seq, recordDigest(raw, hash), hash).equals(headAfter)
}
