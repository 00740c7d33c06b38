/**
 * /proc/[pid]/mountinfo to values (proc_pid_mountinfo(5)). Pure.
 *
 * Paths are bytes: the kernel writes space, tab, line feed and backslash as octal escapes and everything else as is,
 * so a name in any encoding comes back as it was.
 */
export interface MountInfo {
  readonly id: number
  readonly parentId: number
  /** `major:minor`; major 0 where no block device stands behind it, or where the file system hides it (btrfs). */
  readonly number: string
  /** The folder within the file system that is mounted: `/` but for bind mounts and subvolumes. */
  readonly root: Buffer
  readonly target: Buffer
  readonly options: Buffer
  readonly fileSystem: Buffer
  readonly source: Buffer
}

export interface ParsedMounts {
  readonly mounts: readonly MountInfo[]
  /** Lines that were not what they should be; left out. */
  readonly faults: number
}

const newline = 0x0a
const space = 0x20
const backslash = 0x5c

export function parseMountinfo(bytes: Uint8Array): ParsedMounts {
  const mounts: MountInfo[] = []
  let faults = 0
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (const line of splitAt(all, newline)) {
    if (line.length === 0) continue
    const mount = parseLine(line)
    if (mount === null) faults += 1
    else mounts.push(mount)
  }
  return { mounts, faults }
}

/** Turns `\040` and its like back into the byte that it stands for. */
export function decodeOctalEscapes(bytes: Buffer): Buffer {
  if (!bytes.includes(backslash)) return Buffer.from(bytes)
  const out: number[] = []
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    const digits = byte === backslash ? bytes.toString('latin1', at + 1, at + 4) : ''
    if (/^[0-3][0-7]{2}$/.test(digits)) {
      out.push(Number.parseInt(digits, 8))
      at += 3
    } else out.push(byte)
  }
  return Buffer.from(out)
}

function parseLine(line: Buffer): MountInfo | null {
  const fields = splitAt(line, space)
  // Between the sixth field and a lone `-` stands any number of optional fields.
  const dash = fields.findIndex((field, index) => index >= 6 && field.length === 1 && field[0] === 0x2d)
  const [id, parentId, number, root, target, options] = fields
  const fileSystem = fields[dash + 1]
  const source = fields[dash + 2]
  if (dash < 0 || !id || !parentId || !number || !root || !target || !options || !fileSystem || !source)
    return null
  const numberText = number.toString('latin1')
  const numericId = Number(id.toString('latin1'))
  const numericParent = Number(parentId.toString('latin1'))
  if (!/^\d{1,10}:\d{1,10}$/.test(numberText)) return null
  if (!Number.isSafeInteger(numericId) || !Number.isSafeInteger(numericParent)) return null
  return {
    id: numericId,
    parentId: numericParent,
    number: numberText,
    root: decodeOctalEscapes(root),
    target: decodeOctalEscapes(target),
    options: decodeOctalEscapes(options),
    fileSystem: decodeOctalEscapes(fileSystem),
    source: decodeOctalEscapes(source),
  }
}

function splitAt(bytes: Buffer, separator: number): Buffer[] {
  const parts: Buffer[] = []
  let start = 0
  for (let end = bytes.indexOf(separator); end >= 0; end = bytes.indexOf(separator, start)) {
    parts.push(bytes.subarray(start, end))
    start = end + 1
  }
  parts.push(bytes.subarray(start))
  return parts
}
