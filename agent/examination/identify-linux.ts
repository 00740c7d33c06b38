/** Linux's own file systems and containers, by their superblocks. Pure; what comes in is the head of a volume. */
import { type FileSystemId, type Gap, labelOf, uuidOf, wideLabelOf } from './volume-fields.ts'

const bare = { gaps: [], endByte: null } as const
const EXT_SUPERBLOCK = 1_024
const F2FS_SUPERBLOCK = 1_024

/** Feature bits that ext3's driver knows; one more makes it an ext4 (Documentation/filesystems/ext4). */
const ext3RoCompat = 0x1 | 0x2 | 0x4
const ext3Incompat = 0x2 | 0x4 | 0x10
const hasJournal = 0x4
const isJournalDevice = 0x8
const has64Bit = 0x80

export function ext2Of(head: Buffer, blockBytes: number): FileSystemId | null {
  const at = EXT_SUPERBLOCK
  if (head.readUInt16LE(at + 56) !== 0xef53) return null
  const logBlock = head.readUInt32LE(at + 24)
  if (logBlock > 6) return null
  const [compat, incompat, roCompat] = [92, 96, 100].map((field) => head.readUInt32LE(at + field)) as [
    number,
    number,
    number,
  ]
  if ((incompat & isJournalDevice) !== 0) return null
  const isBeyondExt3 = (roCompat & ~ext3RoCompat) !== 0 || (incompat & ~ext3Incompat) !== 0
  const kind = isBeyondExt3 ? 'ext4' : (compat & hasJournal) === 0 ? 'ext2' : 'ext3'
  const blocks =
    head.readUInt32LE(at + 4) + ((incompat & has64Bit) === 0 ? 0 : head.readUInt32LE(at + 336) * 2 ** 32)
  // The boot block is the owner's of a boot loader; ext itself starts at byte 1,024, whatever its block size is.
  const gaps: Gap[] =
    blockBytes <= EXT_SUPERBLOCK ? [{ name: 'boot-block', startByte: 0, endByte: EXT_SUPERBLOCK }] : []
  const endByte = blocks * 2 ** (10 + logBlock)
  return {
    kind,
    uuid: uuidOf(head.subarray(at + 104, at + 120)),
    label: labelOf(head.subarray(at + 120, at + 136)),
    gaps,
    endByte: Number.isSafeInteger(endByte) ? endByte : null,
  }
}

export function f2fsOf(head: Buffer): FileSystemId | null {
  const at = F2FS_SUPERBLOCK
  if (head.readUInt32LE(at) !== 0xf2f52010) return null
  const uuid = uuidOf(head.subarray(at + 108, at + 124))
  return { kind: 'f2fs', uuid, label: wideLabelOf(head.subarray(at + 124, at + 124 + 1_024)), ...bare }
}

export function xfsOf(head: Buffer): FileSystemId | null {
  if (head.toString('latin1', 0, 4) !== 'XFSB') return null
  return {
    kind: 'xfs',
    uuid: uuidOf(head.subarray(32, 48)),
    label: labelOf(head.subarray(108, 120)),
    ...bare,
  }
}

/** `superblock` is what stands at byte 65,536. */
export function btrfsOf(superblock: Buffer): FileSystemId | null {
  if (superblock.toString('latin1', 64, 72) !== '_BHRfS_M') return null
  const uuid = uuidOf(superblock.subarray(32, 48))
  return { kind: 'btrfs', uuid, label: labelOf(superblock.subarray(299, 299 + 256)), ...bare }
}

/** LUKS1 and LUKS2 headers (LUKS2 On-Disk Format §2.1): a UUID as text, and in the second a label. */
export function luksOf(head: Buffer): FileSystemId | null {
  if (head.toString('latin1', 0, 6) !== 'LUKS\xba\xbe') return null
  const version = head.readUInt16BE(6)
  if (version !== 1 && version !== 2) return null
  const uuid = /^[0-9a-fA-F-]{1,40}/.exec(head.toString('latin1', 168, 208))?.[0] ?? null
  return { kind: 'crypto_luks', uuid, label: version === 2 ? labelOf(head.subarray(24, 72)) : null, ...bare }
}
