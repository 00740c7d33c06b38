/** Hostile text cut into what is plain and what is hidden, so that a page can mark the hidden: pure. */
import { bytesOfRawText, type RawText, showRawText } from '@shoukou/protocol/raw-text.ts'

export interface RawSegment {
  readonly text: string
  /** Stands for something that a reader would not have seen: a control, a bidirectional mark, an invalid byte. */
  readonly isEscape: boolean
}

const escapePattern = /\\u\{[0-9a-f]+\}|\\x[0-9a-f]{2}|\\\\/g

/** Cuts text that a device, a file or a network named; the parts joined are `showRawText`. */
export function rawSegments(text: RawText): RawSegment[] {
  const shown = showRawText(text)
  const segments: RawSegment[] = []
  let plainFrom = 0
  for (const match of shown.matchAll(escapePattern)) {
    // A doubled backslash is only a backslash: nothing hidden.
    if (match[0] === '\\\\') continue
    if (match.index > plainFrom) segments.push({ text: shown.slice(plainFrom, match.index), isEscape: false })
    segments.push({ text: match[0], isEscape: true })
    plainFrom = match.index + match[0].length
  }
  if (plainFrom < shown.length) segments.push({ text: shown.slice(plainFrom), isEscape: false })
  return segments
}

/** Cuts a record's own text (JSON): its backslashes stand as they are, only what is hidden is made visible. */
export function documentSegments(document: string): RawSegment[] {
  const segments: RawSegment[] = []
  let plain = ''
  for (const char of document) {
    const shown = char === '\\' ? char : showRawText(char)
    if (shown === char) {
      plain += char
      continue
    }
    if (plain !== '') segments.push({ text: plain, isEscape: false })
    plain = ''
    segments.push({ text: shown, isEscape: true })
  }
  if (plain !== '') segments.push({ text: plain, isEscape: false })
  return segments
}

/** Returns the number of bytes that were observed. */
export function rawLength(text: RawText): number {
  return bytesOfRawText(text).length
}

/** Reports whether a text can stand in an input as it is: an input would repair or hide anything else. */
export function isTypeable(text: RawText): text is string {
  return typeof text === 'string' && rawSegments(text).every((segment) => !segment.isEscape)
}
