/**
 * What keeps a cell from being a formula in whatever opens the file (CWE-1236): an apostrophe before it, as a person would type
 * it. Pure. Import takes it off again: `cells.ts`.
 *
 * Full-width signs are among them: programs of a Chinese or Japanese system read them as the plain ones.
 *
 * Apostrophes that stand before such a character already get one more, so that what comes back is what was there.
 */
export function quoted(text: string): string {
  return asFormula.test(text) ? `'${text}` : text
}

/** Takes off the apostrophe that `quoted` put there. */
export function unquoted(text: string): string {
  return text.startsWith("'") && asFormula.test(text) ? text.slice(1) : text
}

const asFormula = /^'*[=+\-@＝＋－＠\t\r\n]/u
