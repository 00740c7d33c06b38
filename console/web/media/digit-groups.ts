/** Digits that people read to each other: only digits, in groups of four. Pure. */

/** Returns the digits alone; those that an input method typed in full width are digits too. */
export function digitsOf(text: string): string {
  return text.normalize('NFKC').replaceAll(/\D/g, '')
}

/** Returns `1234 5678 9012`. */
export function groupDigits(digits: string): string {
  return digits.replaceAll(/(\d{4})(?=\d)/g, '$1 ')
}
