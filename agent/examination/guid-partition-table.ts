/** GUID partition tables (UEFI 2.10 §5.3): both headers, their sums, and entries in a bounded number. Pure over a reader. */
import { crc32 } from 'node:zlib'
import type { BoundedReader } from './block-source.ts'
import { faultOf } from './bounded-reader.ts'
import type { TableDraft, TableFound } from './table-shapes.ts'

/** 128 entries of 128 bytes are usual; four times that is the most that tools write. */
const gptEntryBytesMax = 65_536

/**
 * Reads the GPT that an MBR announces, by its backup at the end of the medium where the first header does not hold; null
 * where neither does. Partitions and faults are added to the draft.
 */
export async function readGpt(reader: BoundedReader, draft: TableDraft): Promise<TableFound | null> {
  const block = reader.blockBytes
  const lastBlock = reader.sizeBytes === null ? null : Math.floor(reader.sizeBytes / block) - 1
  let header = await readGptAt(reader, 1, draft)
  if (header === null && lastBlock !== null && lastBlock > 1) {
    draft.faults.push('the first GPT header does not hold; its backup was looked at')
    header = await readGptAt(reader, lastBlock, draft)
  }
  if (header === null) return null
  await addGptPartitions(reader, header, draft)
  const entriesBytes = Math.ceil(Math.max(header.entryCount * header.entryBytes, 16_384) / block) * block
  const atFront = header.entriesBlock < (lastBlock ?? Number.POSITIVE_INFINITY) / 2
  return {
    kind: 'gpt',
    id: header.id,
    tableEndByte: (atFront ? header.entriesBlock : 2) * block + entriesBytes,
    tailStartByte: lastBlock === null ? null : lastBlock * block - entriesBytes,
  }
}

interface GptHeader {
  readonly id: string
  readonly entriesBlock: number
  readonly entryCount: number
  readonly entryBytes: number
  readonly entriesCrc: number
}

async function readGptAt(reader: BoundedReader, block: number, draft: TableDraft): Promise<GptHeader | null> {
  try {
    const bytes = await reader.read(block * reader.blockBytes, reader.blockBytes)
    return parseGptHeader(bytes, block)
  } catch (error) {
    draft.faults.push(faultOf('GPT header', error))
    return null
  }
}

function parseGptHeader(bytes: Buffer, ownBlock: number): GptHeader | null {
  if (bytes.toString('latin1', 0, 8) !== 'EFI PART') return null
  const length = bytes.readUInt32LE(12)
  if (length < 92 || length > bytes.length) return null
  const unsigned = Buffer.from(bytes.subarray(0, length))
  unsigned.writeUInt32LE(0, 16)
  if (crc32(unsigned) !== bytes.readUInt32LE(16) || bytes.readBigUInt64LE(24) !== BigInt(ownBlock))
    return null
  const entriesBlock = Number(bytes.readBigUInt64LE(72))
  const [entryCount, entryBytes] = [bytes.readUInt32LE(80), bytes.readUInt32LE(84)]
  const isSane =
    Number.isSafeInteger(entriesBlock) &&
    entriesBlock >= 2 &&
    entryBytes >= 128 &&
    entryBytes % 8 === 0 &&
    entryCount * entryBytes <= gptEntryBytesMax
  if (!isSane) return null
  return { id: guidOf(bytes, 56), entriesBlock, entryCount, entryBytes, entriesCrc: bytes.readUInt32LE(88) }
}

async function addGptPartitions(reader: BoundedReader, header: GptHeader, draft: TableDraft): Promise<void> {
  const block = reader.blockBytes
  let entries: Buffer
  try {
    entries = await reader.read(header.entriesBlock * block, header.entryCount * header.entryBytes)
  } catch (error) {
    draft.faults.push(faultOf('GPT entries', error))
    return
  }
  if (crc32(entries) !== header.entriesCrc) {
    draft.faults.push('the entries of the GPT are not those that its header vouches for')
    return
  }
  for (let index = 0; index < header.entryCount; index += 1) {
    const at = index * header.entryBytes
    const type = guidOf(entries, at)
    if (/^[0-]+$/.test(type)) continue
    const [first, last] = [Number(entries.readBigUInt64LE(at + 32)), Number(entries.readBigUInt64LE(at + 40))]
    if (last < first || !Number.isSafeInteger((last + 1) * block)) {
      draft.faults.push(`partition ${index + 1} has no extent that can be`)
      continue
    }
    const sizeBytes = (last - first + 1) * block
    draft.partitions.push({ number: index + 1, startByte: first * block, sizeBytes, type })
  }
}

/** The first three groups are little-endian (UEFI 2.10, appendix A). */
function guidOf(bytes: Buffer, at: number): string {
  const hex = (from: number, to: number) => bytes.toString('hex', at + from, at + to)
  const reversed = (from: number, to: number) =>
    Buffer.from(bytes.subarray(at + from, at + to))
      .reverse()
      .toString('hex')
  return [reversed(0, 4), reversed(4, 6), reversed(6, 8), hex(8, 10), hex(10, 16)].join('-')
}
