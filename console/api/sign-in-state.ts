/** What a session's answer says of signing in: what is left to mend, when the password ends, when the page locks. */
import { type Level, PRODUCT_VERSION, ROLE_PERMISSIONS } from '@shoukou/protocol'
import type { Store } from '../store/ports.ts'
import { ACCOUNT_LIMITS } from '../workflows/accounts/limits.ts'
import type { SessionLimits, SignedIn } from '../workflows/accounts/session.ts'
import { passwordEndsAt, type SignInRules } from '../workflows/accounts/sign-in-rules.ts'
import type { SessionAnswer } from './contract.ts'
import type { SignInState } from './contract-sign-in.ts'

export interface StateOptions {
  readonly store: Store
  readonly rules: () => SignInRules
  readonly sessionLimits: SessionLimits
  readonly now: () => number
  readonly unit: string
  /** What no password may hold, as everybody may know it. */
  readonly words: readonly string[]
  readonly level: Level
}

/** What an account has beside its password. */
export interface Standing {
  readonly passwordAt: number
  readonly passwordEndsAt: number
  readonly totpSince: number | null
  readonly hasSecondFactor: boolean
}

/** Reads it. */
export async function readStanding(
  { store, rules, now }: Pick<StateOptions, 'store' | 'rules' | 'now'>,
  account: SignedIn['account'],
): Promise<Standing> {
  const [credential, certificates] = await Promise.all([
    store.credential(account.name),
    store.certificates(account.name),
  ])
  const hasCertificate = certificates.some(
    ({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > now(),
  )
  const totpSince = credential?.totpSince ?? null
  const hasSecondFactor = totpSince !== null || hasCertificate
  const passwordAt = credential?.passwordAt ?? account.createdAt
  return {
    passwordAt,
    passwordEndsAt: passwordEndsAt(rules(), passwordAt, hasSecondFactor),
    totpSince,
    hasSecondFactor,
  }
}

/** Returns the answer for whoever is signed in. */
export async function sessionAnswer(options: StateOptions, signedIn: SignedIn): Promise<SessionAnswer> {
  const { account, session } = signedIn
  const standing = await readStanding(options, account)
  const isLimited = account.mustChange || session.reach !== 'all'
  return {
    name: account.name,
    role: account.role,
    department: account.department,
    mustChangePassword: account.mustChange || session.reach === 'password-change',
    permissions: isLimited ? [] : [...ROLE_PERMISSIONS[account.role]],
    console: { level: options.level, unit: options.unit, version: PRODUCT_VERSION },
    signIn: stateOf(options, signedIn, standing),
  }
}

function stateOf(
  { rules, sessionLimits, words }: StateOptions,
  { account, session }: SignedIn,
  standing: Standing,
): SignInState {
  const ownPassword = session.reach === 'password-change' ? 'expired' : 'own'
  const ownFactor = standing.hasSecondFactor ? 'in-use' : 'none'
  return {
    password: account.mustChange ? 'one-time' : ownPassword,
    passwordEndsAt: standing.passwordEndsAt,
    passwordCharactersMin: rules().passwordCharactersMin,
    passwordWords: [...words],
    secondFactor: session.reach === 'second-factor-set-up' ? 'to-set-up' : ownFactor,
    idleMs: sessionLimits.idleMs,
    warningMs: Math.min(ACCOUNT_LIMITS.idleWarningMs, Math.floor(sessionLimits.idleMs / 2)),
  }
}
