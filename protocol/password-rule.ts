/**
 * What a new password of a console account must be: one rule for the console, which decides, and for the page, which
 * shows it as one types. Pure, and without Node.
 *
 * The unit's rules ask for ten characters in one place, and for capital and small letters, digits and special characters
 * in another: the strictest of both, all at once. Beyond that, nothing that everybody tries first, and no word that tells
 * of this unit.
 */
import { holdsWord, isCommonPassword } from './common-passwords.ts'

export const PASSWORD_DEMANDS = [
  'length',
  'upper',
  'lower',
  'digit',
  'special',
  'name',
  'word',
  'common',
  'different',
] as const
export type PasswordDemand = (typeof PASSWORD_DEMANDS)[number]

export interface PasswordAsked {
  /** Of the account: a password that holds it is refused. */
  readonly name: string
  /** Empty where it is not known. */
  readonly current: string
  readonly charactersMin: number
  /** Of the unit and of the product: a password that holds one is refused. */
  readonly words: readonly string[]
}

/** Returns what a password lacks, in the order of the rule; empty where it may be used. */
export function missingPasswordDemands(next: string, asked: PasswordAsked): PasswordDemand[] {
  return PASSWORD_DEMANDS.filter((demand) => !isMet(demand, next, asked))
}

function isMet(
  demand: PasswordDemand,
  next: string,
  { name, current, charactersMin, words }: PasswordAsked,
): boolean {
  switch (demand) {
    case 'length':
      // Characters, not halves of them.
      return Array.from(next).length >= charactersMin
    case 'upper':
      return /\p{Lu}/u.test(next)
    case 'lower':
      return /\p{Ll}/u.test(next)
    case 'digit':
      return /\p{Nd}/u.test(next)
    case 'special':
      return /[^\p{L}\p{N}\s]/u.test(next)
    case 'name':
      return next !== '' && !next.toLowerCase().includes(name.toLowerCase())
    case 'word':
      return next !== '' && !words.some((word) => holdsWord(next, word))
    case 'common':
      return next !== '' && !isCommonPassword(next)
    case 'different':
      // NFC: one password typed on two keyboards is the same password.
      return next !== '' && next.normalize('NFC') !== current.normalize('NFC')
  }
}
