/** Changing one's own password: the current one again, the rule, and every session of the account ends. */
import { ShoukouError } from '@shoukou/protocol'
import type { AccountRow, Store } from '../../store/ports.ts'
import { hashPassword } from './password-hash.ts'
import { assertPasswordRule } from './password-rule.ts'
import type { CheckPassword } from './sign-in.ts'

export interface PasswordChange {
  readonly name: string
  readonly current: string
  readonly next: string
}

/**
 * Sets a new password and ends the account's sessions, this one included; returns the account.
 *
 * @throws ShoukouError `sign-in-refused` or `account-locked` for the current password, `password-too-weak` for the next.
 */
export async function changePassword(
  store: Store,
  check: CheckPassword,
  change: PasswordChange,
): Promise<AccountRow> {
  const account = await check(change.name, change.current)
  assertPasswordRule(change.next, change.name)
  if (change.next.normalize('NFC') === change.current.normalize('NFC')) {
    throw new ShoukouError('password-too-weak', 'Use another password than the current one.')
  }
  const passwordHash = await hashPassword(change.next)
  await store.updateAccount(change.name, { passwordHash, mustChange: false })
  await store.removeSessionsOf(change.name)
  return { ...account, passwordHash, mustChange: false }
}
