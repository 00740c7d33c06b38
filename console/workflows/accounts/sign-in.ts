/**
 * Checks a name and a password, and counts the wrong ones.
 *
 * A name that does not exist costs the same time, is locked by the same number of tries and is refused in the same
 * words: nobody learns from outside who has an account. Tries at one name go one after another, so that a burst gets
 * no more tries than its turn.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { AccountRow, Store } from '../../store/ports.ts'
import { ACCOUNT_LIMITS } from './limits.ts'
import { afterWrongPassword, type Failures, lockedForMs, NO_FAILURES } from './lock-out.ts'
import { isPassword } from './password-hash.ts'

export type CheckPassword = (name: string, password: string) => Promise<AccountRow>

/**
 * Returns a check against the accounts of a store. The check resolves with the account.
 *
 * It throws ShoukouError `sign-in-refused` where either is wrong, `account-locked` where it was wrong too often.
 */
export function createPasswordCheck(store: Store, now: () => number): CheckPassword {
  const unknown = new Map<string, Failures>()
  const turns = new Map<string, Promise<unknown>>()

  async function check(name: string, password: string): Promise<AccountRow> {
    const account = await store.account(name)
    const state = account ?? unknown.get(name) ?? NO_FAILURES
    assertOpen(state, now())
    if ((await isPassword(password, account?.passwordHash ?? null)) && account !== null) {
      await store.updateAccount(name, { failures: 0, lockedUntil: null })
      return { ...account, failures: 0, lockedUntil: null }
    }
    const after = afterWrongPassword(state, now())
    if (account === null) rememberUnknown(name, after)
    else await store.updateAccount(name, { failures: after.failures, lockedUntil: after.lockedUntil })
    assertOpen(after, now())
    throw new ShoukouError('sign-in-refused', 'Name or password is wrong; check both.')
  }

  function rememberUnknown(name: string, state: Failures): void {
    unknown.delete(name)
    unknown.set(name, state)
    const oldest = unknown.keys().next().value
    if (unknown.size > ACCOUNT_LIMITS.unknownNamesMax && oldest !== undefined) unknown.delete(oldest)
  }

  return async (name, password) => {
    const before = turns.get(name) ?? Promise.resolve()
    const turn = before.then(
      () => check(name, password),
      () => check(name, password),
    )
    turns.set(name, turn)
    try {
      return await turn
    } finally {
      if (turns.get(name) === turn) turns.delete(name)
    }
  }
}

function assertOpen(state: Failures, now: number): void {
  const ms = lockedForMs(state, now)
  if (ms === 0) return
  const minutes = Math.ceil(ms / 60_000)
  throw new ShoukouError(
    'account-locked',
    `Too many wrong passwords: locked for ${minutes} more ${minutes === 1 ? 'minute' : 'minutes'}.`,
    { context: { minutes } },
  )
}
