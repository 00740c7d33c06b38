/**
 * What keeps a cell from being a formula in whatever opens the file (CWE-1236): an apostrophe before it, as a person would type
 * it. Pure. Import takes it off again: `cells.ts`.
 *
 * Apostrophes that stand before such a character already get one more, so that what comes back is what was there.
 */
export function quoted(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text
}
