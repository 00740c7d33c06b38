/**
 * The binary frame that carries records, their bytes untouched.
 *
 *   "SKR1"  u32be header length  header (JSON)  { u32be length  raw bytes } × count
 *
 * `gap` stands where numbers before `firstSeq` no longer exist at the agent: a segment that was set aside. It is a
 * claim; the journal's own `journal.gap` record, in the chain, is what declares it.
 */
import { type Static, Type } from 'typebox'
import { ShoukouError } from './errors.ts'
import { assertVersion, firstFault } from './frames.ts'
import { LIMITS } from './limits.ts'
import { checkOf } from './schema-check.ts'
import { PROTOCOL_VERSION } from './version.ts'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const magic = Buffer.from('SKR1')
const head = Type.String({ pattern: '^[0-9a-f]{64}$' })
const seq = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

const HeaderSchema = Type.Object(
  {
    v: Type.Literal(PROTOCOL_VERSION),
    type: Type.Literal('records'),
    epoch: Type.String({ minLength: 1, maxLength: 64 }),
    firstSeq: seq,
    count: Type.Integer({ minimum: 1, maximum: LIMITS.recordsPerFrameMax }),
    /** The chain head before the first record, and after the last. */
    headBefore: head,
    headAfter: head,
    gap: Type.Union([
      Type.Object({ firstSeq: seq, lastSeq: seq }, { additionalProperties: false }),
      Type.Null(),
    ]),
  },
  { additionalProperties: false },
)
export type RecordsHeader = Static<typeof HeaderSchema>
const headerCheck = checkOf(HeaderSchema)

export interface RecordsFrame {
  readonly header: RecordsHeader
  /** Raw bytes of each record, in order: views into the message. */
  readonly records: readonly Buffer[]
}

const headerBytesMax = 2_048

/** Writes a `records` frame. The caller keeps within `recordsPerFrameMax` and `frameBytesMax`. */
export function encodeRecordsFrame(
  header: Omit<RecordsHeader, 'v' | 'type' | 'count'>,
  records: readonly Uint8Array[],
): Buffer {
  const text = Buffer.from(
    JSON.stringify({
      v: PROTOCOL_VERSION,
      type: 'records',
      count: records.length,
      ...header,
    } satisfies RecordsHeader),
  )
  let total = 8 + text.length
  for (const raw of records) total += 4 + raw.length
  const frame = Buffer.allocUnsafe(total)
  magic.copy(frame, 0)
  frame.writeUInt32BE(text.length, 4)
  text.copy(frame, 8)
  let at = 8 + text.length
  for (const raw of records) {
    frame.writeUInt32BE(raw.length, at)
    frame.set(raw, at + 4)
    at += 4 + raw.length
  }
  return frame
}

/**
 * Reads a `records` frame.
 *
 * @throws ShoukouError `limit-exceeded`, `unsupported-version` or `malformed-frame`.
 */
export function parseRecordsFrame(bytes: Buffer): RecordsFrame {
  if (bytes.length > LIMITS.frameBytesMax) {
    throw new ShoukouError(
      'limit-exceeded',
      `A frame of ${bytes.length} bytes is above ${LIMITS.frameBytesMax}.`,
    )
  }
  if (bytes.length < 8 || !bytes.subarray(0, 4).equals(magic))
    throw malformed('does not begin as a records frame')
  const headerLength = bytes.readUInt32BE(4)
  if (headerLength > headerBytesMax || 8 + headerLength > bytes.length)
    throw malformed('header length is not possible')
  const header = parseHeader(bytes.subarray(8, 8 + headerLength))
  return { header, records: splitRecords(bytes, 8 + headerLength, header.count) }
}

function parseHeader(bytes: Uint8Array): RecordsHeader {
  let value: unknown
  try {
    value = JSON.parse(strictUtf8.decode(bytes))
  } catch {
    throw malformed('header is not JSON in UTF-8')
  }
  assertVersion((value as { v?: unknown } | null)?.v)
  if (!headerCheck.Check(value)) throw malformed(firstFault(headerCheck.Errors(value)))
  const { firstSeq, count, gap } = value
  if (firstSeq > Number.MAX_SAFE_INTEGER - count + 1) throw malformed('numbers run past what can be counted')
  if (gap !== null && (gap.firstSeq > gap.lastSeq || gap.lastSeq >= firstSeq)) {
    throw malformed('/gap does not lie before the first record')
  }
  return value
}

function splitRecords(bytes: Buffer, start: number, count: number): Buffer[] {
  const records: Buffer[] = []
  let at = start
  for (let index = 0; index < count; index += 1) {
    if (at + 4 > bytes.length) throw malformed('ends before its last record')
    const length = bytes.readUInt32BE(at)
    if (length > LIMITS.recordBytesMax)
      throw new ShoukouError('limit-exceeded', `A record of ${length} bytes.`)
    if (length === 0 || at + 4 + length > bytes.length) throw malformed('a record length is not possible')
    records.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  if (at !== bytes.length) throw malformed('has bytes after its last record')
  return records
}

function malformed(what: string): ShoukouError {
  return new ShoukouError('malformed-frame', `records: ${what}`)
}
