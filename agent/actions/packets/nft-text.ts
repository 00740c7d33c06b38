/**
 * How values are written for nft(8), so that nothing hostile can be read as something else. Pure.
 *
 * Texts here are latin1: one character is one byte, because an interface's name is bytes.
 */
import { bytesOfRawText, formatPrefix, type Prefix, type RawText } from '@shoukou/protocol'
import type { Box } from './approved-boxes.ts'

/**
 * Writes an interface's index. nft takes a word there for a name first and for a number only where no interface has
 * that name, and one may be called `3`. No name has 16 characters or more (IFNAMSIZ), and a leading zero makes nft read
 * the digits as octal.
 */
export function indexText(index: number): string {
  return index.toString(8).padStart(18, '0')
}

/**
 * Writes a device's name in quotes; null where it can't be: nft knows no way to write a quotation mark, and a line
 * ends with its line feed.
 */
export function deviceText(name: RawText): string | null {
  const text = Buffer.from(bytesOfRawText(name)).toString('latin1')
  return text.length === 0 || text.length > 15 || /["\n\0]/.test(text) ? null : `"${text}"`
}

/** Writes a prefix; a single address without its length. */
export function prefixText(prefix: Prefix): string {
  const text = formatPrefix(prefix)
  return prefix.length === prefix.bytes.length * 8 ? text.slice(0, text.lastIndexOf('/')) : text
}

/** Writes a span of ports. */
export function portsText({ firstPort, lastPort }: Pick<Box, 'firstPort' | 'lastPort'>): string {
  return firstPort === lastPort ? String(firstPort) : `${firstPort}-${lastPort}`
}
