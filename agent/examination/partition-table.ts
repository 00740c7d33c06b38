/**
 * Reads which partitions a medium has: by an MBR with extended partitions, by a GPT that it announces, or none. Pure over
 * a reader.
 *
 * A table is a claim: every number in it is checked against the medium, chains are walked a bounded number of steps,
 * and what can't be is a fault. Nothing here decides; it says what a kernel would see.
 */
import type { BoundedReader } from './block-source.ts'
import { faultOf } from './bounded-reader.ts'
import { readGpt } from './guid-partition-table.ts'
import type { Partition, PartitionTable, TableDraft, TableFound } from './table-shapes.ts'

const SECTOR = 512
/** Linux stops at 100 logical partitions in one chain; a person stops at a few. */
const logicalPartitionsMax = 60
const partitionNumberMax = 255
/** The MBR's entry that covers the medium, so that old systems leave a GPT alone. */
const protectiveType = 0xee

/** Reads the partition table. @throws ShoukouError `medium-unreadable` where the first block can't be read. */
export async function readPartitionTable(reader: BoundedReader): Promise<PartitionTable> {
  const first = await reader.read(0, SECTOR)
  const entries = readMbrEntries(first)
  const draft: TableDraft = { partitions: [], faults: [] }
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
      id: id === 0 ? null : id.toString(16).padStart(8, '0'),
      tableEndByte: reader.blockBytes,
      tailStartByte: null,
    },
    draft,
    reader.sizeBytes,
  )
}

/** Puts partitions in order, and takes out those that do not lie on the medium. */
function finish(found: TableFound, draft: TableDraft, sizeBytes: number | null): PartitionTable {
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
  draft: TableDraft,
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
async function addLogicalPartitions(
  reader: BoundedReader,
  container: MbrEntry,
  draft: TableDraft,
): Promise<void> {
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

async function readBootRecord(
  reader: BoundedReader,
  at: number,
  draft: TableDraft,
): Promise<MbrEntry[] | null> {
  try {
    const entries = readMbrEntries(await reader.read(at * reader.blockBytes, SECTOR))
    if (entries === null) draft.faults.push('a boot record of a logical partition is none')
    return entries
  } catch (error) {
    draft.faults.push(faultOf('logical partitions', error))
    return null
  }
}
