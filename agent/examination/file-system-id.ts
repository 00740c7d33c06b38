/**
 * Which file system stands on a stretch of a medium: kind, serial and label, in the form that `blkid` prints. Pure over
 * a reader; never mounts, never follows anything deeper than a label.
 */
import type { BoundedReader } from './block-source.ts'
import { btrfsOf, ext2Of, f2fsOf, luksOf, xfsOf } from './identify-linux.ts'
import { identifyOptical } from './identify-optical.ts'
import { bitlockerOf, exfatOf, fatOf, ntfsOf } from './identify-windows.ts'
import type { FileSystemId } from './volume-fields.ts'

/** Enough of a volume for everything but optical discs and btrfs. */
export const VOLUME_HEAD_BYTES = 4_096
const btrfsSuperblockByte = 65_536

/**
 * Identifies one volume; null where it is none that is known.
 *
 * @throws ShoukouError `medium-unreadable` where its beginning can't be read. A label that can't be is null.
 */
export async function identifyFileSystem(volume: BoundedReader): Promise<FileSystemId | null> {
  const size = volume.sizeBytes ?? Number.MAX_SAFE_INTEGER
  if (size < 1_024) return null
  const head = await readPart(volume, 0, VOLUME_HEAD_BYTES)
  const known =
    luksOf(head) ??
    xfsOf(head) ??
    bitlockerOf(head) ??
    (await ntfsOf(volume, head)) ??
    (await exfatOf(volume, head))
  if (known !== null) return known
  // ext before FAT: a FAT boot sector may be left in front of an ext superblock, never the other way.
  const ext = ext2Of(head, volume.blockBytes) ?? f2fsOf(head)
  if (ext !== null) return ext
  const fat = await fatOf(volume, head)
  if (fat !== null) return fat
  if (size >= btrfsSuperblockByte + 4_096) {
    const btrfs = btrfsOf(await readPart(volume, btrfsSuperblockByte, 1_024))
    if (btrfs !== null) return btrfs
  }
  return await identifyOptical(volume)
}

/** Reads up to `length` bytes, fewer at the end of the volume, filled up with zeros. */
async function readPart(volume: BoundedReader, offset: number, length: number): Promise<Buffer> {
  const available = Math.min(length, (volume.sizeBytes ?? Number.MAX_SAFE_INTEGER) - offset)
  const read = await volume.read(offset, available)
  return available === length ? read : Buffer.concat([read], length)
}
