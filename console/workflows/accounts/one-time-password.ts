/** One-time passwords: typed once from a paper or a terminal, then changed. */
import { randomInt } from 'node:crypto'

/** No look-alikes: 0 O o, 1 l I, 2 Z z, 5 S s, 8 B, u v, which a tired eye confuses. */
const alphabets = { upper: 'ACDEFGHJKLMNPQRTWXY', lower: 'abcdefghjkmnpqrtwxy', digit: '34679' } as const
const all = alphabets.upper + alphabets.lower + alphabets.digit
const groups = 4
const groupCharacters = 4

/**
 * Returns a password such as `Kd7m-9xWa-Qr4c-Te3h`: 16 characters drawn evenly from 43 with one of each class, which
 * leaves more than 86 bits, in groups whose hyphens are its special characters.
 */
export function makeOneTimePassword(draw: (below: number) => number = (below) => randomInt(below)): string {
  for (;;) {
    const drawn = Array.from({ length: groups * groupCharacters }, () => all[draw(all.length)] ?? '')
    // Drawn anew as a whole: setting single characters right would make some places easier to guess.
    if (Object.values(alphabets).every((alphabet) => drawn.some((one) => alphabet.includes(one))))
      return grouped(drawn)
  }
}

function grouped(characters: readonly string[]): string {
  const parts = Array.from({ length: groups }, (_, at) =>
    characters.slice(at * groupCharacters, (at + 1) * groupCharacters).join(''),
  )
  return parts.join('-')
}
