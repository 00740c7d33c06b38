/**
 * Partition tables: MBR with extended partitions, GPT (UEFI 2.10 §5) with its backup, and what is between. Pure over a
 * reader.
 *
 * A table is a claim: every number in it is checked against the medium, chains are walked a bounded number of steps,
 * and what can't be is a fault. Nothing here decides; it says what a kernel would see.
 */
import { crc32 } from 'node:zlib'
import type { BoundedReader } from './block-source.ts'
import { faultOf } from './bounded-reader.ts'

export interface Partition {
  /** As the kernel numbers it: sdb1 is 1, the first logical one is 5. */
  readonly number: number
  readonly startByte: number
  readonly sizeBytes: number
  /** MBR: two hex digits; GPT: the type's GUID. */
  readonly type: string
}

export interface PartitionTable {
  readonly kind: 'none' | 'mbr' | 'gpt'
  readonly id: string | null
  /** Ordered by where they start; containers of logical partitions are left out. */
  readonly partitions: readonly Partition[]
  /** The first byte that belongs to no table, from the medium's beginning. */
  readonly tableEndByte: number
  /** The first byte of what stands at the end of the medium (GPT backup); null: nothing does. */
  readonly tailStartByte: number | null
  readonly faults: readonly string[]
}

const SECTOR = 512
/** Linux stops at 100 logical partitions in one chain; a person stops at a few. */
const logicalPartitionsMax = 60
const gptEntryBytesMax = 65_536
const partitionNumberMax = 255
/** The MBR's entry that covers the medium, so that old systems leave a GPT alone. */
const protectiveType = 0xee

/** Reads the partition table. @throws ShoukouError `medium-unreadable` where the first block can't be read. */
export async function readPartitionTable(reader: BoundedReader): Promise<PartitionTable> {
  const first = await reader.read(0, SECTOR)
  const entries = readMbrEntries(first)
  const draft: Draft = { partitions: [], faults: [] }
  // As in Linux: a GPT that no MBR announces is a remainder of another time.
  if (entries?.some((entry) => entry.type === protectiveType) === true) {
    const gpt = await readGpt(reader, draft)
    if (gpt !== null) {
      if (entries.some((entry) => entry.type !== protectiveType && entry.type !== 0)) {
        draft.faults.push(
          'the partition table is a hybrid: the MBR beside the GPT lists partitions of its own',
        )
      }
      return finish(gpt, draft, reader.sizeBytes)
    }
    draft.faults.push('the MBR announces a GPT, and there is none that holds')
  }
  if (entries === null)
    return finish({ kind: 'none', id: null, tableEndByte: 0, tailStartByte: null }, draft, null)
  const id = first.readUInt32LE(440)
  const isEmpty = entries.every((entry) => entry.type === 0)
  if (isEmpty && (id === 0 || looksLikeVolume(first))) {
    return finish({ kind: 'none', id: null, tableEndByte: 0, tailStartByte: null }, draft, null)
  }
  await addMbrPartitions(reader, entries, draft)
  return finish(
    {
      kind: 'mbr',
      id: id.toString(16).padStart(8, '0'),
      tableEndByte: reader.blockBytes,
      tailStartByte: null,
    },
    draft,
    reader.sizeBytes,
  )
}

interface Draft {
  readonly partitions: Partition[]
  readonly faults: string[]
}

type Found = Omit<PartitionTable, 'partitions' | 'faults'>

/** Puts partitions in order, and takes out those that do not lie on the medium. */
function finish(found: Found, draft: Draft, sizeBytes: number | null): PartitionTable {
  const partitions: Partition[] = []
  let endByte = 0
  for (const one of draft.partitions.toSorted((a, b) => a.startByte - b.startByte)) {
    const end = one.startByte + one.sizeBytes
    if (one.number > partitionNumberMax) {
      draft.faults.push(`partition ${one.number} is beyond the ${partitionNumberMax} that are looked at`)
      continue
    }
    if (sizeBytes !== null && end > sizeBytes) {
      draft.faults.push(`partition ${one.number} reaches beyond the end of the medium`)
      if (one.startByte >= sizeBytes) continue
    }
    if (one.startByte < endByte) draft.faults.push(`partition ${one.number} overlaps another`)
    if (one.startByte < found.tableEndByte) draft.faults.push(`partition ${one.number} overlaps the table`)
    // The beginning of one that is cut off is there all the same, and a kernel would offer it.
    const lastByte = Math.min(end, sizeBytes ?? end)
    partitions.push({ ...one, sizeBytes: lastByte - one.startByte })
    endByte = Math.max(endByte, lastByte)
  }
  return { ...found, partitions, faults: draft.faults.slice(0, 16) }
}

interface MbrEntry {
  readonly type: number
  readonly start: number
  readonly count: number
}

/** Returns the four entries as Linux takes them; null where the sector is no partition table. */
function readMbrEntries(sector: Buffer): MbrEntry[] | null {
  if (sector[510] !== 0x55 || sector[511] !== 0xaa) return null
  const entries: MbrEntry[] = []
  for (let at = 446; at < 510; at += 16) {
    // A boot sector has code here: Linux tells the two apart by this very byte.
    if (sector[at] !== 0 && sector[at] !== 0x80) return null
    const [start, count] = [sector.readUInt32LE(at + 8), sector.readUInt32LE(at + 12)]
    entries.push({ type: count === 0 ? 0 : (sector[at + 4] ?? 0), start, count })
  }
  return entries
}

/** A volume's boot sector ends in 55AA as well: FAT, exFAT, NTFS begin with a jump and tell how large their sectors are. */
function looksLikeVolume(sector: Buffer): boolean {
  const isJump = sector[0] === 0xe9 || (sector[0] === 0xeb && sector[2] === 0x90)
  const sectorBytes = sector.readUInt16LE(11)
  const isBpb =
    [512, 1024, 2048, 4096].includes(sectorBytes) || sector.toString('latin1', 3, 11) === 'EXFAT   '
  return isJump && isBpb
}

function isExtended(type: number): boolean {
  return type === 0x05 || type === 0x0f || type === 0x85
}

async function addMbrPartitions(
  reader: BoundedReader,
  entries: readonly MbrEntry[],
  draft: Draft,
): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    if (entry.type === 0 || entry.type === protectiveType) continue
    if (isExtended(entry.type)) await addLogicalPartitions(reader, entry, draft)
    else draft.partitions.push(partitionOf(index + 1, entry, 0, reader.blockBytes))
  }
}

/** Numbers count in blocks of the medium, as Linux takes them. */
function partitionOf(number: number, entry: MbrEntry, base: number, blockBytes: number): Partition {
  return {
    number,
    startByte: (base + entry.start) * blockBytes,
    sizeBytes: entry.count * blockBytes,
    type: entry.type.toString(16).padStart(2, '0'),
  }
}

/** Walks a chain of extended boot records; a chain that leaves its container, comes back or does not end is a fault. */
async function addLogicalPartitions(reader: BoundedReader, container: MbrEntry, draft: Draft): Promise<void> {
  const seen = new Set<number>()
  let at = container.start
  let number = 5 + draft.partitions.filter((one) => one.number >= 5).length
  for (let step = 0; step < logicalPartitionsMax; step += 1) {
    if (seen.has(at)) {
      draft.faults.push('the chain of logical partitions leads back to itself')
      return
    }
    seen.add(at)
    const entries = await readBootRecord(reader, at, draft)
    if (entries === null) return
    const own = entries.find((entry) => entry.type !== 0 && !isExtended(entry.type))
    if (own !== undefined) {
      draft.partitions.push(partitionOf(number, own, at, reader.blockBytes))
      number += 1
    }
    const next = entries.find((entry) => isExtended(entry.type))
    if (next === undefined) return
    if (next.start >= container.count) {
      draft.faults.push('the chain of logical partitions leaves its container')
      return
    }
    at = container.start + next.start
  }
  draft.faults.push(`the chain of logical partitions goes on after ${logicalPartitionsMax}`)
}

async function readBootRecord(reader: BoundedReader, at: number, draft: Draft): Promise<MbrEntry[] | null> {
  try {
    const entries = readMbrEntries(await reader.read(at * reader.blockBytes, SECTOR))
    if (entries === null) draft.faults.push('a boot record of a logical partition is none')
    return entries
  } catch (error) {
    draft.faults.push(faultOf('logical partitions', error))
    return null
  }
}

interface GptHeader {
  readonly id: string
  readonly entriesBlock: number
  readonly entryCount: number
  readonly entryBytes: number
  readonly entriesCrc: number
}

async function readGpt(reader: BoundedReader, draft: Draft): Promise<Found | null> {
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

async function readGptAt(reader: BoundedReader, block: number, draft: Draft): Promise<GptHeader | null> {
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

async function addGptPartitions(reader: BoundedReader, header: GptHeader, draft: Draft): Promise<void> {
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
