/**
 * What a new password of a console account must be: one rule for the console, which decides, and for the page, which
 * shows it as one types. Pure, and without Node.
 *
 * The unit's rules ask for ten characters in one place, and for capital and small letters, digits and special characters
 * in another: the strictest of both, all at once.
 */
export const PASSWORD_DEMANDS = ['length', 'upper', 'lower', 'digit', 'special', 'name', 'different'] as const
export type PasswordDemand = (typeof PASSWORD_DEMANDS)[number]

export interface PasswordAsked {
  /** Of the account: a password that holds it is refused. */
  readonly name: string
  /** Empty where it is not known. */
  readonly current: string
  readonly charactersMin: number
}

/** Returns what a password lacks, in the order of the rule; empty where it may be used. */
export function missingPasswordDemands(next: string, asked: PasswordAsked): PasswordDemand[] {
  return PASSWORD_DEMANDS.filter((demand) => !isMet(demand, next, asked))
}

function isMet(
  demand: PasswordDemand,
  next: string,
  { name, current, charactersMin }: PasswordAsked,
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
    case 'different':
      // NFC: one password typed on two keyboards is the same password.
      return next !== '' && next.normalize('NFC') !== current.normalize('NFC')
  }
}
