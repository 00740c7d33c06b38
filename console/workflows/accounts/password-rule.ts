/** Refuses a new password in words that name what it lacks. The rule itself is `@shoukou/protocol/password-rule.ts`. Pure. */
import { ShoukouError } from '@shoukou/protocol'
import { missingPasswordDemands, type PasswordDemand } from '@shoukou/protocol/password-rule.ts'
import { ACCOUNT_LIMITS } from './limits.ts'

/**
 * Returns nothing where a password may be used by an account.
 *
 * @throws ShoukouError `password-too-weak`; the message names the part of the rule that is not met.
 */
export function assertPasswordRule(
  password: string,
  name: string,
  charactersMin: number = ACCOUNT_LIMITS.passwordCharactersMin,
): void {
  if (Array.from(password).length > ACCOUNT_LIMITS.passwordCharactersMax) {
    throw weak(`Use at most ${ACCOUNT_LIMITS.passwordCharactersMax} characters.`)
  }
  const [missing] = missingPasswordDemands(password, { name, current: '', charactersMin })
  if (missing !== undefined) throw weak(wordsOf(missing, charactersMin))
}

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
    case 'different':
      return 'Use another password than the current one.'
  }
}

function weak(message: string): ShoukouError {
  return new ShoukouError('password-too-weak', message)
}
