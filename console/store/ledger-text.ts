/**
 * How a register is searched and ordered: pairs of characters that stand beside each other, so that any part of a name is found
 * by an index, Chinese without spaces as well; and numbers in the order in which people count. Pure.
 */

const codeDigits = 4
/** What one entry is found by at most, and what is looked for at most. */
const indexedCharactersMax = 1_000
const askedCharactersMax = 100
const countDigits = 15

/** Returns a number as it is compared: full-width characters are the plain ones, upper and lower case alike. */
export function plainLedgerNumber(number: string): string {
  return number.normalize('NFKC').trim().toLowerCase()
}

/** Returns what a number is ordered by: `JM-2` before `JM-10`. */
export function numberOrder(number: string): string {
  return plainLedgerNumber(number).replaceAll(/\d{1,15}/g, (digits) => digits.padStart(countDigits, '0'))
}

/** Returns the pairs of a text, as the index keeps them. */
export function gramsOf(text: string): string {
  const characters = codesOf(text.slice(0, indexedCharactersMax))
  return characters.map((code, at) => `${code}${characters[at + 1] ?? ''}`).join(' ')
}

/** Returns what the index is asked for; null where nothing is left of it. */
export function gramsAsked(text: string): string | null {
  const characters = codesOf(text.slice(0, askedCharactersMax))
  const [first] = characters
  if (first === undefined) return null
  // One character: every pair that begins with it, and the last of a text, which stands alone.
  if (characters.length === 1) return `"${first}" *`
  const pairs = characters.slice(0, -1).map((code, at) => `${code}${characters[at + 1] ?? ''}`)
  return `"${pairs.join(' ')}"`
}

/** Letters and digits of a fixed width: whatever a text has in it is no operator of the index. */
function codesOf(text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
  return Array.from(plain, (character) =>
    (character.codePointAt(0) ?? 0).toString(36).padStart(codeDigits, '0'),
  )
}
