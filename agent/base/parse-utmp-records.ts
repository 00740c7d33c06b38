/**
 * The binary records of utmp and wtmp (utmp(5)), one after another, as they stand. What they mean is for whoever reads them:
 * who is here now, or who came in long ago. Pure, never throws.
 *
 * Two layouts: 384 bytes with 32-bit times (x86-64, and all that keep to it), and 400 bytes with 64-bit session and times
 * (arm64, riscv64, loong64 with glibc).
 */
export const BOOT_TIME = 2
export const USER_PROCESS = 7
export const DEAD_PROCESS = 8

export interface UtmpRecord {
  readonly type: number
  readonly pid: number
  /** Terminal, account and other computer: bytes that somebody chose. */
  readonly line: Buffer
  readonly user: Buffer
  readonly host: Buffer
  /** The other computer's, in text; null where it has none. */
  readonly address: string | null
  /** Unix ms, by the computer's clock. */
  readonly wallMs: number
}

interface Layout {
  readonly size: number
  readonly seconds: number
  readonly address: number
  readonly isWide: boolean
}

const LAYOUTS: readonly Layout[] = [
  { size: 384, seconds: 340, address: 348, isWide: false },
  { size: 400, seconds: 344, address: 360, isWide: true },
]
const typeMax = 9
const pidOffset = 4
const lineOffset = 8
const userOffset = 44
const hostOffset = 76
const checkedMax = 32

/** Returns the records in their order; null where the bytes are of no known layout. An unfinished last one is left out. */
export function parseUtmpRecords(bytes: Buffer): Iterable<UtmpRecord> | null {
  if (bytes.length === 0) return []
  const layout = LAYOUTS.find((one) => fits(bytes, one))
  if (layout === undefined) return null
  return recordsIn(bytes, layout)
}

function* recordsIn(bytes: Buffer, layout: Layout): Generator<UtmpRecord> {
  for (let at = 0; at + layout.size <= bytes.length; at += layout.size) yield recordAt(bytes, at, layout)
}

function recordAt(bytes: Buffer, at: number, layout: Layout): UtmpRecord {
  return {
    type: bytes.readInt16LE(at),
    pid: bytes.readInt32LE(at + pidOffset),
    line: textAt(bytes, at + lineOffset, 32),
    user: textAt(bytes, at + userOffset, 32),
    host: textAt(bytes, at + hostOffset, 256),
    address: addressAt(bytes, at + layout.address),
    wallMs: wallMsAt(bytes, at + layout.seconds, layout),
  }
}

/** A layout fits where the first records all have a type and a time that a record can have. */
function fits(bytes: Buffer, layout: Layout): boolean {
  if (bytes.length < layout.size) return false
  const count = Math.min(checkedMax, Math.floor(bytes.length / layout.size))
  for (let index = 0; index < count; index += 1) {
    const at = index * layout.size
    const type = bytes.readInt16LE(at)
    const seconds = secondsAt(bytes, at + layout.seconds, layout)
    if (type < 0 || type > typeMax || bytes.readInt16LE(at + 2) !== 0) return false
    // An empty record (type 0) may have no time.
    if (type !== 0 && (seconds < 86_400 || seconds > 0xffff_ffff)) return false
  }
  return bytes.length % layout.size === 0 || count >= 2
}

function secondsAt(bytes: Buffer, at: number, { isWide }: Layout): number {
  return isWide ? Number(bytes.readBigInt64LE(at)) : bytes.readUInt32LE(at)
}

/** Beyond the records that were checked there may be anything: what no clock shows is 0. */
function wallMsAt(bytes: Buffer, at: number, layout: Layout): number {
  const seconds = secondsAt(bytes, at, layout)
  const micros = layout.isWide ? Number(bytes.readBigInt64LE(at + 8)) : bytes.readUInt32LE(at + 4)
  if (seconds < 0 || seconds > 0xffff_ffff) return 0
  return seconds * 1_000 + (micros >= 0 && micros < 1_000_000 ? Math.floor(micros / 1_000) : 0)
}

/** Up to the first NUL, or the whole field. */
function textAt(bytes: Buffer, at: number, length: number): Buffer {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return end < 0 ? field : field.subarray(0, end)
}

/** IPv4 in the first word, all four for IPv6; null where it is zero. */
function addressAt(bytes: Buffer, at: number): string | null {
  const raw = bytes.subarray(at, at + 16)
  if (raw.every((byte) => byte === 0)) return null
  if (raw.subarray(4).every((byte) => byte === 0)) return raw.subarray(0, 4).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => raw.readUInt16BE(index * 2).toString(16))
  return groups.join(':')
}

/** Reports whether a host names a screen or a terminal of this same computer: `:0`, `tmux(…)`, `login screen`. */
export function isOwnScreen(host: Buffer): boolean {
  return host.length === 0 || /^:\d|^:pts\/|^login screen$|^tmux\(|^screen/.test(host.toString('latin1'))
}
