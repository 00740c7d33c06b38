/** Changing one's own password: the current one again, the rule, none of the past ones, and the other sessions end. */
import { ShoukouError } from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'
import type { LeakedPasswords } from './leaked-passwords.ts'
import { hashPassword, isPassword } from './password-hash.ts'
import { assertPasswordRule } from './password-rule.ts'
import { endSessionsOf } from './session.ts'
import type { CheckShown, Proven } from './sign-in.ts'
import { passwordEndsAt, type SignInRules } from './sign-in-rules.ts'

export interface PasswordChange {
  readonly name: string
  readonly current: string
  readonly next: string
}

export interface ChangeOptions {
  readonly store: Store
  readonly check: CheckShown
  readonly rules: SignInRules
  /** What no password may hold, beside the account's name. */
  readonly words: readonly string[]
  readonly leaked: LeakedPasswords
  readonly now: number
}

/**
 * Sets a new password and ends the account's sessions, this one included; returns what is proven of the account now.
 *
 * @throws ShoukouError `sign-in-refused` or `account-locked` for the current password, `password-too-weak`,
 * `password-leaked`, `password-used-before` or `password-too-new` for the next.
 */
export async function changePassword(
  { store, check, rules, words, leaked, now }: ChangeOptions,
  change: PasswordChange,
): Promise<Proven> {
  const proven = await check(change.name, { password: change.current }, 'password')
  assertPasswordRule(change.next, change.name, { charactersMin: rules.passwordCharactersMin, words })
  if (change.next.normalize('NFC') === change.current.normalize('NFC')) {
    throw new ShoukouError('password-too-weak', 'Use another password than the current one.')
  }
  assertOldEnough(proven, rules, now)
  if (await leaked.has(change.next)) {
    throw new ShoukouError(
      'password-leaked',
      'It stands in a list of passwords that leaked: choose another one.',
    )
  }
  await assertNotUsedBefore(store, change, rules.passwordsRemembered)
  const hash = await hashPassword(change.next)
  await store.setPassword(change.name, {
    hash,
    at: now,
    isOneTime: false,
    historyMax: rules.passwordsRemembered,
  })
  await endSessionsOf(store, change.name, 'password-changed', now)
  return { ...proven, passwordAt: now, account: { ...proven.account, passwordHash: hash, mustChange: false } }
}

/** Nobody cycles through new passwords to come back to an old one; whoever must change it, may. */
function assertOldEnough(proven: Proven, rules: SignInRules, now: number): void {
  const { account, passwordAt, hasSecondFactor } = proven
  if (account.mustChange || now >= passwordEndsAt(rules, passwordAt, hasSecondFactor)) return
  // A clock that was set back makes no password new.
  const age = Math.abs(now - passwordAt)
  // The password that an account was made with was never chosen here.
  if (passwordAt === account.createdAt || age >= rules.passwordHoursMin * 3_600_000) return
  throw new ShoukouError(
    'password-too-new',
    `The password was changed less than ${rules.passwordHoursMin} hours ago; where it has become known, ask the system administrator for a one-time password.`,
  )
}

/** Each comparison costs as much as a sign-in: their number has a limit, and they go one after another. */
async function assertNotUsedBefore(
  store: Store,
  { name, next }: PasswordChange,
  remembered: number,
): Promise<void> {
  for (const past of await store.pastPasswords(name, remembered)) {
    if (await isPassword(next, past)) {
      throw new ShoukouError(
        'password-used-before',
        `It was used before: choose one that is none of the last ${remembered}.`,
      )
    }
  }
}
