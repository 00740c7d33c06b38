/**
 * Text that a device, a file system or a network chose: hostile by assumption, and not always text.
 *
 * Bytes that are valid UTF-8 travel as a string, unchanged, control characters included; anything else travels as
 * its bytes in base64, so that nothing is lost or repaired on the way. Showing is `showRawText`, and only that.
 */
import { Type } from 'typebox'
import { LIMITS } from './limits.ts'

export type RawText = string | { readonly b64: string }

const base64LengthMax = Math.ceil(LIMITS.textBytesMax / 3) * 4

export const RawTextSchema = Type.Union([
  Type.String({ maxLength: LIMITS.textBytesMax }),
  Type.Object(
    { b64: Type.String({ maxLength: base64LengthMax, pattern: '^[A-Za-z0-9+/]*={0,2}$' }) },
    { additionalProperties: false },
  ),
])

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lossyUtf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

/** Keeps bytes as they are: a string where they are valid UTF-8, base64 where they are not. */
export function rawTextOf(bytes: Uint8Array): RawText {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return { b64: base64Of(bytes) }
  }
}

/** Returns the very bytes that were observed. */
export function bytesOfRawText(text: RawText): Uint8Array {
  return typeof text === 'string' ? encoder.encode(text) : bytesOfBase64(text.b64)
}

/** Returns one string that is equal for equal bytes: to compare, to key a map; not to show. */
export function rawTextKey(text: RawText): string {
  return typeof text === 'string' ? `s:${text}` : `b:${text.b64}`
}

/**
 * Returns text that is safe to print on a terminal, in a log or on a page: controls (C0, DEL, C1), line and paragraph
 * separators, every bidirectional mark and every invalid byte appear as `\u{…}` or `\x…`, a backslash as `\\`.
 */
export function showRawText(text: RawText): string {
  if (typeof text !== 'string') return showInvalid(bytesOfBase64(text.b64))
  let shown = ''
  for (const char of text) shown += showChar(char)
  return shown
}

function showChar(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (char === '\\') return '\\\\'
  if (isHidden(code)) return `\\u{${code.toString(16).padStart(4, '0')}}`
  return char
}

/** Unicode 16, Bidi_Control, Cc, Zl, Zp, the zero-width and tag characters, and lone surrogates. */
function isHidden(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0xad ||
    code === 0x61c ||
    code === 0x180e ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code === 0xfeff ||
    (code >= 0xfff9 && code <= 0xfffb) ||
    (code >= 0xe0000 && code <= 0xe007f)
  )
}

function showInvalid(bytes: Uint8Array): string {
  let shown = ''
  let at = 0
  while (at < bytes.length) {
    const length = validSequenceLength(bytes, at)
    if (length === 0) {
      shown += `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`
      at += 1
    } else {
      for (const char of lossyUtf8.decode(bytes.subarray(at, at + length))) shown += showChar(char)
      at += length
    }
  }
  return shown
}

function validSequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length === 0 || at + length > bytes.length) return 0
  try {
    strictUtf8.decode(bytes.subarray(at, at + length))
    return length
  } catch {
    return 0
  }
}

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  }
  return btoa(binary)
}

function bytesOfBase64(b64: string): Uint8Array {
  return Uint8Array.from(atob(b64), (char) => char.charCodeAt(0))
}
