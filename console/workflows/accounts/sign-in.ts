/**
 * Checks what somebody shows at the door: a name, a password, a code or a certificate on a USB key; and counts what is
 * wrong.
 *
 * A name that does not exist costs the same time, is locked by the same number of tries, is written down the same way
 * and is refused in the same words; so are a wrong password, a wrong code and a missing key. Nobody learns from outside
 * who has an account, or which of what was shown was right. Which it was, the administrators' log says. Tries at one
 * name go one after another, so that a burst gets no more tries than its turn.
 */
import { ShoukouError } from '@shoukou/protocol'
import type { AccountRow, Store } from '../../store/ports.ts'
import type { CertificateRow, CredentialRow, SignInFactor } from '../../store/sign-in-ports.ts'
import { ACCOUNT_LIMITS } from './limits.ts'
import { afterWrongPassword, type Failures, lockedForMs, NO_FAILURES } from './lock-out.ts'
import { isPassword } from './password-hash.ts'
import { readRecoveryCode } from './recovery-codes.ts'
import type { SignInKeys } from './sign-in-keys.ts'
import type { SignInRules } from './sign-in-rules.ts'
import { matchTotp, TOTP } from './totp.ts'

export interface Shown {
  readonly password: string
  /** Of the authenticator application, or a recovery code. */
  readonly code?: string | undefined
  /** Already judged to be good: see `client-certificate.ts`. */
  readonly certificate?: CertificateRow | null
}

/** What was proven, and what else there would be. */
export interface Proven {
  readonly account: AccountRow
  readonly factors: readonly SignInFactor[]
  readonly certificate: CertificateRow | null
  /** A code or a certificate is in use, whether or not it was asked for here. */
  readonly hasSecondFactor: boolean
  readonly passwordAt: number
}

/**
 * `sign-in`: everything that the account has and the rules demand. `password`: the password alone, within a session.
 * `code`: the password, and a code where an authenticator application is in use.
 */
export type Demand = 'sign-in' | 'password' | 'code'

/**
 * Resolves with what was proven. Throws ShoukouError `sign-in-refused` where anything is wrong, `account-locked` where it
 * was wrong too often, `rate-limited` where too many wait; the context's `why` is for the administrators' log alone.
 */
export type CheckShown = (name: string, shown: Shown, demand: Demand) => Promise<Proven>

export interface CheckOptions {
  readonly store: Store
  readonly keys: SignInKeys
  readonly rules: () => SignInRules
  readonly now: () => number
}

/** Returns a check against the accounts of a store. */
export function createSignInCheck(options: CheckOptions): CheckShown {
  const turns = new Map<string, { last: Promise<unknown>; waiting: number }>()
  return async (name, shown, demand) => {
    const turn = turns.get(name) ?? { last: Promise.resolve(), waiting: 0 }
    if (turn.waiting >= ACCOUNT_LIMITS.triesWaitingMax) {
      throw new ShoukouError('rate-limited', 'Too many tries at this name at one moment; wait.')
    }
    const mine = turn.last.then(() => checkOnce(options, name, { shown, demand }))
    turn.waiting += 1
    turn.last = mine.catch(() => undefined)
    turns.set(name, turn)
    try {
      return await mine
    } finally {
      turn.waiting -= 1
      if (turn.waiting === 0) turns.delete(name)
    }
  }
}

interface Asked {
  readonly shown: Shown
  readonly demand: Demand
}

interface Known {
  readonly account: AccountRow | null
  readonly credential: CredentialRow | null
  /** Neither revoked nor past its end. */
  readonly certificates: readonly CertificateRow[]
}

async function checkOnce(options: CheckOptions, name: string, asked: Asked): Promise<Proven> {
  const { store, keys, rules, now } = options
  const nameHash = keys.nameHash(name)
  // The same reads whoever it is.
  const [account, unknown, credential, certificates] = await Promise.all([
    store.account(name),
    store.unknownName(nameHash),
    store.credential(name),
    store.certificates(name),
  ])
  const state: Failures = account ?? unknown ?? NO_FAILURES
  assertOpen(state, now())
  const known = { account, credential, certificates: certificates.filter((one) => isGood(one, now())) }
  const isRight = await isPassword(asked.shown.password, account?.passwordHash ?? null)
  const judged = await judge(options, known, { ...asked, isRight })
  if (typeof judged !== 'string') {
    if (state.failures > 0 || state.lockedUntil !== null)
      await store.updateAccount(name, { failures: 0, lockedUntil: null })
    return { ...judged, account: { ...judged.account, failures: 0, lockedUntil: null } }
  }
  const after = afterWrongPassword(state, now(), rules())
  if (account === null)
    await store.putUnknownName(nameHash, { ...after, at: now() }, ACCOUNT_LIMITS.unknownNamesMax)
  else await store.updateAccount(name, { failures: after.failures, lockedUntil: after.lockedUntil })
  assertOpen(after, now(), judged)
  throw new ShoukouError('sign-in-refused', refusedText, { context: { why: judged } })
}

const refusedText = 'Name, password, code or USB key is wrong or missing; check all of them.'

/** For the administrators' log. */
type Why =
  | 'unknown-name'
  | 'wrong-password'
  | 'not-active'
  | 'code-missing'
  | 'wrong-code'
  | 'certificate-missing'

async function judge(
  options: CheckOptions,
  { account, credential, certificates }: Known,
  { shown, demand, isRight }: Asked & { readonly isRight: boolean },
): Promise<Proven | Why> {
  const code = readCode(options, credential, shown.code)
  if (account === null) return 'unknown-name'
  if (!isRight) return 'wrong-password'
  if (account.state !== 'active') return 'not-active'
  const hasCode = credential !== null && credential.totp !== null
  const certificate = shown.certificate?.account === account.name ? shown.certificate : null
  const proven = (factors: readonly SignInFactor[]): Proven => ({
    account,
    factors: ['password', ...factors],
    certificate,
    hasSecondFactor: hasCode || certificates.length > 0,
    passwordAt: credential?.passwordAt ?? account.createdAt,
  })
  if (demand === 'password') return proven([])
  if (demand === 'sign-in') {
    if (certificate !== null) return proven(['certificate'])
    if (options.rules().certificateRoles.includes(account.role)) return 'certificate-missing'
    if (!hasCode && certificates.length > 0) return 'certificate-missing'
  }
  if (!hasCode) return proven([])
  const used = await useUp(options, account.name, code)
  return typeof used === 'object' ? proven([used.factor]) : used
}

type ReadCode =
  | { readonly kind: 'none' | 'wrong' }
  | { readonly kind: 'totp'; readonly step: number }
  | { readonly kind: 'recovery'; readonly hash: string }

/** What a code would be, if the password is right. The same work whoever it is. */
function readCode(
  { keys, now }: CheckOptions,
  credential: CredentialRow | null,
  typed: string | undefined,
): ReadCode {
  const sealed = credential?.totp ?? null
  const secret =
    sealed === null || credential === null
      ? Buffer.alloc(TOTP.secretBytes)
      : keys.open(credential.account, sealed)
  const plain = (typed ?? '').replaceAll(/\s/g, '')
  const step = matchTotp(secret, plain, { nowMs: now(), usedStep: credential?.totpStep ?? 0 })
  secret.fill(0)
  const recovery = readRecoveryCode(typed ?? '')
  const hash = keys.recoveryHash(credential?.account ?? '', recovery ?? '')
  if (plain === '') return { kind: 'none' }
  if (sealed !== null && step !== null) return { kind: 'totp', step }
  return recovery === null ? { kind: 'wrong' } : { kind: 'recovery', hash }
}

async function useUp(
  { store, now }: CheckOptions,
  account: string,
  code: ReadCode,
): Promise<{ readonly factor: SignInFactor } | Why> {
  switch (code.kind) {
    case 'none':
      return 'code-missing'
    case 'wrong':
      return 'wrong-code'
    case 'totp':
      return (await store.useTotpStep(account, code.step)) ? { factor: 'totp' } : 'wrong-code'
    case 'recovery':
      return (await store.useRecoveryCode(account, code.hash, now()))
        ? { factor: 'recovery-code' }
        : 'wrong-code'
  }
}

function isGood(certificate: CertificateRow, now: number): boolean {
  return certificate.revokedAt === null && certificate.expiresAt > now
}

function assertOpen(state: Failures, now: number, why: Why | 'locked' = 'locked'): void {
  const ms = lockedForMs(state, now)
  if (ms === 0) return
  const minutes = Math.ceil(ms / 60_000)
  throw new ShoukouError(
    'account-locked',
    `Too many wrong tries: locked for ${minutes} more ${minutes === 1 ? 'minute' : 'minutes'}.`,
    { context: { minutes, why } },
  )
}
