/**
 * The few SCSI commands of an examination (SPC-4, SBC-3): bytes out, answers in. Pure; an answer that is short or can't be
 * is null, never a guess.
 */
import { type Passport, type RawText, rawTextOf } from '@shoukou/protocol'

/** 36 and no more: old sticks hang when asked for another length. */
export const INQUIRY_BYTES = 36
export const VPD_BYTES = 252
export const SENSE_BYTES = 18
export const CAPACITY_10_BYTES = 8
export const CAPACITY_16_BYTES = 32

export function inquiryCommand(page: number | null = null): Buffer {
  return page === null
    ? Buffer.from([0x12, 0, 0, 0, INQUIRY_BYTES, 0])
    : Buffer.from([0x12, 1, page, 0, VPD_BYTES, 0])
}

export function testUnitReadyCommand(): Buffer {
  return Buffer.alloc(6)
}

export function requestSenseCommand(): Buffer {
  return Buffer.from([0x03, 0, 0, 0, SENSE_BYTES, 0])
}

export function readCapacity10Command(): Buffer {
  return Buffer.from([0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

export function readCapacity16Command(): Buffer {
  const command = Buffer.alloc(16)
  command[0] = 0x9e
  command[1] = 0x10
  command.writeUInt32BE(CAPACITY_16_BYTES, 10)
  return command
}

export function synchronizeCacheCommand(): Buffer {
  return Buffer.from([0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

/** READ(10) and WRITE(10) where they reach, the form of 16 bytes beyond: many devices know the short one alone. */
export function transferCommand(direction: 'read' | 'write', block: number, count: number): Buffer {
  if (block + count <= 0xffff_ffff && count <= 0xffff) {
    const command = Buffer.alloc(10)
    command[0] = direction === 'read' ? 0x28 : 0x2a
    command.writeUInt32BE(block, 2)
    command.writeUInt16BE(count, 7)
    return command
  }
  const command = Buffer.alloc(16)
  command[0] = direction === 'read' ? 0x88 : 0x8a
  command.writeBigUInt64BE(BigInt(block), 2)
  command.writeUInt32BE(count, 10)
  return command
}

export interface Inquiry {
  /** SPC-4 §6.6.2: 0 disk, 5 optical, 7 optical memory, 1 tape. */
  readonly peripheralType: number
  /** 5 is SPC-3: from there on a device is asked for further pages; older ones hang on them. */
  readonly version: number
  readonly isRemovable: boolean
  readonly texts: NonNullable<Passport['inquiry']>
}

export function parseInquiry(bytes: Buffer): Inquiry | null {
  if (bytes.length < INQUIRY_BYTES) return null
  const qualifier = (bytes[0] ?? 0) >> 5
  // 3: no such logical unit.
  if (qualifier === 3) return null
  const text = (from: number, to: number) => rawTextOf(trimPadding(bytes.subarray(from, to)))
  return {
    peripheralType: (bytes[0] ?? 0) & 0x1f,
    version: bytes[2] ?? 0,
    isRemovable: ((bytes[1] ?? 0) & 0x80) !== 0,
    texts: { vendor: text(8, 16), product: text(16, 32), revision: text(32, 36) },
  }
}

/** Returns the pages that page 00h lists; empty where it is none. */
export function parsePageList(bytes: Buffer): ReadonlySet<number> {
  return new Set(pageBody(bytes, 0x00) ?? [])
}

/** Unit serial number, page 80h (SPC-4 §7.8.15). */
export function parseUnitSerial(bytes: Buffer): RawText | null {
  const serial = trimPadding(pageBody(bytes, 0x80) ?? Buffer.alloc(0))
  return serial.length === 0 ? null : rawTextOf(serial)
}

/**
 * Device identification, page 83h (SPC-4 §7.8.6): the best designator of the logical unit, written as Linux writes it in
 * `wwid`: `naa.…`, `eui.…`, `t10.…`, or the SCSI name as it is.
 */
export function parseDesignator(bytes: Buffer): RawText | null {
  const body = pageBody(bytes, 0x83)
  if (body === null) return null
  let best: { readonly rank: number; readonly text: RawText } | null = null
  // A designator has four bytes at least, so that this ends.
  for (let at = 0; at + 4 <= body.length; ) {
    const length = body[at + 3] ?? 0
    const value = body.subarray(at + 4, at + 4 + length)
    const isOfUnit = (((body[at + 1] ?? 0) >> 4) & 0x03) === 0
    const found =
      isOfUnit && value.length === length && length > 0
        ? designatorOf((body[at + 1] ?? 0) & 0x0f, value)
        : null
    if (found !== null && (best === null || found.rank > best.rank)) best = found
    at += 4 + length
  }
  return best?.text ?? null
}

function designatorOf(type: number, value: Buffer): { rank: number; text: RawText } | null {
  if (/^0*$/.test(value.toString('hex'))) return null
  if (type === 3) return { rank: 3 + value.length, text: `naa.${value.toString('hex')}` }
  if (type === 2) return { rank: 2 + value.length / 100, text: `eui.${value.toString('hex')}` }
  if (type === 8) return { rank: 2, text: rawTextOf(trimPadding(value)) }
  if (type === 1)
    return { rank: 1, text: rawTextOf(Buffer.concat([Buffer.from('t10.'), trimPadding(value)])) }
  return null
}

/** Returns what a page holds: as much as it claims and there is; null where it is another page. */
function pageBody(bytes: Buffer, page: number): Buffer | null {
  if (bytes.length < 4 || bytes[1] !== page) return null
  return bytes.subarray(4, 4 + bytes.readUInt16BE(2))
}

export interface Capacity {
  /** Number of the last block, not of blocks. */
  readonly lastBlock: number
  readonly blockBytes: number
}

/** READ CAPACITY (10): `lastBlock` of 4,294,967,295 means "ask for the long one". */
export function parseCapacity10(bytes: Buffer): Capacity | null {
  if (bytes.length < CAPACITY_10_BYTES) return null
  return { lastBlock: bytes.readUInt32BE(0), blockBytes: bytes.readUInt32BE(4) }
}

export function parseCapacity16(bytes: Buffer): Capacity | null {
  if (bytes.length < 12) return null
  return { lastBlock: Number(bytes.readBigUInt64BE(0)), blockBytes: bytes.readUInt32BE(8) }
}

export interface Sense {
  /** SPC-4 §4.5.6: 2 not ready, 5 illegal request, 6 unit attention, 7 data protect. */
  readonly key: number
  readonly code: number
  readonly qualifier: number
}

/** Fixed and descriptor format (SPC-4 §4.5). */
export function parseSense(bytes: Buffer): Sense | null {
  const form = (bytes[0] ?? 0) & 0x7f
  if ((form === 0x70 || form === 0x71) && bytes.length >= 14) {
    return { key: (bytes[2] ?? 0) & 0x0f, code: bytes[12] ?? 0, qualifier: bytes[13] ?? 0 }
  }
  if ((form === 0x72 || form === 0x73) && bytes.length >= 4) {
    return { key: (bytes[1] ?? 0) & 0x0f, code: bytes[2] ?? 0, qualifier: bytes[3] ?? 0 }
  }
  return null
}

/** Takes off the spaces and zeros that fixed-width fields are filled up with. */
export function trimPadding(bytes: Buffer): Buffer {
  let [start, end] = [0, bytes.length]
  while (start < end && (bytes[start] === 0x20 || bytes[start] === 0)) start += 1
  while (end > start && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0)) end -= 1
  return bytes.subarray(start, end)
}
