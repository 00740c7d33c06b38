/**
 * The second factor of an account: set up by its owner, counted only after a code has proven that the telephone has the
 * secret, removed by its owner with password and code, or by a reset.
 */
import { randomBytes } from 'node:crypto'
import { ShoukouError } from '@shoukou/protocol'
import type { Store } from '../../store/ports.ts'
import { ACCOUNT_LIMITS } from './limits.ts'
import { makeRecoveryCodes } from './recovery-codes.ts'
import type { CheckShown, Proven, Shown } from './sign-in.ts'
import type { SignInKeys } from './sign-in-keys.ts'
import type { SignInRules } from './sign-in-rules.ts'
import { base32Of, matchTotp, otpauthAddress, TOTP } from './totp.ts'

export interface SecondFactorOptions {
  readonly store: Store
  readonly keys: SignInKeys
  readonly check: CheckShown
  readonly rules: () => SignInRules
  readonly now: () => number
  /** How the application on the telephone calls this console. */
  readonly issuer: string
}

/** Shown once, to its owner. */
export interface NewSecret {
  /** Base32. */
  readonly secret: string
  /** For the QR code. */
  readonly address: string
}

export interface SecondFactors {
  /** Makes a secret that does not count yet. The password again, and a code where one is in use already. */
  start(name: string, shown: Shown): Promise<NewSecret>
  /**
   * Puts the secret into use; returns the recovery codes, which are nowhere else.
   *
   * @throws ShoukouError `sign-in-refused` where the code is not the secret's, `not-found` where none waits.
   */
  confirm(name: string, code: string): Promise<readonly string[]>
  /** @throws ShoukouError `second-factor-needed` where the rules demand it: another one may be set up in its place. */
  remove(name: string, shown: Shown): Promise<void>
  /** Returns new recovery codes; the old ones open nothing any more. */
  renewRecoveryCodes(name: string, shown: Shown): Promise<readonly string[]>
}

export function createSecondFactors(options: SecondFactorOptions): SecondFactors {
  const { store, keys, check, rules, now, issuer } = options
  const hashed = (name: string, codes: readonly string[]): string[] =>
    codes.map((code) => keys.recoveryHash(name, code))
  return {
    start: async (name, shown) => {
      await check(name, shown, 'code')
      const secret = randomBytes(TOTP.secretBytes)
      await store.startSecondFactor(name, keys.seal(name, secret), now())
      const made = { secret: base32Of(secret), address: otpauthAddress({ issuer, account: name, secret }) }
      secret.fill(0)
      return made
    },
    confirm: async (name, code) => {
      const credential = await store.credential(name)
      const pending = credential?.pending ?? null
      if (pending === null || now() - (credential?.pendingAt ?? 0) > ACCOUNT_LIMITS.pendingSecretMs) {
        throw new ShoukouError('not-found', 'No new secret waits for its first code; begin again.')
      }
      const secret = keys.open(name, pending)
      const step = matchTotp(secret, code.replaceAll(/\s/g, ''), { nowMs: now(), usedStep: 0 })
      secret.fill(0)
      if (step === null) {
        throw new ShoukouError(
          'sign-in-refused',
          'The code is not the one of this secret; check the clock of the telephone.',
          { context: { why: 'wrong-code' } },
        )
      }
      const codes = makeRecoveryCodes()
      const isDone = await store.confirmSecondFactor(name, {
        pending,
        at: now(),
        step,
        recoveryCodes: hashed(name, codes),
      })
      if (!isDone) throw new ShoukouError('edit-conflict', 'Another secret was begun meanwhile; begin again.')
      return codes
    },
    remove: async (name, shown) => {
      const proven = await proveCode(check, name, shown)
      if (isDemanded(rules(), proven) && !(await hasCertificate(store, name, now()))) {
        throw new ShoukouError(
          'second-factor-needed',
          'The rules demand a second factor of this role; set up another one in its place.',
        )
      }
      await store.removeSecondFactor(name)
    },
    renewRecoveryCodes: async (name, shown) => {
      await proveCode(check, name, shown)
      const codes = makeRecoveryCodes()
      await store.replaceRecoveryCodes(name, hashed(name, codes))
      return codes
    },
  }
}

/** Reports whether the rules demand a second factor of an account. */
export function isDemanded(rules: SignInRules, { account }: Pick<Proven, 'account'>): boolean {
  return rules.secondFactorRoles.includes(account.role)
}

async function proveCode(check: CheckShown, name: string, shown: Shown): Promise<Proven> {
  const proven = await check(name, shown, 'code')
  if (proven.factors.length > 1) return proven
  throw new ShoukouError('not-found', 'No authenticator application is in use for this account.')
}

async function hasCertificate(store: Store, name: string, now: number): Promise<boolean> {
  const all = await store.certificates(name)
  return all.some(({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > now)
}
