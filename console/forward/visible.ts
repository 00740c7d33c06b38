/**
 * Text on its way to a program that is not ours: no control character, no mark of direction, no invisible one reaches
 * it as itself. Pure.
 */
import { showRawText } from '@shoukou/protocol'

/** Returns one line: what is hidden is shown as `\u{…}`, isolates that our own sentences put around names become quotes. */
export function visible(text: string): string {
  let shown = ''
  for (const char of text) {
    if (char === '\u2068') shown += '“'
    else if (char === '\u2069') shown += '”'
    else shown += char === '\\' ? char : showRawText(char)
  }
  return shown
}

/** What JSON leaves as it is and a terminal or a log reader obeys; lone surrogates JSON escapes by itself. */
const obeyed =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be found
  /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g

/** Returns JSON on one line that reads back to the same value, and in which nothing invisible stands as itself. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(obeyed, (found) =>
    [...Array(found.length).keys()]
      .map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

/** Returns text cut to so many bytes of UTF-8, between characters, with an ellipsis where something is left out. */
export function cutToBytes(text: string, bytesMax: number): string {
  if (Buffer.byteLength(text) <= bytesMax) return text
  let bytes = 3
  let kept = ''
  for (const char of text) {
    bytes += Buffer.byteLength(char)
    if (bytes > bytesMax) break
    kept += char
  }
  return `${kept}…`
}
