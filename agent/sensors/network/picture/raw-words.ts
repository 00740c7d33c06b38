/** Puts words of ours and texts that others chose into one text, byte by byte: nothing is lost or repaired. Pure. */
import { bytesOfRawText, LIMITS, type RawText, rawTextOf } from '@shoukou/protocol'

/** Returns the parts in a row; cut at the length that one text may have. */
export function joinRaw(...parts: readonly RawText[]): RawText {
  if (parts.every((part) => typeof part === 'string')) {
    const text = parts.join('')
    if (text.length * 3 <= LIMITS.textBytesMax) return text
  }
  const bytes = Buffer.concat(parts.map((part) => bytesOfRawText(part)))
  return rawTextOf(bytes.subarray(0, LIMITS.textBytesMax))
}

/** Returns what stands in latin1 text, one character for each byte. */
export function rawOfLatin1(text: string): RawText {
  return rawTextOf(Buffer.from(text, 'latin1').subarray(0, LIMITS.textBytesMax))
}
