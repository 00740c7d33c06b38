/**
 * The begin of a segment file, and its name.
 *
 *   magic 8 ("SKSEG1" 0d 0a) | crc32 4 | length 4 | JSON { v, agent, epoch, firstSeq, head }
 *
 * `head` is the chain head before the segment's first entry. A lost header is no loss: entries carry all of it.
 */
import { crc32 } from 'node:zlib'
import { checkOf } from '@shoukou/protocol/schema-check.ts'
import { type Static, Type } from 'typebox'

const SegmentHeaderSchema = Type.Object(
  {
    v: Type.Literal(1),
    agent: Type.String({ minLength: 1, maxLength: 64 }),
    epoch: Type.String({ minLength: 1, maxLength: 64 }),
    firstSeq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    head: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  },
  { additionalProperties: false },
)
export type SegmentHeader = Static<typeof SegmentHeaderSchema>

const check = checkOf(SegmentHeaderSchema)
const magic = Buffer.from('SKSEG1\r\n')
const fixedBytes = magic.length + 8
const jsonBytesMax = 1_024

/** Writes a header. */
export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const json = Buffer.from(JSON.stringify(header))
  const bytes = Buffer.alloc(fixedBytes + json.length)
  magic.copy(bytes, 0)
  bytes.writeUInt32BE(crc32(json), 8)
  bytes.writeUInt32BE(json.length, 12)
  json.copy(bytes, fixedBytes)
  return bytes
}

/** Reads the header at a file's begin and tells where the entries start; null where it is short or damaged. */
export function decodeSegmentHeader(
  bytes: Buffer,
): { readonly header: SegmentHeader; readonly bytes: number } | null {
  if (bytes.length < fixedBytes || !bytes.subarray(0, magic.length).equals(magic)) return null
  const length = bytes.readUInt32BE(12)
  if (length > jsonBytesMax || bytes.length < fixedBytes + length) return null
  const json = bytes.subarray(fixedBytes, fixedBytes + length)
  if (crc32(json) !== bytes.readUInt32BE(8)) return null
  const header = parseOrNull(json)
  return check.Check(header) ? { header, bytes: fixedBytes + length } : null
}

/** Returns a segment's file name; names sort as numbers do. */
export function segmentName(firstSeq: number): string {
  return `${String(firstSeq).padStart(16, '0')}.seg`
}

/** Returns the first number in a segment's name; null where it is no segment's name. */
export function firstSeqOfName(name: string): number | null {
  const match = /^(\d{16})\.seg$/.exec(name)
  const seq = match?.[1] === undefined ? 0 : Number(match[1])
  return Number.isSafeInteger(seq) && seq >= 1 ? seq : null
}

function parseOrNull(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'))
  } catch (fault) {
    if (fault instanceof SyntaxError) return null
    throw fault
  }
}
