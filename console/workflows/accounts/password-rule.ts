/** What a password of the console must be: the strictest of the unit's rules, all at once. Pure. */
import { ShoukouError } from '@shoukou/protocol'
import { ACCOUNT_LIMITS } from './limits.ts'

const classes: readonly RegExp[] = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{L}\p{N}\s]/u]

/**
 * Returns nothing where a password may be used by an account.
 *
 * @throws ShoukouError `password-too-weak`; the message names the part of the rule that is not met.
 */
export function assertPasswordRule(password: string, name: string): void {
  const characters = Array.from(password).length
  if (characters < ACCOUNT_LIMITS.passwordCharactersMin) {
    throw weak(`Use at least ${ACCOUNT_LIMITS.passwordCharactersMin} characters.`)
  }
  if (characters > ACCOUNT_LIMITS.passwordCharactersMax) {
    throw weak(`Use at most ${ACCOUNT_LIMITS.passwordCharactersMax} characters.`)
  }
  if (!classes.every((one) => one.test(password))) {
    throw weak('Use a capital letter, a small letter, a digit and a special character, at least one of each.')
  }
  if (password.toLowerCase().includes(name.toLowerCase()))
    throw weak('Leave the name of the account out of it.')
}

function weak(message: string): ShoukouError {
  return new ShoukouError('password-too-weak', message)
}
