/** What is told of a volume, and how its fields become text. Pure. */
import { type RawText, rawTextOf } from '@shoukou/protocol'

export interface FileSystemId {
  /** As the kernel calls it: `vfat`, `exfat`, `ntfs`, `ext4`, `iso9660` … */
  readonly kind: string
  readonly uuid: string | null
  readonly label: RawText | null
  /** Where a seal could stand inside, what the file system itself never uses; offsets from its own start. */
  readonly gaps: readonly Gap[]
  /** Where what it uses ends; null where that is not known. */
  readonly endByte: number | null
}

export interface Gap {
  readonly name: 'reserved-sectors' | 'alignment-gap' | 'boot-file-tail' | 'boot-block'
  readonly startByte: number
  readonly endByte: number
}

/** Returns a label without its padding; null where nothing is left. */
export function labelOf(bytes: Uint8Array): RawText | null {
  let end = bytes.indexOf(0)
  if (end === -1) end = bytes.length
  while (end > 0 && bytes[end - 1] === 0x20) end -= 1
  return end === 0 ? null : rawTextOf(bytes.subarray(0, end))
}

/** Returns a UTF-16 label; one that is not well-formed keeps its bytes. */
export function wideLabelOf(bytes: Buffer, order: 'le' | 'be' = 'le'): RawText | null {
  const units = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)))
  if (order === 'be') units.swap16()
  const text = units.toString('utf16le')
  const end = text.indexOf('\0')
  const label = (end === -1 ? text : text.slice(0, end)).replace(/ +$/, '')
  if (label === '') return null
  return label.isWellFormed() ? label : { b64: units.subarray(0, label.length * 2).toString('base64') }
}

/** Writes 16 bytes as a UUID; null where all are zero. */
export function uuidOf(bytes: Uint8Array): string | null {
  const hex = Buffer.from(bytes).toString('hex')
  if (!/[^0]/.test(hex)) return null
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
