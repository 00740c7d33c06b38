/**
 * What the QR codes of labels and forms say, and how it is read back. Pure.
 *
 * `SK1:PC:S:JM-0001` on a label: kind, level's letter, number. `SK1:F:BD-2026-0001` on a form: its number. Nothing that is not
 * written beside the code in plain words, no address and no secret: whoever reads it with any scanner learns what the label says.
 */
import { LEVEL_NAMES, LEVELS, type Level } from '@shoukou/protocol/levels.ts'

/** What a label can be fixed to, and a form can be about. */
export const PRINT_KINDS = ['computers', 'machines', 'carriers', 'media'] as const
export type PrintKind = (typeof PRINT_KINDS)[number]

const codes: Readonly<Record<PrintKind, string>> = {
  computers: 'PC',
  machines: 'EQ',
  carriers: 'CR',
  media: 'MD',
}
const begin = 'SK1'
const textMax = 200

export type PrintMark =
  | { readonly of: 'entry'; readonly kind: PrintKind; readonly level: Level | null; readonly number: string }
  | { readonly of: 'form'; readonly number: string }

/** Returns the text of a label's code. */
export function labelMark(kind: PrintKind, level: Level | null, number: string): string {
  return [begin, codes[kind], level === null ? '-' : LEVEL_NAMES[level].tag, number].join(':')
}

/** Returns the text of a form's code. */
export function formMark(number: string): string {
  return [begin, 'F', number].join(':')
}

/** Reads what a scanner typed; null where it is none of ours. Full-width letters, which an input method types, are the plain ones. */
export function parseMark(text: string): PrintMark | null {
  const plain = text.normalize('NFKC').trim()
  const [first = '', code = '', ...rest] = plain.slice(0, textMax).split(':')
  if (plain.length > textMax || first.toUpperCase() !== begin) return null
  if (code.toUpperCase() === 'F') return rest[0] ? { of: 'form', number: rest.join(':') } : null
  const kind = PRINT_KINDS.find((one) => codes[one] === code.toUpperCase())
  const [tag = '', ...number] = rest
  const level = LEVELS.find((one) => LEVEL_NAMES[one].tag === tag.toUpperCase()) ?? null
  if (kind === undefined || !number[0] || (level === null && tag !== '-')) return null
  return { of: 'entry', kind, level, number: number.join(':') }
}
