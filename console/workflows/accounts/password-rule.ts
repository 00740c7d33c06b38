/** Refuses a new password in words that name what it lacks. The rule itself is `@shoukou/protocol/password-rule.ts`. Pure. */
import { ShoukouError } from '@shoukou/protocol'
import { missingPasswordDemands, type PasswordDemand } from '@shoukou/protocol/password-rule.ts'
import { ACCOUNT_LIMITS } from './limits.ts'

export interface PasswordRule {
  readonly charactersMin: number
  /** Of the unit: see `password-words.ts`. */
  readonly words: readonly string[]
}

/**
 * Returns nothing where a password may be used by an account.
 *
 * @throws ShoukouError `password-too-weak`; the message names the part of the rule that is not met.
 */
export function assertPasswordRule(
  password: string,
  name: string,
  { charactersMin, words }: PasswordRule = DEFAULT_RULE,
): void {
  if (Array.from(password).length > ACCOUNT_LIMITS.passwordCharactersMax) {
    throw weak(`Use at most ${ACCOUNT_LIMITS.passwordCharactersMax} characters.`)
  }
  const [missing] = missingPasswordDemands(password, { name, current: '', charactersMin, words })
  if (missing !== undefined) throw weak(wordsOf(missing, charactersMin))
}

const DEFAULT_RULE: PasswordRule = { charactersMin: ACCOUNT_LIMITS.passwordCharactersMin, words: [] }

function wordsOf(missing: PasswordDemand, charactersMin: number): string {
  switch (missing) {
    case 'length':
      return `Use at least ${charactersMin} characters.`
    case 'upper':
    case 'lower':
    case 'digit':
    case 'special':
      return 'Use a capital letter, a small letter, a digit and a special character, at least one of each.'
    case 'name':
      return 'Leave the name of the account out of it.'
    case 'word':
      return 'Leave the names of the unit, of its departments and of this product out of it.'
    case 'common':
      return 'Choose something that nobody would try first: no common word, keyboard run or year with a few signs around it.'
    case 'different':
      return 'Use another password than the current one.'
  }
}

function weak(message: string): ShoukouError {
  return new ShoukouError('password-too-weak', message)
}
