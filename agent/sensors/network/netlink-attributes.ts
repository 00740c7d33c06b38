/** Netlink's attributes (`struct nlattr`) and the values in them: numbers, names, addresses. Pure, never throws. */
import type { IpFamily } from './net-messages.ts'

const AF_INET = 2
const AF_INET6 = 10

export type Attributes = ReadonlyMap<number, Buffer>

/**
 * Reads a run of attributes. Returns null where one of them lies about its length: what would come after it is not
 * known, and a message that is read by halves is worse than one that is counted as unreadable.
 */
export function readAttributes(bytes: Buffer, start: number): Attributes | null {
  const attributes = new Map<number, Buffer>()
  let at = start
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length) return null
    // The two highest bits are flags (nested, byte order).
    attributes.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length))
    at += align4(length)
  }
  return attributes
}

/** Returns a name up to its zero byte, in a copy of its own. */
export function textOf(bytes: Buffer | undefined): Buffer | null {
  if (bytes === undefined) return null
  const end = bytes.indexOf(0)
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end))
}

export function u32Of(bytes: Buffer | undefined): number | null {
  return bytes !== undefined && bytes.length >= 4 ? bytes.readUInt32LE(0) : null
}

/** Returns the index of an interface; null where there is none: the kernel writes 0 for that. */
export function indexOf(bytes: Buffer | undefined): number | null {
  const index = u32Of(bytes)
  return index === null || index === 0 || index > 0x7fff_ffff ? null : index
}

/** Returns a hardware address in pairs of digits; null where there is none, or one longer than any (MAX_ADDR_LEN). */
export function macOf(bytes: Buffer | undefined): string | null {
  if (bytes === undefined || bytes.length === 0 || bytes.length > 32) return null
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}

export function familyOf(code: number | undefined): IpFamily | null {
  if (code === AF_INET) return 'ipv4'
  return code === AF_INET6 ? 'ipv6' : null
}

/** Returns the length of the longest prefix of a family. */
export function bitsOf(family: IpFamily): number {
  return family === 'ipv4' ? 32 : 128
}

export function ipOf(family: IpFamily, bytes: Buffer): string | null {
  if (family === 'ipv4') return bytes.length < 4 ? null : [...bytes.subarray(0, 4)].join('.')
  return bytes.length < 16 ? null : ipv6Text(bytes)
}

/** Writes an IPv6 address as RFC 5952 has it: lower case, the longest run of two or more zero groups as `::`. */
export function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2))
  let [bestStart, bestLength] = [-1, 1]
  for (let start = 0; start < 8; start += 1) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length += 1
    if (length > bestLength) [bestStart, bestLength] = [start, length]
  }
  const hex = groups.map((group) => group.toString(16))
  if (bestStart < 0) return hex.join(':')
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`
}

export function align4(length: number): number {
  return (length + 3) & ~3
}
