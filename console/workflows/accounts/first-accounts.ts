/**
 * The accounts of the first run, one per role, and the way back in for one who has forgotten. Their passwords are
 * random, good for one sign-in that must change them, and shown once by the caller: there is no default password.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { Role, Store } from '../../store/ports.ts'
import { makeOneTimePassword } from './one-time-password.ts'
import { hashPassword } from './password-hash.ts'
import { endSessionsOf } from './session.ts'

export interface FirstAccount {
  readonly name: string
  readonly role: Role
  /** One-time; nowhere else than in this answer. */
  readonly password: string
}

const firstAccounts: readonly { readonly name: string; readonly role: Role }[] = [
  { name: 'sysadmin', role: 'sys-admin' },
  { name: 'secadmin', role: 'sec-admin' },
  { name: 'auditor', role: 'auditor' },
]

/**
 * Makes the three accounts where there was never one, and returns them; else returns none: bootstrap is over for ever,
 * also where all accounts are disabled or their rows are gone.
 */
export async function createFirstAccounts(store: Store, now: number): Promise<FirstAccount[]> {
  if (await store.hadAccounts()) return []
  const made = await Promise.all(
    firstAccounts.map(async ({ name, role }) => {
      const password = makeOneTimePassword()
      return { name, role, password, passwordHash: await hashPassword(password) }
    }),
  )
  // All three or none: a console without one of its roles could never get it.
  const isFirst = await store.addFirstAccounts(
    made.map(({ name, role, passwordHash }) => ({
      name,
      role,
      passwordHash,
      mustChange: true,
      failures: 0,
      lockedUntil: null,
      createdAt: now,
    })),
  )
  if (!isFirst) return []
  return made.map(({ name, role, password }) => ({ name, role, password }))
}

/**
 * Gives an account a new one-time password, opens its lock, removes its second factor and ends its sessions; returns the
 * password.
 *
 * @throws ShoukouError `not-found` where no account has that name.
 */
export async function resetAccount(store: Store, name: string, now: number = Date.now()): Promise<string> {
  const account = await store.account(name)
  if (account === null) {
    const names = (await store.accounts()).map((one) => one.name).join(', ')
    throw new ShoukouError(
      'not-found',
      `No account has this name; there are: ${names === '' ? 'none' : names}.`,
    )
  }
  const password = makeOneTimePassword()
  const passwordHash = await hashPassword(password)
  await store.setPassword(name, { hash: passwordHash, at: now, isOneTime: true, historyMax: 0 })
  await store.updateAccount(name, { failures: 0, lockedUntil: null })
  // Whoever lost the telephone is helped by the same act; the rules ask for another second factor where they demand one.
  await store.removeSecondFactor(name)
  await endSessionsOf(store, name, 'reset', now)
  return password
}
