/**
 * What stands on a label, and what of a long text fits. Pure.
 *
 * The number is never cut: it takes a smaller size and then a second line. Other texts end in … where they are cut, and whoever
 * prints is told which.
 */
import type { Level } from '@shoukou/protocol/levels.ts'
import type { PrintKind } from './print-mark.ts'

export interface LabelContent {
  readonly kind: PrintKind
  readonly number: string
  readonly level: Level | null
  readonly custodian: string
  readonly department: string
  /** What it is: a computer's model, a carrier's name. */
  readonly name: string
}

/** A whole printing: what does not change from label to label stands once. */
export interface LabelJob {
  readonly size: string
  readonly start: number
  readonly unit: string
  readonly labels: readonly LabelContent[]
}

/** Returns how wide a text is, in widths of a Chinese character. */
export function widthOf(text: string): number {
  let width = 0
  for (const one of text)
    width +=
      /[\u00b7\u2014\u2018-\u201d\u2026\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{20000}-\u{3ffff}]/u.test(
        one,
      )
        ? 1
        : 0.6
  return width
}

export interface Fitted {
  readonly text: string
  readonly isCut: boolean
}

/** Returns as much of a text as fits into a width, with … where something is left out. */
export function fitText(text: string, widthMax: number): Fitted {
  const plain = text.replaceAll(/\s+/g, ' ').trim()
  if (widthOf(plain) <= widthMax) return { text: plain, isCut: false }
  let kept = ''
  for (const one of plain) {
    if (widthOf(kept + one) > widthMax - 1) break
    kept += one
  }
  return { text: `${kept.trimEnd()}…`, isCut: true }
}

/** Returns a text in lines of a width, as many as there may be; the last one ends in … where something is left out. */
export function wrapText(
  text: string,
  widthMax: number,
  linesMax: number,
): { readonly lines: readonly string[]; readonly isCut: boolean } {
  const plain = text.replaceAll(/\s+/g, ' ').trim()
  const lines: string[] = []
  let rest = plain
  while (rest !== '' && lines.length < linesMax - 1 && widthOf(rest) > widthMax) {
    const line = lineOf(rest, widthMax)
    lines.push(line.trimEnd())
    rest = rest.slice(line.length).trimStart()
  }
  const last = fitText(rest, widthMax)
  return { lines: last.text === '' ? lines : [...lines, last.text], isCut: last.isCut }
}

/** The beginning that fits: up to a space where one is near, else in the middle of what has none. */
function lineOf(text: string, widthMax: number): string {
  let kept = ''
  for (const one of text) {
    if (widthOf(kept + one) > widthMax && kept !== '') break
    kept += one
  }
  const space = kept.lastIndexOf(' ')
  return space > kept.length / 2 ? kept.slice(0, space) : kept
}

/** In points, and how many Chinese characters of that size stand in one line of the label's text. */
export interface LabelType {
  readonly numberPt: number
  readonly textPt: number
  readonly textMm: number
}

const mmPerPt = 25.4 / 72

/** Returns how many widths of a Chinese character a line holds. */
export function lineWidth({ textMm }: Pick<LabelType, 'textMm'>, pt: number): number {
  return textMm / (pt * mmPerPt)
}

/** Returns the size of the number's letters and its lines: smaller first, then two lines, never less than the number. */
export function fitNumber(
  number: string,
  type: LabelType,
): { readonly pt: number; readonly lines: readonly string[] } {
  const least = type.textPt
  for (let pt = type.numberPt; pt >= least; pt -= 0.5)
    if (widthOf(number) <= lineWidth(type, pt)) return { pt, lines: [number] }
  const perLine = Math.max(1, Math.floor(lineWidth(type, least) / 0.62))
  const letters = Array.from(number)
  const lines: string[] = []
  for (let at = 0; at < letters.length; at += perLine) lines.push(letters.slice(at, at + perLine).join(''))
  return { pt: least, lines }
}
