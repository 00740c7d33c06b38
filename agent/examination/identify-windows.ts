/**
 * File systems of Windows, by their boot sectors: FAT (Microsoft FAT Specification §3), exFAT (specification §3.1), NTFS,
 * and BitLocker in their place. Pure over a reader; labels cost one small read each.
 */
import { type RawText, ShoukouError } from '@shoukou/protocol'
import type { BoundedReader } from './block-source.ts'
import { type FileSystemId, type Gap, labelOf, wideLabelOf } from './volume-fields.ts'

/** A label is among the first entries of the root folder, or it is not worth looking for. */
const labelSearchBytes = 2_048
const DIRECTORY_ENTRY = 32

export async function fatOf(volume: BoundedReader, head: Buffer): Promise<FileSystemId | null> {
  const fat = parseFat(head)
  if (fat === null) return null
  const volumeLabel = await attempt(() => readFatLabel(volume, fat.rootByte, fat.rootBytes))
  return {
    kind: 'vfat',
    uuid: serialOf(fat.serial),
    label:
      volumeLabel ?? (fat.bootLabel.toString('latin1') === 'NO NAME    ' ? null : labelOf(fat.bootLabel)),
    gaps: fat.gaps,
    endByte: fat.endByte,
  }
}

interface Fat {
  readonly rootByte: number
  readonly rootBytes: number
  readonly serial: number | null
  readonly bootLabel: Buffer
  readonly gaps: readonly Gap[]
  readonly endByte: number
}

function parseFat(head: Buffer): Fat | null {
  const isMarked =
    (head[510] === 0x55 && head[511] === 0xaa) || /FAT|MSDOS|MSWIN/.test(head.toString('latin1', 3, 90))
  const isJump = head[0] === 0xe9 || head[0] === 0xeb
  const sector = head.readUInt16LE(11)
  const perCluster = head[13] ?? 0
  const reserved = head.readUInt16LE(14)
  const copies = head[16] ?? 0
  const media = head[21] ?? 0
  const isBpb =
    isPowerOfTwo(sector, 512, 4_096) &&
    isPowerOfTwo(perCluster, 1, 128) &&
    reserved > 0 &&
    copies >= 1 &&
    copies <= 4
  if (!isMarked || !isJump || !isBpb || (media !== 0xf0 && media < 0xf8)) return null
  const sectors16 = head.readUInt16LE(19)
  const sectors = sectors16 === 0 ? head.readUInt32LE(32) : sectors16
  const tableSectors16 = head.readUInt16LE(22)
  const isWide = tableSectors16 === 0
  const tableSectors = isWide ? head.readUInt32LE(36) : tableSectors16
  const rootSectors = Math.ceil((head.readUInt16LE(17) * DIRECTORY_ENTRY) / sector)
  const dataStart = reserved + copies * tableSectors + rootSectors
  if (sectors === 0 || tableSectors === 0 || dataStart > sectors) return null
  const clusters = Math.floor((sectors - dataStart) / perCluster)
  // The extended fields are there where their mark says so.
  const fields = isWide ? 64 : 36
  const mark = head[fields + 2]
  const rootCluster = isWide ? Math.max(2, head.readUInt32LE(44)) - 2 : 0
  const rootSector = isWide ? dataStart + rootCluster * perCluster : dataStart - rootSectors
  return {
    rootByte: rootSector * sector,
    rootBytes: isWide ? perCluster * sector : rootSectors * sector,
    serial: mark === 0x29 || mark === 0x28 ? head.readUInt32LE(fields + 3) : null,
    bootLabel: Buffer.from(head.subarray(fields + 7, fields + 18)),
    gaps: fatGaps({ isWide, reserved, sector }),
    endByte: (dataStart + clusters * perCluster) * sector,
  }
}

/**
 * FAT32 keeps boot code in sectors 0 to 2, 6 to 8 and, where Windows NT made it bootable, 12 and 13; from 14 on no system
 * writes. FAT12 and FAT16 use sector 0 alone.
 */
function fatGaps({ isWide, reserved, sector }: { isWide: boolean; reserved: number; sector: number }): Gap[] {
  const first = isWide ? 14 : 1
  if (reserved <= first) return []
  const used = Math.max(first, reserved - Math.floor(4_096 / sector))
  return [{ name: 'reserved-sectors', startByte: used * sector, endByte: reserved * sector }]
}

async function readFatLabel(
  volume: BoundedReader,
  rootByte: number,
  rootBytes: number,
): Promise<RawText | null> {
  const root = await volume.read(rootByte, Math.min(rootBytes, labelSearchBytes))
  for (let at = 0; at + DIRECTORY_ENTRY <= root.length; at += DIRECTORY_ENTRY) {
    const [first, attributes] = [root[at] ?? 0, root[at + 11] ?? 0]
    if (first === 0) return null
    // A long name's part has the volume bit as well, and three others.
    if (first === 0xe5 || (attributes & 0x3f) === 0x0f || (attributes & 0x18) !== 0x08) continue
    const name = Buffer.from(root.subarray(at, at + 11))
    // The first byte E5 would mean "deleted", so that 05 is written for it.
    if (name[0] === 0x05) name[0] = 0xe5
    return labelOf(name)
  }
  return null
}

export async function exfatOf(volume: BoundedReader, head: Buffer): Promise<FileSystemId | null> {
  if (head.toString('latin1', 3, 11) !== 'EXFAT   ') return null
  const [sectorShift, clusterShift] = [head[108] ?? 0, head[109] ?? 0]
  if (sectorShift < 9 || sectorShift > 12 || sectorShift + clusterShift > 25) return null
  const sector = 2 ** sectorShift
  const [tableSector, heapSector, clusters, root] = [80, 88, 92, 96].map((at) => head.readUInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ]
  const rootByte = heapSector * sector + Math.max(0, root - 2) * 2 ** (sectorShift + clusterShift)
  const label = await attempt(async () => {
    const folder = await volume.read(rootByte, Math.min(labelSearchBytes, 2 ** (sectorShift + clusterShift)))
    for (let at = 0; at + DIRECTORY_ENTRY <= folder.length && folder[at] !== 0; at += DIRECTORY_ENTRY) {
      if (folder[at] === 0x83)
        return wideLabelOf(folder.subarray(at + 2, at + 2 + Math.min(22, (folder[at + 1] ?? 0) * 2)))
    }
    return null
  })
  // Boot region and its backup are sectors 0 to 23; up to the table stands what is called FatAlignment, unused.
  const gapStart = Math.max(24, tableSector - Math.floor(4_096 / sector))
  const gaps: Gap[] =
    tableSector > gapStart
      ? [{ name: 'alignment-gap', startByte: gapStart * sector, endByte: tableSector * sector }]
      : []
  const endByte = heapSector * sector + clusters * 2 ** (sectorShift + clusterShift)
  return { kind: 'exfat', uuid: serialOf(head.readUInt32LE(100)), label, gaps, endByte }
}

export async function ntfsOf(volume: BoundedReader, head: Buffer): Promise<FileSystemId | null> {
  if (head.toString('latin1', 3, 11) !== 'NTFS    ') return null
  const sector = head.readUInt16LE(11)
  const perCluster = clusterSectors(head[13] ?? 0)
  if (!isPowerOfTwo(sector, 256, 4_096) || perCluster === null) return null
  const cluster = sector * perCluster
  const recordCode = head.readInt8(64)
  const record = recordCode < 0 ? 2 ** -recordCode : recordCode * cluster
  const tableByte = Number(head.readBigUInt64LE(48)) * cluster
  const label = await attempt(async () => {
    if (!isPowerOfTwo(record, 512, 65_536) || !Number.isSafeInteger(tableByte + 4 * record)) return null
    return ntfsLabelOf(await volume.read(tableByte + 3 * record, record))
  })
  const serial = head.readBigUInt64LE(72)
  const sectors = Number(head.readBigUInt64LE(40))
  // The backup boot sector stands behind the last sector that is counted.
  const endByte = (sectors + 1) * sector
  return {
    kind: 'ntfs',
    uuid: serial === 0n ? null : serial.toString(16).toUpperCase().padStart(16, '0'),
    label,
    // $Boot is 8 KiB in any case; boot loaders fill it from the front, and no known one reaches this far.
    gaps: [{ name: 'boot-file-tail', startByte: 6_144, endByte: 8_192 }],
    endByte: Number.isSafeInteger(endByte) ? endByte : null,
  }
}

/** The file `$Volume`: attribute 60h is the volume's name. */
function ntfsLabelOf(stored: Buffer): RawText | null {
  const record = Buffer.from(stored)
  if (record.toString('latin1', 0, 4) !== 'FILE') return null
  undoFixups(record)
  let at = record.readUInt16LE(20)
  // Sixteen attributes are more than this file ever has.
  for (let step = 0; step < 16 && at + 24 <= record.length; step += 1) {
    const [type, length] = [record.readUInt32LE(at), record.readUInt32LE(at + 4)]
    if (type === 0xffff_ffff || length < 24) return null
    if (type === 0x60) {
      const [valueLength, valueAt] = [record.readUInt32LE(at + 16), record.readUInt16LE(at + 20)]
      return valueLength > 256 ? null : wideLabelOf(record.subarray(at + valueAt, at + valueAt + valueLength))
    }
    at += length
  }
  return null
}

/** The last two bytes of each 512 are kept elsewhere, so that a torn write shows. */
function undoFixups(record: Buffer): void {
  const [listAt, count] = [record.readUInt16LE(4), record.readUInt16LE(6)]
  for (let index = 1; index < count; index += 1) {
    const [from, to] = [listAt + index * 2, index * 512 - 2]
    if (from + 2 > record.length || to + 2 > record.length) return
    record.copy(record, to, from, from + 2)
  }
}

/** Behind BitLocker stands an NTFS or FAT boot sector with another name in it; all else is encrypted. */
export function bitlockerOf(head: Buffer): FileSystemId | null {
  if (head.toString('latin1', 3, 11) !== '-FVE-FS-') return null
  return { kind: 'bitlocker', uuid: null, label: null, gaps: [], endByte: null }
}

/** Above 128 the byte is a negative power of two. */
function clusterSectors(code: number): number | null {
  if (code > 240) return 2 ** (256 - code)
  return isPowerOfTwo(code, 1, 128) ? code : null
}

function isPowerOfTwo(value: number, from: number, to: number): boolean {
  return value >= from && value <= to && Number.isInteger(Math.log2(value))
}

function serialOf(serial: number | null): string | null {
  if (serial === null || serial === 0) return null
  const hex = serial.toString(16).toUpperCase().padStart(8, '0')
  return `${hex.slice(0, 4)}-${hex.slice(4)}`
}

/** A label that can't be read is no reason not to know the volume. */
async function attempt<T>(read: () => Promise<T | null>): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ShoukouError) return null
    throw error
  }
}
