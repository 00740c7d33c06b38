/**
 * Where a seal may stand on a medium so that it lasts: outside of everything that a file system writes, and at a place
 * that is found again from the medium's own structures, without mounting. Pure.
 *
 * Formatting or partitioning anew takes the seal away, which is allowed: the register still knows the medium.
 */
import { LIMITS } from '@shoukou/protocol'
import { GAP_TAIL_BYTES, type MediumLayout, type Volume } from './medium-layout.ts'
import type { Gap } from './volume-fields.ts'

export interface Slot {
  /** Where, in words that a record keeps: `before-first-partition`, `reserved-sectors` … */
  readonly name: string
  readonly startByte: number
  readonly lengthBytes: number
  /** Why nothing writes here in normal use. */
  readonly reason: string
}

/** What a boot sector ends in: a block that a partition table or a boot loader could be taken from never ends so by us. */
export const BOOT_MARK_BYTE = 510

/** A backup GPT and what arrays write at the end: 33 blocks, and room. */
const tailBlocks = 64
/** As many as are looked at: each costs a read on a medium without a seal. */
const slotsMax = 24

const gapReasons: Readonly<Record<Gap['name'], string>> = {
  'reserved-sectors':
    'FAT counts these sectors as reserved before its first table, and uses the first of them alone',
  'alignment-gap': 'exFAT leaves what lies between its boot regions and its table undefined',
  'boot-file-tail':
    'the end of $Boot holds boot code on disks that Windows starts from, and nothing on others',
  'boot-block': 'ext leaves its first 1,024 bytes to boot loaders and never reads them',
}

/** Returns the places for a seal, the best first; none on a disc or on what is not known. */
export function sealSlots(layout: MediumLayout): Slot[] {
  const { table, volumes } = layout
  const whole = volumes.find((one) => one.partition === 0)
  const isDisc = whole?.fileSystem?.kind === 'iso9660' || whole?.fileSystem?.kind === 'udf'
  if (table === null || isDisc) return []
  const slots = table.partitions.length === 0 ? [] : gapSlots(layout)
  slots.push(...volumes.flatMap((volume) => volumeSlots(volume)))
  const end = endSlot(layout)
  if (end !== null) slots.push(end)
  return slots.filter((slot) => isUsable(slot, layout)).slice(0, slotsMax)
}

/**
 * Between table and first partition. The end of the gap first: a boot loader that is installed later (GRUB) fills it from
 * the front.
 */
function gapSlots({ table, blockBytes }: MediumLayout): Slot[] {
  const gapStart = table?.tableEndByte ?? 0
  const gapEnd = table?.partitions[0]?.startByte ?? 0
  const length = Math.min(GAP_TAIL_BYTES, gapEnd - gapStart)
  const place = { name: 'before-first-partition', lengthBytes: length, startByte: gapEnd - length }
  const reason = 'no partition covers it, and boot loaders fill the gap from its front'
  const first: Slot = { ...place, reason }
  if (gapEnd - gapStart < 2 * GAP_TAIL_BYTES) return [first]
  const startByte = Math.ceil(gapStart / blockBytes) * blockBytes
  return [
    first,
    {
      ...place,
      name: 'behind-partition-table',
      startByte,
      reason: 'no partition covers it, and no table reaches it',
    },
  ]
}

function volumeSlots({ startByte, fileSystem }: Volume): Slot[] {
  return (fileSystem?.gaps ?? []).map((gap) => ({
    name: gap.name,
    startByte: startByte + gap.startByte,
    lengthBytes: Math.min(gap.endByte - gap.startByte, LIMITS.sealBytesMax),
    reason: gapReasons[gap.name],
  }))
}

/** Behind everything that is in use, near the end of the medium, and clear of what others write at the very end. */
function endSlot({ table, volumes, sizeBytes, blockBytes }: MediumLayout): Slot | null {
  if (table === null || sizeBytes === null) return null
  const ends =
    table.kind === 'none'
      ? volumes.map((one) => one.fileSystem?.endByte ?? null)
      : table.partitions.map((one) => one.startByte + one.sizeBytes)
  if (ends.length === 0 || ends.includes(null)) return null
  const usedEnd = Math.max(table.tableEndByte, ...ends.map((end) => end ?? 0))
  const limit = table.tailStartByte ?? sizeBytes
  const roomy = limit - tailBlocks * blockBytes - LIMITS.sealBytesMax
  const startByte = alignUp(Math.max(usedEnd, roomy), blockBytes)
  const lengthBytes = Math.min(LIMITS.sealBytesMax, Math.floor((limit - startByte) / blockBytes) * blockBytes)
  return {
    name: 'end-of-medium',
    startByte,
    lengthBytes,
    reason: 'no partition and no file system reaches it',
  }
}

function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to
}

/** Whole blocks of the medium, inside it, and not where another partition lies (a lying table overlaps). */
function isUsable(slot: Slot, { blockBytes, sizeBytes, table, volumes }: MediumLayout): boolean {
  const end = slot.startByte + slot.lengthBytes
  const isWhole = slot.startByte % blockBytes === 0 && slot.lengthBytes % blockBytes === 0
  if (!isWhole || slot.lengthBytes < 512 || slot.startByte < 0) return false
  if (sizeBytes === null || end > (table?.tailStartByte ?? sizeBytes) || end > sizeBytes) return false
  const owner = volumes.find(
    (one) =>
      one.partition !== 0 &&
      slot.startByte >= one.startByte &&
      slot.startByte < one.startByte + (one.sizeBytes ?? 0),
  )
  if (owner === undefined && table?.kind !== 'none' && slot.startByte < (table?.tableEndByte ?? 0))
    return false
  return (table?.partitions ?? []).every(
    (one) =>
      one.number === owner?.partition ||
      end <= one.startByte ||
      slot.startByte >= one.startByte + one.sizeBytes,
  )
}
