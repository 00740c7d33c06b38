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

/** Whole groups, padded: what every decoder takes alike. A looser pattern would let a peer's text throw at the reader. */
export const BASE64_PATTERN = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'

export const RawTextSchema = Type.Union([
  Type.String({ maxLength: LIMITS.textBytesMax }),
  Type.Object(
    { b64: Type.String({ maxLength: base64LengthMax, pattern: BASE64_PATTERN }) },
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

/**
 * Returns the very bytes that were observed. A string that is not well-formed (a peer's escape `\ud800`; no sensor
 * makes one) comes as its WTF-8 bytes: encoding it as UTF-8 would put U+FFFD in its place.
 */
export function bytesOfRawText(text: RawText): Uint8Array {
  if (typeof text !== 'string') return bytesOfBase64(text.b64)
  return text.isWellFormed() ? encoder.encode(text) : wtf8Of(text)
}

/**
 * Returns one string that is equal for equal bytes, however a peer chose to write them: to compare, to key a map; not
 * to show.
 */
export function rawTextKey(text: RawText): string {
  if (typeof text === 'string' && text.isWellFormed()) return `s:${text}`
  const canonical = rawTextOf(bytesOfRawText(text))
  return typeof canonical === 'string' ? `s:${canonical}` : `b:${canonical.b64}`
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
  const length =
    first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  if (length === 0 || at + length > bytes.length) return 0
  try {
    strictUtf8.decode(bytes.subarray(at, at + length))
    return length
  } catch {
    return 0
  }
}

/** UTF-8, and three bytes for each lone surrogate (the WTF-8 encoding, §4). */
function wtf8Of(text: string): Uint8Array {
  const bytes: number[] = []
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (code >= 0xd800 && code <= 0xdfff) bytes.push(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    else for (const byte of encoder.encode(char)) bytes.push(byte)
  }
  return Uint8Array.from(bytes)
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
