/**
 * What the store keeps of signing in: sessions, past passwords, second factors, certificates on USB keys, the rules. Part
 * of the store's interface: see `ports.ts`. No secret is here in the clear: what could open something is a hash, or
 * sealed under a key that is not in the database.
 */
import type { Role } from '@shoukou/protocol'

/** What was shown at a sign-in. */
export const SIGN_IN_FACTORS = ['password', 'totp', 'recovery-code', 'certificate'] as const
export type SignInFactor = (typeof SIGN_IN_FACTORS)[number]

/**
 * How far a session goes. `password-change`: as far as changing an expired password. `second-factor-set-up`: as far as
 * setting up the factor that the rules demand. `wall`: what a wall display shows, and nothing else; it is not ended for
 * want of use, but by its own time (`WallRow.expiresAt`).
 */
export const SESSION_REACHES = ['all', 'password-change', 'second-factor-set-up', 'wall'] as const
export type SessionReach = (typeof SESSION_REACHES)[number]

/**
 * Why a session is over. `other-place`: its cookie came from an address, or without the certificate, that it was not
 * opened with. `too-many`: one account has so many at most, and this was the oldest.
 */
export const SESSION_ENDINGS = [
  'signed-out',
  'locked',
  'idle',
  'too-old',
  'clock-set-back',
  'signed-in-again',
  'elsewhere',
  'too-many',
  'ended-by-owner',
  'other-place',
  'password-changed',
  'second-factor-changed',
  'certificate-revoked',
  'role-changed',
  'disabled',
  'reset',
  'wall-over',
  'wall-ended',
] as const
export type SessionEnding = (typeof SESSION_ENDINGS)[number]

export interface SessionRow {
  /** SHA-256 of the cookie's value, hex: the value itself is nowhere. */
  readonly id: string
  readonly account: string
  /** The account's role when it was opened: another one ends the session. */
  readonly role: Role
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly address: string
  /** As the browser called itself, cut: hostile text. */
  readonly browser: string
  readonly factors: readonly SignInFactor[]
  /** Fingerprint of the client certificate that it was opened with. */
  readonly certificate: string | null
  readonly reach: SessionReach
  /** Null while it lasts. One that is over is kept for a while, so that whoever had it is told why. */
  readonly endedAt: number | null
  readonly ending: SessionEnding | null
}

/** Beside the account: what proves that it is its owner. */
export interface CredentialRow {
  readonly account: string
  /** When the password in force was set. */
  readonly passwordAt: number
  /** The TOTP secret, sealed; null where none is in use. */
  readonly totp: string | null
  readonly totpSince: number | null
  /** The newest time step of which a code was accepted: none of it or before it counts again. */
  readonly totpStep: number
  /** A secret that was shown and not yet confirmed by a code, sealed. */
  readonly pending: string | null
  readonly pendingAt: number | null
}

export interface NewPassword {
  readonly hash: string
  readonly at: number
  /** One-time passwords open nothing but their change, and are not remembered. */
  readonly isOneTime: boolean
  /** So many past hashes are kept. */
  readonly historyMax: number
}

export interface CertificateRow {
  /** Upper-case hex, as the TLS layer names it. */
  readonly serial: string
  readonly account: string
  /** SHA-256 of the DER, base64url. */
  readonly fingerprint: string
  readonly issuedAt: number
  readonly issuedBy: string
  readonly reason: string
  readonly expiresAt: number
  readonly revokedAt: number | null
  readonly revokedBy: string | null
  readonly revokedWhy: string | null
}

/** One version of the rules, never changed once made. */
export interface SignInRulesRow {
  readonly version: number
  /** JSON; what it may hold is decided by whoever reads it. */
  readonly settings: string
  readonly at: number
  readonly account: string
  readonly reason: string
}

/** Wrong tries at a name that no account has. */
export interface UnknownNameRow {
  readonly failures: number
  readonly lockedUntil: number | null
}

export interface SignInStore {
  addSession(session: SessionRow): Promise<void>
  /** Also one that is over. */
  session(id: string): Promise<SessionRow | null>
  touchSession(id: string, lastUsedAt: number): Promise<void>
  /** Ends a session that lasts; false where it was over. */
  endSession(id: string, ending: SessionEnding, at: number): Promise<boolean>
  /** Ends those of an account that last, but for one; returns their ids. */
  endSessionsOf(
    account: string,
    end: { readonly ending: SessionEnding; readonly at: number; readonly except?: string },
  ): Promise<readonly string[]>
  /** Those that last, newest first. */
  sessionsOf(account: string): Promise<readonly SessionRow[]>
  /** Ends and returns what is over by time, and removes what was over before `endedBefore`. */
  sweepSessions(now: {
    readonly at: number
    readonly usedBefore: number
    readonly createdBefore: number
    readonly endedBefore: number
  }): Promise<readonly SessionRow[]>

  credential(account: string): Promise<CredentialRow | null>
  /** Sets the password; past ones beyond the newest `historyMax` are forgotten. */
  setPassword(account: string, password: NewPassword): Promise<void>
  /** Hashes, newest first. */
  pastPasswords(account: string, limit: number): Promise<readonly string[]>
  startSecondFactor(account: string, pending: string, at: number): Promise<void>
  /** Puts the pending secret into use, with new recovery codes; false where another is pending by now. */
  confirmSecondFactor(
    account: string,
    confirmed: {
      readonly pending: string
      readonly at: number
      readonly step: number
      readonly recoveryCodes: readonly string[]
    },
  ): Promise<boolean>
  /** Removes secret, pending secret and recovery codes; false where there was no secret in use. */
  removeSecondFactor(account: string): Promise<boolean>
  /** Uses a time step up; false where it, or a later one, was used. */
  useTotpStep(account: string, step: number): Promise<boolean>
  /** Uses a recovery code up, by its hash; false where it is not there or was used. */
  useRecoveryCode(account: string, hash: string, at: number): Promise<boolean>
  replaceRecoveryCodes(account: string, hashes: readonly string[]): Promise<void>
  /** How many are left. */
  recoveryCodesLeft(account: string): Promise<number>
  /** Accounts whose secret is in use. */
  accountsWithSecondFactor(): Promise<readonly string[]>

  /** `key` is a keyed hash: people type passwords into the wrong field. */
  unknownName(key: string): Promise<UnknownNameRow | null>
  /** Forgets the oldest beyond `namesMax`. */
  putUnknownName(key: string, row: UnknownNameRow & { readonly at: number }, namesMax: number): Promise<void>

  addCertificate(certificate: CertificateRow): Promise<void>
  certificate(serial: string): Promise<CertificateRow | null>
  /** Newest first; of one account, or of all. */
  certificates(account?: string): Promise<readonly CertificateRow[]>
  /** Revokes it and ends the sessions that were opened with it; null where it is not there or was revoked. */
  revokeCertificate(
    serial: string,
    by: { readonly at: number; readonly account: string; readonly reason: string },
  ): Promise<readonly string[] | null>

  /** Null where none were ever set. */
  signInRules(): Promise<SignInRulesRow | null>
  /** Adds version `row.version`; false where that version exists already. */
  addSignInRules(row: SignInRulesRow): Promise<boolean>
}
