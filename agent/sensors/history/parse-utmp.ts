/**
 * The binary records of wtmp: who came in from another computer (utmp(5)). Pure, never throws.
 *
 * Two layouts: 384 bytes with 32-bit times (x86-64, and all that keep to it), and 400 bytes with 64-bit session and times
 * (arm64, riscv64, loong64 with glibc).
 */
import type { FoundTrace } from './found-trace.ts'

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
const USER_PROCESS = 7
const DEAD_PROCESS = 8
const BOOT_TIME = 2
const typeMax = 9
const lineOffset = 8
const userOffset = 44
const hostOffset = 76
const checkedMax = 32

interface OpenLogin {
  readonly trace: FoundTrace
  readonly beganMs: number
}

/** Returns the logins with a host that is not this computer's own screen; null where the bytes are no utmp records. */
export function parseUtmp(bytes: Buffer): FoundTrace[] | null {
  if (bytes.length === 0) return []
  const layout = LAYOUTS.find((one) => fits(bytes, one))
  if (layout === undefined) return null
  const found: FoundTrace[] = []
  const open = new Map<string, OpenLogin>()
  const close = (line: string, endMs: number | null): void => {
    const login = open.get(line)
    if (login === undefined) return
    open.delete(line)
    found.push(endMs === null ? login.trace : { ...login.trace, lastWallMs: Math.max(login.beganMs, endMs) })
  }
  for (let at = 0; at + layout.size <= bytes.length; at += layout.size) {
    const type = bytes.readInt16LE(at)
    const line = textAt(bytes, at + lineOffset, 32)
    const timeMs = secondsAt(bytes, at, layout) * 1_000
    if (type === BOOT_TIME) for (const other of [...open.keys()]) close(other, null)
    if (type === DEAD_PROCESS) close(line, timeMs)
    if (type !== USER_PROCESS) continue
    close(line, null)
    const trace = loginOf(bytes, at, layout, timeMs)
    if (trace !== null) open.set(line, { trace, beganMs: timeMs })
  }
  for (const line of [...open.keys()]) close(line, null)
  return found
}

function loginOf(bytes: Buffer, at: number, layout: Layout, timeMs: number): FoundTrace | null {
  const host = textAt(bytes, at + hostOffset, 256)
  const address = addressAt(bytes, at + layout.address)
  // `:0` is a screen of this computer, `tmux(…)` and `via mosh` a terminal within it.
  const isOwnScreen = host === '' || /^:\d|^login screen$|^tmux\(|^screen/.test(host)
  if (isOwnScreen && address === null) return null
  const user = textAt(bytes, at + userOffset, 32)
  const line = textAt(bytes, at + lineOffset, 32)
  return {
    kind: 'remote-login',
    text: `${user} on ${line} from ${host === '' ? address : host}`,
    peer: address ?? host,
    firstWallMs: timeMs,
    lastWallMs: timeMs,
    certainty: 'certain',
  }
}

/** A layout fits where the first records all have a type and a time that a record can have. */
function fits(bytes: Buffer, layout: Layout): boolean {
  if (bytes.length < layout.size) return false
  const count = Math.min(checkedMax, Math.floor(bytes.length / layout.size))
  for (let index = 0; index < count; index += 1) {
    const at = index * layout.size
    const type = bytes.readInt16LE(at)
    const seconds = secondsAt(bytes, at, layout)
    if (type < 0 || type > typeMax || bytes.readInt16LE(at + 2) !== 0) return false
    // An empty record (type 0) may have no time.
    if (type !== 0 && (seconds < 86_400 || seconds > 0xffff_ffff)) return false
  }
  return bytes.length % layout.size === 0 || count >= 2
}

function secondsAt(bytes: Buffer, at: number, layout: Layout): number {
  const offset = at + layout.seconds
  return layout.isWide ? Number(bytes.readBigInt64LE(offset)) : bytes.readUInt32LE(offset)
}

function textAt(bytes: Buffer, at: number, length: number): string {
  return (
    bytes
      .subarray(at, at + length)
      .toString('latin1')
      .split('\0', 1)[0] ?? ''
  )
}

/** IPv4 in the first word, all four for IPv6; null where it is zero. */
function addressAt(bytes: Buffer, at: number): string | null {
  const raw = bytes.subarray(at, at + 16)
  if (raw.every((byte) => byte === 0)) return null
  if (raw.subarray(4).every((byte) => byte === 0)) return raw.subarray(0, 4).join('.')
  const groups = Array.from({ length: 8 }, (_, index) => raw.readUInt16BE(index * 2).toString(16))
  return groups.join(':')
}
