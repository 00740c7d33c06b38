/** What stands where on a medium: its partition table and the volumes in it, in as few reads as that takes. Pure. */
import { LIMITS } from '@shoukou/protocol'
import { type FrugalReader, faultOf, windowOf } from './bounded-reader.ts'
import { identifyFileSystem, VOLUME_HEAD_BYTES } from './file-system-id.ts'
import { identifyOptical } from './identify-optical.ts'
import { readPartitionTable } from './partition-table.ts'
import type { PartitionTable } from './table-shapes.ts'
import type { FileSystemId } from './volume-fields.ts'

export interface Volume {
  /** 0: the whole medium. */
  readonly partition: number
  readonly startByte: number
  readonly sizeBytes: number | null
  /** null: nothing that is known. */
  readonly fileSystem: FileSystemId | null
}

export interface MediumLayout {
  readonly blockBytes: number
  readonly sizeBytes: number | null
  /** null: it could not be read. */
  readonly table: PartitionTable | null
  readonly volumes: readonly Volume[]
  readonly faults: readonly string[]
}

/** MBR, GPT with 128 entries, the superblocks of most file systems and the first two descriptors of a disc: one read. */
const MEDIUM_HEAD_BYTES = 36_864
/** The end of the gap before a partition is where a seal stands: it comes along with the partition's own head. */
export const GAP_TAIL_BYTES = 4_096

/** Reads the layout. Never throws for what the medium says or can't say: that is a fault. */
export async function readLayout(reader: FrugalReader): Promise<MediumLayout> {
  const { blockBytes, sizeBytes } = reader
  const faults: string[] = []
  const attempt = async <T>(part: string, read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read()
    } catch (error) {
      faults.push(faultOf(part, error))
      return null
    }
  }
  const table = await attempt('partition table', async () => {
    await reader.prefetch(0, MEDIUM_HEAD_BYTES)
    return await readPartitionTable(reader)
  })
  if (table === null) return { blockBytes, sizeBytes, table, volumes: [], faults }
  faults.push(...table.faults)
  const whole = await attempt('medium', () =>
    // A disc image made for sticks has both: a table in front, and a disc's descriptors over the whole.
    table.kind === 'none' ? identifyFileSystem(reader) : identifyOptical(reader),
  )
  const volumes: Volume[] = [{ partition: 0, startByte: 0, sizeBytes, fileSystem: whole }]
  for (const { number, startByte, sizeBytes: length } of table.partitions.slice(
    0,
    LIMITS.fileSystemsPerMediumMax,
  )) {
    const fileSystem = await attempt(`partition ${number}`, async () => {
      await reader.prefetch(startByte - GAP_TAIL_BYTES, GAP_TAIL_BYTES + VOLUME_HEAD_BYTES)
      return await identifyFileSystem(windowOf(reader, startByte, length))
    })
    volumes.push({ partition: number, startByte, sizeBytes: length, fileSystem })
  }
  if (table.partitions.length > LIMITS.fileSystemsPerMediumMax) {
    faults.push(
      `${table.partitions.length} partitions, of which ${LIMITS.fileSystemsPerMediumMax} were looked at`,
    )
  }
  return { blockBytes, sizeBytes, table, volumes, faults }
}
